from . import test_products
