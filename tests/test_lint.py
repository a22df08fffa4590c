"""What `make lint` checks, one test each."""

import pytest

from devtools import lint


@pytest.mark.parametrize("name", lint.CHECKS)
def test_lint(name):
    found = lint.CHECKS[name]()
    assert not found, "\n".join(found)
