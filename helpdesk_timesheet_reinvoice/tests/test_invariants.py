import importlib.util
import logging
import os
import unittest

from odoo.tests import TransactionCase, new_test_user, tagged

from .invariants.desk import DeskWorld

_logger = logging.getLogger(__name__)

STEPS = int(os.environ.get("REINVOICE_STEPS", "400"))
SEED = int(os.environ.get("REINVOICE_SEED", "19"))
UNIFORM = os.environ.get("REINVOICE_UNIFORM") == "1"
#: With fewer steps an operation may well be refused each time.
ENOUGH = 2000


@tagged("post_install", "-at_install")
@unittest.skipUnless(
    importlib.util.find_spec("hypothesis"),
    "the Python package hypothesis is not installed: it plays the random sequences",
)
class TestInvariants(TransactionCase):
    """Random sequences of everything people can do to time, orders and invoices.

    A failure prints the shortest sequence that leads to it, and the seed.
    ``REINVOICE_SEED=7`` plays other sequences, ``REINVOICE_STEPS=100000`` more of them;
    with ``REINVOICE_UNIFORM=1`` rare operations are as frequent as others.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        cls.world = DeskWorld(cls.env(context=context), new_test_user)

    def test_any_sequence(self):
        from .invariants import machine, report

        desk = machine.machine_on(self.world, machine.DeskMachine)
        try:
            report.run(desk, STEPS, SEED, uniform=UNIFORM)
        except Exception as error:
            again = f"REINVOICE_SEED={SEED} REINVOICE_UNIFORM={UNIFORM:d}"
            raise AssertionError(f"{again} plays this again") from error
        counts = report.count(desk)
        played = sum(done + refused for done, refused in counts.values())
        _logger.info("Seed %s: %s steps, (done, refused): %s", SEED, played, counts)
        self.assertGreaterEqual(played, STEPS)
        if STEPS >= ENOUGH:
            done = sum(bool(done) for done, _refused in counts.values())
            self.assertGreater(done, 0.9 * len(counts), "hardly anything was accepted")
