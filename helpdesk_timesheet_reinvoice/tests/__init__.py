from . import (
    test_allowed_items,
    test_manual_page,
    test_merge,
    test_moves,
    test_portal_time,
    test_presets,
    test_sale_line_choice,
    test_time_reports,
    test_time_statement,
    test_tour,
    test_volume,
)
