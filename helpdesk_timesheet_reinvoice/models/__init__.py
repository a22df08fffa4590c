# first, so that tickets and projects of new lines are known when it sees them
from . import account_analytic_line_batch

from . import account_analytic_line
from . import account_analytic_line_billing
from . import account_analytic_line_by_hand
from . import account_analytic_line_delivered
from . import account_analytic_line_invoice
from . import account_analytic_line_locked
from . import account_analytic_line_text
from . import account_move
from . import account_move_credit
from . import account_move_credit_time
from . import account_move_line
from . import account_move_reset
from . import account_move_time
from . import helpdesk_team
from . import helpdesk_ticket
from . import helpdesk_ticket_access
from . import helpdesk_ticket_invoice
from . import helpdesk_ticket_move
from . import helpdesk_ticket_portal
from . import helpdesk_ticket_sale
from . import helpdesk_ticket_search
from . import helpdesk_ticket_settle
from . import project_project
from . import project_sale_line_employee_map
from . import project_task
from . import res_config_settings
from . import res_partner
from . import sale_order
from . import sale_order_customer
from . import sale_order_line
from . import sale_order_line_invoice
from . import sale_order_line_ticket
from . import sale_order_line_time
from . import sale_order_ticket

# last, so that values are checked before the files above see them
from . import account_analytic_line_input
from . import helpdesk_ticket_input
from . import sale_order_line_input
