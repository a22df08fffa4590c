from . import helpdesk_time_statement
