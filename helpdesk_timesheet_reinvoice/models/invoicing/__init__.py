from . import account_analytic_line
from . import account_move
from . import account_move_line
from . import helpdesk_team
from . import helpdesk_ticket
from . import res_partner
from . import sale_order
from . import sale_order_line
