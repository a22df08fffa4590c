from . import time

from . import billing

from . import invoicing

from . import sale_order_line_statement
from . import sale_order_statement
