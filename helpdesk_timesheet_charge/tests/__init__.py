from . import test_kind_corners
from . import test_kind_items
from . import test_kind_rules
from . import test_kind_sequences
from . import test_out_of_hours
from . import test_rounded_together
from . import test_texts_and_traces
from . import test_write_off
