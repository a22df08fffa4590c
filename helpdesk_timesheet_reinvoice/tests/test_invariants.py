from odoo.tests import tagged

from .invariants.desk import DeskWorld
from .sequences_common import STEPS, SequencesCommon

#: With fewer steps an operation may well be refused each time.
ENOUGH = 2000


@tagged("post_install", "-at_install")
class TestInvariants(SequencesCommon):
    """Random sequences of everything people can do to time, orders and invoices."""

    steps = STEPS

    @classmethod
    def _get_world(cls):
        return DeskWorld

    @classmethod
    def _get_machine(cls):
        from .invariants.machine import DeskMachine

        return DeskMachine

    def test_any_sequence(self):
        counts = self._play()
        if self.steps >= ENOUGH:
            done = sum(bool(done) for done, _refused in counts.values())
            self.assertGreater(done, 0.9 * len(counts), "hardly anything was accepted")
