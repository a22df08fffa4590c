from . import helpdesk_work_in_progress
