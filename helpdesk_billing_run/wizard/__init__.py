from . import helpdesk_leak_no_time
