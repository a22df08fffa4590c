from . import test_agreement
from . import test_approval
from . import test_approval_sequences
from . import test_closed_periods
