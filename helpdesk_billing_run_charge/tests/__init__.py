from . import test_work_in_progress
