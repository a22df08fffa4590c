from . import account_move_reversal
from . import helpdesk_time_credit
from . import sale_advance_payment_inv
