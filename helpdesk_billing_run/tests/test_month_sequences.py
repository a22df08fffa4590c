from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.sequences_common import (
    SequencesCommon,
)

from .sequences.world import RunWorld


@tagged("post_install", "-at_install")
class TestMonthSequences(SequencesCommon):
    """Random sequences of rehearsals, runs and a job that is killed half way, beside all
    that people do to time, orders and invoices; where time is approved, of that, too."""

    @classmethod
    def _has_approval(cls):
        return "helpdesk.time.agreement" in cls.env

    @classmethod
    def _get_world(cls):
        if not cls._has_approval():
            return RunWorld
        from odoo.addons.helpdesk_timesheet_approval.tests.sequences import world

        return type("MonthWorld", (RunWorld, world.ApprovalWorld), {})

    @classmethod
    def _get_machine(cls):
        from .sequences.machine import RunMachine

        if not cls._has_approval():
            return RunMachine
        from odoo.addons.helpdesk_timesheet_approval.tests.sequences import machine

        return type("MonthMachine", (RunMachine, machine.ApprovalMachine), {})

    def test_any_sequence_with_runs(self):
        self._play()
