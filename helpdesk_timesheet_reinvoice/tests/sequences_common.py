import importlib.util
import logging
import os
import unittest

from odoo.tests import TransactionCase, new_test_user

_logger = logging.getLogger(__name__)

STEPS = int(os.environ.get("REINVOICE_STEPS", "250"))
SEED = int(os.environ.get("REINVOICE_SEED", "19"))
UNIFORM = os.environ.get("REINVOICE_UNIFORM") == "1"


@unittest.skipUnless(
    importlib.util.find_spec("hypothesis"),
    "the Python package hypothesis is not installed: it plays the random sequences",
)
class SequencesCommon(TransactionCase):
    """Random sequences in a world: subclasses name its class and that of the machine.

    A failure prints the shortest sequence that leads to it, and the seed.
    ``REINVOICE_SEED=7`` plays other sequences, ``REINVOICE_STEPS=100000`` more of them;
    with ``REINVOICE_UNIFORM=1`` rare operations are as frequent as others. The house
    plays all of them, an addon with operations of its own a quarter.
    """

    steps = STEPS // 4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        cls.world = cls._get_world()(cls.env(context=context), new_test_user)

    @classmethod
    def _get_world(cls):
        """Class of the world, see ``invariants.desk``."""
        raise NotImplementedError

    @classmethod
    def _get_machine(cls):
        """Class of the machine, see ``invariants.machine``; it needs hypothesis."""
        raise NotImplementedError

    def _play(self):
        """Play as many steps as there are to be.

        :return: how often each operation was done and refused
        :rtype: dict
        """
        from .invariants import machine, report

        desk = machine.machine_on(self.world, self._get_machine())
        try:
            report.run(desk, self.steps, SEED, uniform=UNIFORM)
        except Exception as error:
            again = f"REINVOICE_SEED={SEED} REINVOICE_UNIFORM={UNIFORM:d}"
            raise AssertionError(f"{again} plays this again") from error
        played, counts = sum(desk.tally.values()), report.count(desk)
        _logger.info("Seed %s: %s steps, (done, refused): %s", SEED, played, counts)
        self.assertGreaterEqual(played, self.steps)
        return counts
