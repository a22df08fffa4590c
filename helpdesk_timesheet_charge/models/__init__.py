from . import account_analytic_line
from . import helpdesk_team
from . import helpdesk_ticket
from . import helpdesk_ticket_type
from . import helpdesk_work_type
from . import sale_order
from . import sale_order_line
