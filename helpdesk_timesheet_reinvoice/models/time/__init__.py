from . import account_analytic_line
from . import helpdesk_team
from . import helpdesk_time_entry_mixin
from . import helpdesk_ticket
from . import project_project
from . import project_task
from . import res_config_settings
from . import res_partner
