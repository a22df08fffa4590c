"""Time recorded while its ticket moves: both orders of two real transactions."""

import json
import os
import subprocess

import pytest

from devtools import paths

HELPERS = paths.ROOT / "tests" / "helpers"
MOVES = ("customer", "item", "team", "merge", "billing off")


def run(bench, script, word):
    """Let a script race in a database of its own.

    :return: what it says on its lines that begin with a word
    """
    database = bench.database("races", "addons")
    odoo = database.odoo
    with open(HELPERS / script, "rb") as code:
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
    lines = [x for x in done.stdout.splitlines() if x.startswith(f"{word} ")]
    assert lines, done.stderr[-3000:]
    return [json.loads(line.removeprefix(word)) for line in lines]


@pytest.fixture(scope="module")
def races(bench):
    results = run(bench, "races.py", "RACE")
    assert len(results) == 2 * len(MOVES)
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


def test_two_people_at_once(bench):
    """Random pairs of acts that do not see each other: no hour is lost, doubled or left
    behind. ``RACE_ROUNDS=500 RACE_SEED=7`` plays more of them, and others."""
    rounds = run(bench, "random_races.py", "ROUND")
    assert len(rounds) == int(os.environ.get("RACE_ROUNDS", "40"))
    wrong = [each for each in rounds if each["faults"]]
    assert not wrong, wrong[0]
    carried_out = [each for each in rounds if not each["refused"]]
    assert len(carried_out) > len(rounds) / 2


@pytest.fixture(scope="module")
def devices(bench):
    return {each["pair"]: each for each in run(bench, "timer_devices.py", "DEVICES")}


@pytest.mark.parametrize(
    ("pair", "told", "timers", "hours"),
    [
        ("stop stop", [True, False], [], [0.5]),
        ("stop pause", [True, False], [], [0.5]),
        ("start start", [True, True], ["running"], []),
        ("start other", [True, True], ["paused", "running"], []),
        ("resume resume", [True, True], ["running"], []),
    ],
)
def test_one_person_on_two_devices(devices, pair, told, timers, hours):
    """Two devices at once give one timer that runs and one line, never two."""
    result = devices[pair]
    assert (result["told"], result["timers"], result["hours"]) == (told, timers, hours)


def test_time_that_is_rounded_together(bench):
    """Two people who record time of one kind on one ticket do not see each other: the
    rule holds for both all the same, and a kind is added to the order once."""
    races = run(bench, "rounding_races.py", "ROUNDED")
    expected = {
        "log": (0.5, 1.0, 1),
        "log by day": (0.5, 1.0, 1),
        "change": (1.5, 2.0, 1),
        "delete": (0.3333, 1.0, 1),
        "sold": (2.0, 2.0, 2),
    }
    assert len(races) == 2 * len(expected)
    for race in races:
        worked, billed, items = expected[race["race"]]
        found = race["worked"], race["billed"], race["delivered"], race["items"]
        assert found == (worked, billed, billed, items), race


def test_the_last_hours_of_a_pack(bench):
    """Two people use them at once: the pack bills what it has, no hour is lost."""
    races = run(bench, "pack_races.py", "PACK")
    expected = {
        "last hour": (6.0, 5.0, 1.0, 0.0),
        "both cross": (9.0, 5.0, 4.0, 0.0),
        "wait": (9.0, 5.0, 0.0, 4.0),
        "change": (8.0, 5.0, 3.0, 0.0),
        "grow": (7.0, 6.0, 1.0, 0.0),
    }
    assert len(races) == 2 * len(expected)
    for race in races:
        found = tuple(race[name] for name in ("worked", "pack", "item", "waits"))
        assert found == expected[race["race"]], race
