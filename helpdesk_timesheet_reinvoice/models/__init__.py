from . import time

from . import billing

from . import invoicing
