import importlib.util
import logging
import os
import unittest

from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.test_invariants import (
    SEED,
    UNIFORM,
)

from .sequences.world import ApprovalWorld

_logger = logging.getLogger(__name__)

STEPS = int(os.environ.get("REINVOICE_STEPS", "100"))


@tagged("post_install", "-at_install")
@unittest.skipUnless(
    importlib.util.find_spec("hypothesis"),
    "the Python package hypothesis is not installed: it plays the random sequences",
)
class TestApprovalSequences(TransactionCase):
    """Random sequences of approval, rejection, customers' answers and closed periods,
    beside all that people do to time, orders and invoices. ``REINVOICE_SEED`` and
    ``REINVOICE_STEPS`` are those of the sequences without them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        cls.world = ApprovalWorld(cls.env(context=context), new_test_user)

    def test_any_sequence_with_approval(self):
        from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import (
            machine,
            report,
        )

        from .sequences.machine import ApprovalMachine

        desk = machine.machine_on(self.world, ApprovalMachine)
        try:
            report.run(desk, STEPS, SEED, uniform=UNIFORM)
        except Exception as error:
            again = f"REINVOICE_SEED={SEED} REINVOICE_UNIFORM={UNIFORM:d}"
            raise AssertionError(f"{again} plays this again") from error
        _logger.info("Seed %s: (done, refused): %s", SEED, report.count(desk))
        self.assertGreaterEqual(sum(desk.tally.values()), STEPS)
