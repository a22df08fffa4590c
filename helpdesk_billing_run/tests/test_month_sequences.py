import importlib.util
import logging
import os
import unittest

from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.test_invariants import (
    SEED,
    UNIFORM,
)

from .sequences.world import RunWorld

_logger = logging.getLogger(__name__)

STEPS = int(os.environ.get("REINVOICE_STEPS", "100"))


@tagged("post_install", "-at_install")
@unittest.skipUnless(
    importlib.util.find_spec("hypothesis"),
    "the Python package hypothesis is not installed: it plays the random sequences",
)
class TestMonthSequences(TransactionCase):
    """Random sequences of rehearsals, runs and a job that is killed half way, beside all
    that people do to time, orders and invoices; where time is approved, of that, too.
    ``REINVOICE_SEED`` and ``REINVOICE_STEPS`` are those of the sequences without runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        bases = (RunWorld,)
        if cls._has_approval():
            from odoo.addons.helpdesk_timesheet_approval.tests.sequences import world

            bases += (world.ApprovalWorld,)
        world = type("MonthWorld", bases, {})
        cls.world = world(cls.env(context=context), new_test_user)

    @classmethod
    def _has_approval(cls):
        return "helpdesk.time.agreement" in cls.env

    def _get_machine(self):
        from .sequences.machine import RunMachine

        if not self._has_approval():
            return RunMachine
        from odoo.addons.helpdesk_timesheet_approval.tests.sequences import machine

        return type("MonthMachine", (RunMachine, machine.ApprovalMachine), {})

    def test_any_sequence_with_runs(self):
        from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import (
            machine,
            report,
        )

        desk = machine.machine_on(self.world, self._get_machine())
        try:
            report.run(desk, STEPS, SEED, uniform=UNIFORM)
        except Exception as error:
            again = f"REINVOICE_SEED={SEED} REINVOICE_UNIFORM={UNIFORM:d}"
            raise AssertionError(f"{again} plays this again") from error
        _logger.info("Seed %s: (done, refused): %s", SEED, report.count(desk))
        self.assertGreaterEqual(sum(desk.tally.values()), STEPS)
