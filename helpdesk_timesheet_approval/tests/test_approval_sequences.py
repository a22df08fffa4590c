from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.sequences_common import (
    SequencesCommon,
)

from .sequences.world import ApprovalWorld


@tagged("post_install", "-at_install")
class TestApprovalSequences(SequencesCommon):
    """Random sequences of approval, rejection, customers' answers and closed periods,
    beside all that people do to time, orders and invoices."""

    @classmethod
    def _get_world(cls):
        return ApprovalWorld

    @classmethod
    def _get_machine(cls):
        from .sequences.machine import ApprovalMachine

        return ApprovalMachine

    def test_any_sequence_with_approval(self):
        self._play()
