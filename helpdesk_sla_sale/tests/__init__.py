from . import test_products, test_sla_surface
