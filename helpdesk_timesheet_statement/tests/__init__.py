from . import (
    test_screens,
    test_statement_of_invoices,
    test_time_statement,
    test_tour,
    test_whole_surface,
)
