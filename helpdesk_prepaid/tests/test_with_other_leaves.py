from odoo.exceptions import UserError
from odoo.tests import tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestWithOtherLeaves(PrepaidCommon):
    """Packs where hours are ruled by kinds of work, or wait for approval, as far as
    those addons are installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack.write({"pack_at_end": "item", "pack_next_line_id": cls.item_a.id})

    def _new_kind(self, **values):
        if "helpdesk.work.type" not in self.env:
            self.skipTest("there are no kinds of work without their addon")
        return self.env["helpdesk.work.type"].create({"name": "Kind", **values})

    def _hours(self):
        return [
            (line.so_line, round(line.unit_amount, 4), round(line.billable_hours, 4))
            for line in self._lines()
        ]

    def test_weighted_hours_are_cut_in_proportion(self):
        """Of an hour that counts for two, half fits into the last hour of a pack."""
        kind = self._new_kind(factor=2.0)
        self._log(self.ticket, 4.0)
        self._log(self.ticket, 1.0, work_type_id=kind.id)
        self.assertEqual(
            self._hours()[1:],
            [(self.pack, 0.5, 1.0), (self.item_a, 0.5, 1.0)],
        )
        self.assertEqual(self._lines()[1:].work_type_id, kind)
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 1.0)

    def test_the_rule_is_asked_of_the_whole_work(self):
        """A minimum is not charged for each part."""
        kind = self._new_kind(step_minutes=30, minimum_minutes=120)
        self._log(self.ticket, 4.0)
        line = self._log(self.ticket, 0.5, work_type_id=kind.id)
        self.assertEqual(
            self._hours()[1:],
            [(self.pack, 0.25, 1.0), (self.item_a, 0.25, 1.0)],
        )
        line.with_user(self.agent).write({"unit_amount": 2.25})
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 1.5)
        self.assertEqual(sum(self._lines()[1:].mapped("unit_amount")), 2.25)

    def test_what_is_rounded_together_stays_in_one_piece(self):
        kind = self._new_kind(scope="ticket", step_minutes=60, minimum_minutes=60)
        self._log(self.ticket, 4.5)
        self._log(self.ticket, 0.25, work_type_id=kind.id)
        self.assertEqual(self._hours()[1:], [(self.item_a, 0.25, 1.0)])

    def test_parts_of_approved_work_are_approved(self):
        if "approval_state" not in self.env["account.analytic.line"]:
            self.skipTest("nothing is approved without its addon")
        self.team.use_time_approval = True
        self.pack.product_uom_qty = 10.0
        line = self._log(self.ticket, 7.0)
        line.with_user(self.manager).action_approve()
        self.assertDelivered(self.pack, 7.0)
        self.pack.product_uom_qty = 5.0
        self.assertEqual(set(self._lines().mapped("approval_state")), {"approved"})
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 2.0)
        self._lines()[1].with_user(self.manager).action_reset_approval()
        self.assertDelivered(self.item_a, 0.0)

    def _approve_in_parts(self):
        """Time of seven hours of which only the first part is approved."""
        if "approval_state" not in self.env["account.analytic.line"]:
            self.skipTest("nothing is approved without its addon")
        self.team.use_time_approval = True
        line = self._log(self.ticket, 7.0)
        line.with_user(self.manager).action_approve()
        return line

    def _states(self):
        return [
            (line.unit_amount, line.so_line, line.approval_state)
            for line in self._lines()
        ]

    def test_parts_that_are_not_approved_stay_apart(self):
        self._approve_in_parts()
        self.pack.product_uom_qty = 10.0
        states = [(5.0, self.pack, "approved"), (2.0, self.pack, "draft")]
        self.assertEqual(self._states(), states)
        self.assertDelivered(self.pack, 5.0)

    def test_an_approved_part_is_not_changed_with_another(self):
        """Not by who may not change it itself."""
        line = self._approve_in_parts()
        text = line.name
        with self.assertRaises(UserError), self.cr.savepoint():
            line.split_line_ids.with_user(self.agent).name = "Other"
        self.assertEqual(set(self._lines().mapped("name")), {text})

    def test_new_hours_are_not_approved_by_any_part(self):
        line = self._approve_in_parts()
        line.split_line_ids.with_user(self.agent).write({"unit_amount": 3.0})
        states = [(5.0, self.pack, "draft"), (3.0, self.item_a, "draft")]
        self.assertEqual(self._states(), states)
        self._lines().with_user(self.manager).action_approve()
        line.write({"name": "Other", "unit_amount": 9.0})
        states = [(5.0, self.pack, "draft"), (4.0, self.item_a, "draft")]
        self.assertEqual(self._states(), states)
        self._lines().with_user(self.manager).action_approve()
        line.write({"name": "Another"})
        self.assertEqual(set(self._lines().mapped("approval_state")), {"draft"})

    def test_hours_are_promised_once_before_they_are_approved(self):
        if "approval_state" not in self.env["account.analytic.line"]:
            self.skipTest("nothing is approved without its addon")
        self.team.use_time_approval = True
        for user in (self.agent, self.agent_2):
            self._log(self.ticket, 3.0, user=user)
        self._lines().with_user(self.manager).action_approve()
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 1.0)
