from . import test_kinds_of_packs
