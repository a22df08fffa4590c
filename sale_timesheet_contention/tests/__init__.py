from . import test_contention
