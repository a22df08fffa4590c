from . import test_billing_run
from . import test_leaks
from . import test_period_before
from . import test_rehearsal
from . import test_screens
from . import test_sending
from . import test_whole_surface
from . import test_work_in_progress
