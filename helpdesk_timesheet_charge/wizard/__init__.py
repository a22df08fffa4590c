from . import helpdesk_write_off
