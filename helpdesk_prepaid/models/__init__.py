from . import product_template
from . import helpdesk_pack_movement
from . import sale_order_line
from . import sale_order
from . import account_analytic_line
from . import helpdesk_ticket
from . import helpdesk_team
from . import sale_delivered_refresh
