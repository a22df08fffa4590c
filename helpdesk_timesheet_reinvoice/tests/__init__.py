from . import test_manual_page, test_sale_line_choice
