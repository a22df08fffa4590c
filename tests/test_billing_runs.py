"""Billing runs at once with others, in real transactions, and one that is killed."""

import pytest
from test_races import run

#: Situation, and what it bills in its world.
WORLDS = {
    "run and run": 1,
    "old snapshot": 1,
    "run and colleague": 1,
    "killed": 3,
}


@pytest.fixture(scope="module")
def worlds(bench):
    [result] = run(bench, "run_races.py", "RUNS")
    return result


@pytest.mark.parametrize("situation", WORLDS)
def test_every_hour_is_billed_once(worlds, situation):
    world, customers = worlds[situation], WORLDS[situation]
    hours = 2.0 * customers
    assert world["errors"] == []
    assert world["states"] == ["done", "done"]
    for figure in ("recorded", "linked", "billed", "invoiced"):
        assert world[figure] == hours, figure
    assert world["moves"] == customers


def test_who_comes_second_waits(worlds):
    """The orders are locked or changed: tried again, not billed again."""
    assert worlds["run and run"]["results"] == [True, False]
    assert worlds["old snapshot"]["results"] == [True, False]
    assert worlds["run and colleague"]["results"] == [False]


def test_what_was_billed_before_the_kill_stays(worlds):
    assert worlds["killed"]["results"] == [1]
