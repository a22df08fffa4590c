"""Rules of the machine for :mod:`doors`."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .rules import DAYS, FEW, HOURS, MANY


class DoorRules:
    """To be mixed into :class:`machine.DeskMachine`."""

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS, item=MANY)
    def log_from_screen(self, **arguments):
        self.request("log_from_screen", **arguments)

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS)
    def log_forged(self, **arguments):
        self.request("log_forged", **arguments)

    @rule(case=FEW, hours=HOURS, person=FEW, on=DAYS)
    def log_in_calendar(self, **arguments):
        self.request("log_in_calendar", **arguments)

    @rule(person=FEW, back=st.booleans())
    def leave(self, **arguments):
        self.request("leave", **arguments)

    @rule(team=FEW, active=st.booleans())
    def archive_team(self, **arguments):
        self.request("archive_team", **arguments)
