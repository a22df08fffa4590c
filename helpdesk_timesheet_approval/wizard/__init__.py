from . import helpdesk_time_reject
