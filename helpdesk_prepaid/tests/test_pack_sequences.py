import importlib.util
import os
import unittest

from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.test_invariants import (
    SEED,
    UNIFORM,
)

from .sequences.world import PackWorld

STEPS = int(os.environ.get("REINVOICE_STEPS", "100"))


@tagged("post_install", "-at_install")
@unittest.skipUnless(
    importlib.util.find_spec("hypothesis"),
    "the Python package hypothesis is not installed: it plays the random sequences",
)
class TestPackSequences(TransactionCase):
    """Random sequences of everything people can do to packs of hours, beside all that
    they do to time, orders and invoices. ``REINVOICE_SEED`` and ``REINVOICE_STEPS`` are
    those of the sequences without packs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        cls.world = PackWorld(cls.env(context=context), new_test_user)

    def test_any_sequence_with_packs(self):
        from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import (
            machine,
            report,
        )

        from .sequences.machine import PackMachine

        desk = machine.machine_on(self.world, PackMachine)
        try:
            report.run(desk, STEPS, SEED, uniform=UNIFORM)
        except Exception as error:
            again = f"REINVOICE_SEED={SEED} REINVOICE_UNIFORM={UNIFORM:d}"
            raise AssertionError(f"{again} plays this again") from error
        self.assertGreaterEqual(sum(desk.tally.values()), STEPS)
