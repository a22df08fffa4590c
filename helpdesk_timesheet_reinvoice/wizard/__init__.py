from . import account_move_reversal
from . import helpdesk_time_credit
