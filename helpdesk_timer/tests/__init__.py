from . import (
    test_answer,
    test_timer,
    test_timer_access,
    test_timer_days,
    test_timer_sequences,
    test_whole_surface,
)
