from . import account_move_reversal
from . import base_partner_merge
from . import helpdesk_time_credit
