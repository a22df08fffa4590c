from . import account_move
from . import account_move_send
from . import helpdesk_billing_run
from . import helpdesk_billing_run_line
from . import helpdesk_team
from . import res_partner
from . import sale_order
from . import sale_order_line
