from . import test_import_tickets
from . import test_import_time
from . import test_migration_server
from . import test_migration_tickets
from . import test_migration_time
from . import test_moving_in_page
from . import test_other_desks
