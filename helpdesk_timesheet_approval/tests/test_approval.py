import ast

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import (
    MANAGER,
    ReinvoiceCommon,
)


@tagged("post_install", "-at_install")
class TestApproval(ReinvoiceCommon):
    """Time waits for a lead, on every figure: 2 hours of Anna and 3 of her colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.use_time_approval = True
        cls.ticket.sale_line_id = cls.item_a
        cls.line = cls._log(cls.ticket, 2.0)
        cls.line_2 = cls._log(cls.ticket, 3.0, user=cls.agent_2)
        cls.lines = cls.line | cls.line_2

    def _approve(self, lines, user=None):
        return lines.with_user(user or self.manager).action_approve()

    # === WHO SEES IT === #

    def test_lead_without_timesheet_rights(self):
        """Reads the time of teams that approve it, and nothing else; approves it."""
        lead = self._new_user("hd_lead_only", MANAGER)
        project_time = self.line.copy({"helpdesk_ticket_id": False, "task_id": False})
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_approval.account_analytic_line_action_approval"
        )
        lines = self.env["account.analytic.line"].with_user(lead)
        found = lines.search(Domain(ast.literal_eval(action["domain"])))
        self.assertLessEqual(self.lines, found.sudo(False).with_user(self.env.user))
        self.assertFalse(lines.search([("id", "=", project_time.id)]))
        self._search_as_screens_do(lines, action)
        found.read(["date", "employee_id", "helpdesk_ticket_id", "name", "unit_amount"])
        found.action_approve()
        self.assertEqual(set(self.lines.mapped("approval_state")), {"approved"})
        with self.assertRaises(AccessError):
            found[0].name = "Other"
        self.team.use_time_approval = False
        self.assertFalse(lines.search([("id", "in", self.lines.ids)]))

    def _search_as_screens_do(self, lines, action):
        """Each filter, by each group: none may ask for what a lead may not read."""
        search = lines.get_views([(action["search_view_id"][0], "search")])
        arch = etree.fromstring(search["views"]["search"]["arch"])
        for place in arch.iter("filter"):
            domain = place.get("domain")
            with self.subTest(place.get("name")):
                if domain:
                    lines.search(safe_eval(domain, {"uid": lines.env.uid}))
                if place.get("context"):
                    group = ast.literal_eval(place.get("context"))["group_by"]
                    lines.formatted_read_group([], [group], ["unit_amount:sum"])

    # === FIGURES === #

    def test_only_approved_time_counts(self):
        self.assertEqual(set(self.lines.mapped("approval_state")), {"draft"})
        self.assertDelivered(self.item_a, 0.0)
        self.assertEqual(self.ticket.hours_to_invoice, 0.0)
        self.assertEqual(self.ticket.hours_waiting, 5.0)
        self.assertEqual(self.ticket.total_hours_spent, 5.0)
        self.assertEqual(self.customer_a.ticket_hours_to_invoice, 0.0)
        self.assertEqual(self.line.so_line_reason, "Waits for approval. Ticket's item")
        self._approve(self.line)
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.line.approved_by_id, self.manager)
        self.assertTrue(self.line.approved_date)
        self.ticket.invalidate_recordset()
        self.assertEqual(self.ticket.hours_to_invoice, 2.0)
        self.assertEqual(self.ticket.hours_waiting, 3.0)
        self.assertEqual(self.order_a.ticket_hours_to_invoice, 2.0)
        invoice = self._invoice(self.order_a)
        self.assertEqual(invoice.invoice_line_ids.quantity, 2.0)
        self.assertEqual(self.line.timesheet_invoice_id, invoice)
        self.assertFalse(self.line_2.timesheet_invoice_id)

    def test_figures_of_fates_add_up(self):
        self._approve(self.line)
        self.env.flush_all()
        lines = self.env["account.analytic.line"]
        found = {
            fate: lines.search(
                Domain("id", "in", self.lines.ids) & lines._domain_time(fate)
            )
            for fate in ("open", "waiting", "billed", "free", "covered")
        }
        self.assertEqual(found["open"], self.line)
        self.assertEqual(found["waiting"], self.line_2)
        self.assertFalse(found["billed"] | found["free"] | found["covered"])

    def test_option_switched(self):
        self.team.use_time_approval = False
        self.assertDelivered(self.item_a, 5.0)
        self.team.use_time_approval = True
        self.assertDelivered(self.item_a, 0.0)

    def test_option_switched_off_in_vain(self):
        """What is taken back to a savepoint is no news: new time waits as before."""
        savepoint = self.env.cr.savepoint()
        self.team.use_time_approval = False
        self.assertDelivered(self.item_a, 5.0)
        savepoint.close(rollback=True)
        self.assertTrue(self._log(self.ticket, 1.0).waits_for_approval)
        self.assertDelivered(self.item_a, 0.0)
        self.assertEqual(self.ticket.hours_waiting, 6.0)

    def test_billed_time_waits_for_nothing(self):
        """Switched on later, the option takes nothing back that was invoiced."""
        self.team.use_time_approval = False
        invoice = self._invoice(self.order_a)
        self.team.use_time_approval = True
        self.assertDelivered(self.item_a, 5.0)
        self.assertEqual(self.item_a.qty_to_invoice, 0.0)
        invoice.button_cancel()
        self.assertDelivered(self.item_a, 0.0)

    def test_many_lines_in_one_query(self):
        more = self.env["account.analytic.line"]
        for _n in range(20):
            more |= self._log(self.ticket, 0.1)
        self._approve(more[:1])  # warm
        few = self._count_queries(self._approve, more[1:3])
        many = self._count_queries(self._approve, more[3:])
        self.assertLessEqual(many, few + 1)

    # === WHO === #

    def test_agents_do_not_approve(self):
        for user in (self.agent, self.salesman):
            with self.assertRaises(AccessError):
                self._approve(self.line, user)
        with self.assertRaises(AccessError):
            self.line.with_user(self.agent).action_reject("No")
        with self.assertRaisesRegex(UserError, "Use Approve or Reject"):
            self.line.with_user(self.agent).approval_state = "approved"
        with self.assertRaisesRegex(UserError, "Use Approve or Reject"):
            self._log(self.ticket, 1.0, approval_state="approved")

    def test_own_time_is_left_to_a_colleague(self):
        own = self._log(self.ticket, 1.0, user=self.manager)
        self._approve(own)
        self.assertEqual(own.approval_state, "approved")
        own.with_user(self.manager).action_reset_approval()
        self.env.company.helpdesk_approve_others = True
        with self.assertRaisesRegex(UserError, "A colleague has to approve"):
            self._approve(own)
        action = self._approve(own | self.lines)
        self.assertIn("2 lines approved. 1 of your own", action["params"]["message"])
        self.assertEqual(own.approval_state, "draft")

    # === LOCK === #

    def test_approved_time_is_locked_for_agents(self):
        self._approve(self.line)
        agent_line = self.line.with_user(self.agent)
        for values in ({"unit_amount": 9}, {"name": "X"}, {"date": "2026-01-01"}):
            with self.assertRaisesRegex(UserError, "approved by Mia"):
                agent_line.write(values)
        with self.assertRaisesRegex(UserError, "approved by Mia"):
            agent_line.unlink()
        self.env.invalidate_all()
        self.assertTrue(agent_line.readonly_timesheet)
        agent_line.internal_note = "May be written"

    def test_change_by_a_lead_makes_it_a_draft_again(self):
        self.manager.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        self._approve(self.lines)
        self.line.with_user(self.manager).unit_amount = 2.5
        self.assertEqual(self.line.approval_state, "draft")
        self.assertFalse(self.line.approved_by_id)
        self.assertDelivered(self.item_a, 3.0)
        self.line_2.with_user(self.manager).write({"unit_amount": 3.0})
        self.assertEqual(self.line_2.approval_state, "approved", "nothing changed")

    def test_item_by_rule_keeps_the_approval(self):
        self._approve(self.line)
        item = self._new_item(self.customer_a)
        self.ticket.sale_line_id = item
        self.assertEqual(self.line.approval_state, "approved")
        self.assertDelivered(item, 2.0)

    def test_billed_time_is_left_as_it_is(self):
        self._approve(self.lines)
        self._invoice(self.order_a)
        with self.assertRaisesRegex(UserError, "nothing to approve"):
            self._approve(self.lines)
        with self.assertRaisesRegex(UserError, "Take it off its invoice"):
            self.line.with_user(self.manager).action_reject("Too late")
        self.line.with_user(self.manager).action_reset_approval()
        self.assertEqual(self.line.approval_state, "approved")
        self.assertDelivered(self.item_a, 5.0)

    # === REJECT === #

    def test_reject_form_takes_no_malformed_values(self):
        wizard = self.env["helpdesk.time.reject"].with_user(self.manager)
        for values in ({"line_ids": [[1]]}, {"line_ids": ["x"]}, {"reason": ["x"]}):
            with self.assertRaisesRegex(ValidationError, "cannot take this value"):
                wizard.create({"reason": "Why", "line_ids": self.line.ids, **values})

    def test_rejected_time_is_a_to_do(self):
        wizard = self.env["helpdesk.time.reject"].with_user(self.manager)
        self.manager.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        action = self.line.with_user(self.manager).action_open_reject()
        wizard.with_context(**action["context"]).create(
            {"reason": "Which printer?"}
        ).action_reject()
        self.assertEqual(self.line.approval_state, "rejected")
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent)
        self.assertIn("Which printer?", activity.note)
        self.assertIn("Which printer?", self.line.so_line_reason)
        self.assertDelivered(self.item_a, 0.0)
        self.line.with_user(self.agent).name = "Printer on floor 2"
        self.assertEqual(self.line.approval_state, "draft")
        self.assertFalse(self.ticket.activity_ids)
        for reason in ("", "  ", None, False):
            with self.assertRaises(ValidationError):
                self.line.with_user(self.manager).action_reject(reason)
