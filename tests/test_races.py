"""Time recorded while its ticket moves: both orders of two real transactions."""

import json
import subprocess

import pytest

from devtools import paths

SCRIPT = paths.ROOT / "tests" / "helpers" / "races.py"
MOVES = ("customer", "item", "team", "merge", "billing off")


@pytest.fixture(scope="module")
def races(bench):
    database = bench.database("races", "addons")
    odoo = database.odoo
    with open(SCRIPT, "rb") as code:
        done = subprocess.run(
            [
                str(part)
                for part in odoo.command("shell", "-d", database.name, "--no-http")
            ],
            env=odoo.env,
            stdin=code,
            capture_output=True,
            text=True,
            timeout=600,
        )
    database.drop()
    lines = [x for x in done.stdout.splitlines() if x.startswith("RACE ")]
    results = [json.loads(line.removeprefix("RACE ")) for line in lines]
    assert len(results) == 2 * len(MOVES), done.stderr[-3000:]
    return {(r["kind"], r["logged_first"]): r for r in results}


@pytest.mark.parametrize("kind", MOVES)
@pytest.mark.parametrize("logged_first", [True, False])
def test_time_is_where_its_ticket_is(races, kind, logged_first):
    result = races[kind, logged_first]
    if kind == "merge" and not logged_first:
        # nothing is recorded on a ticket that is gone: the sentence names the survivor
        assert "merged into" in result["refused"]
        return
    assert not result["refused"]
    assert result["hours"] == [1.0]
    assert result["place"] == result["right"]
    assert result["delivered"] == result["counted"]
