from . import helpdesk_import_mapping
from . import helpdesk_import_mixin
from . import account_analytic_line
from . import helpdesk_ticket
from . import helpdesk_migration
from . import helpdesk_migration_map
from . import helpdesk_migration_line
