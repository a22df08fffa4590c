"""The machine of the invariants on stock tasks, where none of our code is installed.

It proves that the machine can fail, and says what differs from ticket time; see
``docs/stock-comparison.md``. ``REINVOICE_STEPS`` and ``REINVOICE_SEED`` are those of
the addon's test; ``REINVOICE_SHORTEST=1`` looks for the shortest way to each failure.
"""

import json
import os

import pytest

from devtools import paths

STEPS = int(os.environ.get("REINVOICE_STEPS", "250"))
SEED = int(os.environ.get("REINVOICE_SEED", "19"))
SHORTEST = os.environ.get("REINVOICE_SHORTEST") == "1"
pytestmark = pytest.mark.deep

PLAY = """
import dataclasses, json, sys
sys.path.insert(0, {tests!r})
from odoo.tests.common import new_test_user
from invariants import machine, report, tasks
quiet = env(context=dict(env.context, tracking_disable=True, no_reset_password=True))
world = tasks.TaskWorld(quiet, new_test_user)
found = report.collect(world, machine.Machine, {steps}, {seed}, {short})
print("REPORT " + json.dumps(dataclasses.asdict(found)))
"""


@pytest.fixture(scope="module")
def report(bench):
    database = bench.database("stock_machine", "plain")
    code = PLAY.format(
        tests=str(paths.ROOT / "helpdesk_timesheet_reinvoice" / "tests"),
        steps=STEPS,
        seed=SEED,
        short=SHORTEST,
    )
    printed = database.shell(code, seconds=300 + 2 * STEPS)
    database.drop()
    [line] = [row for row in printed.splitlines() if row.startswith("REPORT ")]
    result = json.loads(line.removeprefix("REPORT "))
    path = paths.ARTIFACTS / "stock-comparison.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1))
    return result


def test_the_machine_plays_stock_tasks(report):
    """Every step is done or refused; nothing else happens."""
    assert report["steps"] >= STEPS
    done = {name for name, (done, _refused) in report["counts"].items() if done}
    assert {"log", "set_case_item", "invoice_orders", "post"} <= done
    exceptions = {name for name in report["findings"] if name.endswith("Error")}
    assert not exceptions, report["findings"]


def test_the_machine_can_fail(report):
    """What ticket time keeps and stock tasks do not is noticed and named."""
    assert report["findings"], "no difference noticed: the checks may be blind"
    for finding in report["findings"].values():
        assert finding["journal"] and finding["text"]
