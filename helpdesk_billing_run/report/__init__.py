from . import helpdesk_leak
from . import helpdesk_utilization
from . import helpdesk_work_in_progress
