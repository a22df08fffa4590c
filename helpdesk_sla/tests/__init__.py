from . import (
    test_clocks,
    test_policies,
    test_sla_access,
    test_sla_performance,
    test_sla_screens,
    test_warnings,
)
