"""What the tests of this directory share; the fixtures are in conftest.py."""
