from . import test_service_period
