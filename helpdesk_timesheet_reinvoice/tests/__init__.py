from . import test_manual_page
