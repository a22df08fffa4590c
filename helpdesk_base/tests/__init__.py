from . import (
    test_access,
    test_assignment,
    test_input,
    test_mail,
    test_merge,
    test_partner,
    test_performance,
    test_portal,
    test_team,
    test_ticket,
    test_tour,
)
