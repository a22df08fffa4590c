from . import helpdesk_import_mapping
from . import helpdesk_import_mixin
from . import account_analytic_line
from . import helpdesk_ticket
