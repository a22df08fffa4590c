from . import account_analytic_line
from . import helpdesk_team
from . import helpdesk_ticket
from . import helpdesk_time_agreement
from . import res_company
from . import res_config_settings
from . import res_partner
from . import sale_order_line
