"""Two people at once, in real transactions: both orders of what they do."""

import json
import os
import subprocess

import pytest

from devtools import paths

MOVES = ("customer", "item", "team", "merge", "billing off")
#: Module of ``helpers``: the word its lines begin with. All race in one database, each
#: with customers, orders and tickets of its own.
SCRIPTS = {
    "races": "RACE",
    "random_races": "ROUND",
    "timer_devices": "DEVICES",
    "rounding_races": "ROUNDED",
    "pack_races": "PACK",
    "run_races": "RUNS",
}
PLAY = "from helpers import {name}\n{name}.main(env)\n"
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
#: Situation of two billing runs, and how many customers it bills in its world.
RUNS = {"run and run": 1, "old snapshot": 1, "run and colleague": 1, "killed": 3}


@pytest.fixture(scope="module")
def said(bench):
    """Let all scripts race; return what each says, by its word."""
    database = bench.database("races", "addons")
    odoo = database.odoo
    command = odoo.command("shell", "-d", database.name, "--no-http")
    done = subprocess.run(
        [str(part) for part in command],
        env={**odoo.env, "PYTHONPATH": str(paths.ROOT / "tests")},
        input="".join(PLAY.format(name=name) for name in SCRIPTS),
        capture_output=True,
        text=True,
        timeout=600 + 5 * ROUNDS,
    )
    database.drop()
    found = {word: [] for word in SCRIPTS.values()}
    for line in done.stdout.splitlines():
        word, _space, rest = line.partition(" ")
        if word in found:
            found[word].append(json.loads(rest))
    assert all(found.values()), done.stderr[-3000:]
    return found


@pytest.fixture(scope="module")
def races(said):
    assert len(said["RACE"]) == 2 * len(MOVES)
    return {(r["kind"], r["logged_first"]): r for r in said["RACE"]}


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


def test_two_people_at_once(said):
    """Random pairs of acts that do not see each other: no hour is lost, doubled or left
    behind. ``RACE_ROUNDS=500 RACE_SEED=7`` plays more of them, and others."""
    rounds = said["ROUND"]
    assert len(rounds) == ROUNDS
    wrong = [each for each in rounds if each["faults"]]
    assert not wrong, wrong[0]
    carried_out = [each for each in rounds if not each["refused"]]
    assert len(carried_out) > len(rounds) / 2


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
def test_one_person_on_two_devices(said, pair, told, timers, hours):
    """Two devices at once give one timer that runs and one line, never two."""
    result = {each["pair"]: each for each in said["DEVICES"]}[pair]
    assert (result["told"], result["timers"], result["hours"]) == (told, timers, hours)


def test_time_that_is_rounded_together(said):
    """Two people who record time of one kind on one ticket do not see each other: the
    rule holds for both all the same, and a kind is added to the order once."""
    races = said["ROUNDED"]
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


def test_the_last_hours_of_a_pack(said):
    """Two people use them at once: the pack bills what it has, no hour is lost."""
    races = said["PACK"]
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


@pytest.fixture(scope="module")
def worlds(said):
    [result] = said["RUNS"]
    return result


@pytest.mark.parametrize("situation", RUNS)
def test_runs_bill_every_hour_once(worlds, situation):
    """Two billing runs at once, one beside a colleague, and one that is killed."""
    world, customers = worlds[situation], RUNS[situation]
    hours = 2.0 * customers
    assert world["errors"] == []
    assert world["states"] == ["done", "done"]
    for figure in ("recorded", "linked", "billed", "invoiced"):
        assert world[figure] == hours, figure
    assert world["moves"] == customers


def test_run_that_comes_second_waits(worlds):
    """The orders are locked or changed: tried again, not billed again."""
    assert worlds["run and run"]["results"] == [True, False]
    assert worlds["old snapshot"]["results"] == [True, False]
    assert worlds["run and colleague"]["results"] == [False]


def test_what_a_run_billed_before_it_was_killed_stays(worlds):
    assert worlds["killed"]["results"] == [1]
