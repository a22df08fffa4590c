from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.sequences_common import (
    SequencesCommon,
)

from .sequences.world import ChargeWorld


@tagged("post_install", "-at_install")
class TestKindSequences(SequencesCommon):
    """Random sequences of everything people can do to kinds of work, beside all that
    they do to time, orders and invoices."""

    @classmethod
    def _get_world(cls):
        return ChargeWorld

    @classmethod
    def _get_machine(cls):
        from .sequences.machine import ChargeMachine

        return ChargeMachine

    def test_any_sequence_with_kinds(self):
        self._play()
