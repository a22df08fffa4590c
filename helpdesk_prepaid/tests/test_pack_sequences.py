from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.sequences_common import (
    SequencesCommon,
)

from .sequences.world import PackWorld


@tagged("post_install", "-at_install")
class TestPackSequences(SequencesCommon):
    """Random sequences of everything people can do to packs of hours, beside all that
    they do to time, orders and invoices."""

    @classmethod
    def _get_world(cls):
        return PackWorld

    @classmethod
    def _get_machine(cls):
        from .sequences.machine import PackMachine

        return PackMachine

    def test_any_sequence_with_packs(self):
        self._play()
