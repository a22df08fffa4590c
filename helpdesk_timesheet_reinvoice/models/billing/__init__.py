from . import account_analytic_line
from . import helpdesk_team
from . import helpdesk_ticket
from . import project_project
from . import project_sale_line_employee_map
from . import res_partner
from . import sale_order
from . import sale_order_line
