from . import base_partner_merge
from . import helpdesk_ticket_merge
from . import helpdesk_ticket_snooze
from . import helpdesk_ticket_split
