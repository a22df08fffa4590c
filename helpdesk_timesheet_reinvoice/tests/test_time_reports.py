from odoo.tests import tagged

from .common import ReinvoiceCommon

APPROVER = "hr_timesheet.group_hr_timesheet_approver"


@tagged("post_install", "-at_install")
class TestTimeReports(ReinvoiceCommon):
    """Ticket time in analyses, work reports, on contacts and in the project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket.sale_line_id = cls.item_a
        cls.ticket_b.sale_line_id = cls.item_b
        cls.lead = cls._new_user(
            "hd_lead", f"helpdesk_base.group_helpdesk_manager,{APPROVER}", name="Leo"
        )

    # === ANALYSIS === #

    def test_analysis_by_ticket_and_customer(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 1.5)
        self._log(self.ticket_b, 4.0)
        self.env.flush_all()
        Report = self.env["timesheets.analysis.report"].with_user(self.lead)
        domain = [("project_id", "=", self.project.id)]
        by_ticket = Report._read_group(
            domain, ["helpdesk_ticket_id"], ["unit_amount:sum", "billable_time:sum"]
        )
        self.assertEqual(
            {ticket: figures for ticket, *figures in by_ticket},
            {
                self.ticket.with_user(self.lead): [3.5, 3.5],
                self.ticket_b.with_user(self.lead): [4.0, 4.0],
            },
        )
        by_customer = Report._read_group(
            domain, ["commercial_partner_id"], ["unit_amount:sum"]
        )
        self.assertEqual(
            {partner.id: hours for partner, hours in by_customer},
            {self.customer_a.id: 3.5, self.customer_b.id: 4.0},
        )

    def test_analysis_keeps_time_without_customer(self):
        task = self.env["project.task"].create(
            {"name": "Internal", "project_id": self.project.id}
        )
        line = self.env["account.analytic.line"].create(
            {
                "task_id": task.id,
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "unit_amount": 1.0,
            }
        )
        self.env.flush_all()
        report = self.env["timesheets.analysis.report"].browse(line.id)
        self.assertEqual(report.unit_amount, 1.0)
        self.assertFalse(report.commercial_partner_id)
        self.assertFalse(report.helpdesk_ticket_id)

    def test_own_time_only(self):
        """A person with own timesheets analyses no time of others."""
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 1.0, user=self.agent_2)
        self.env.flush_all()
        Report = self.env["timesheets.analysis.report"].with_user(self.agent)
        lines = Report.search([("helpdesk_ticket_id", "=", self.ticket.id)])
        self.assertEqual(lines.mapped("unit_amount"), [2.0])

    # === WORK REPORT === #

    def _render(self, report, records, user=None):
        Report = self.env["ir.actions.report"].with_user(user or self.salesman)
        return Report._render_qweb_html(report, records.ids)[0].decode()

    def test_report_of_an_order_names_the_ticket(self):
        self._log(self.ticket, 2.0, name="Changed the fuse")
        self._log(self.ticket_b, 1.0, name="Of another customer")
        self.salesman.group_ids |= self.env.ref(APPROVER)
        html = self._render("sale_timesheet.report_timesheet_sale_order", self.order_a)
        self.assertIn("<span>Ticket</span>", html)
        self.assertIn("Oven is cold", html)
        self.assertIn("Changed the fuse", html)
        self.assertNotIn("Lift is stuck", html)
        self.assertNotIn("Of another customer", html)

    def test_report_of_an_invoice_names_the_ticket(self):
        self._log(self.ticket, 2.0, name="Changed the fuse")
        invoice = self._invoice(self.order_a)
        self._log(self.ticket, 1.0, name="Not on the invoice")
        html = self._render("sale_timesheet.report_timesheet_account_move", invoice)
        self.assertIn("Oven is cold", html)
        self.assertIn("Changed the fuse", html)
        self.assertNotIn("Not on the invoice", html)

    def test_report_without_tickets_has_no_ticket_column(self):
        task = self.env["project.task"].create(
            {"name": "Plain", "project_id": self.project.id}
        )
        self.env["account.analytic.line"].create(
            {
                "name": "Plain work",
                "task_id": task.id,
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "unit_amount": 1.0,
            }
        )
        lines = task.timesheet_ids
        html = self._render("hr_timesheet.report_timesheet", lines, self.lead)
        self.assertIn("Plain work", html)
        self.assertNotIn("<span>Ticket</span>", html)

    def test_report_of_a_ticket(self):
        self._log(self.ticket, 2.0, name="Changed the fuse")
        self._log(self.ticket_b, 1.0, name="Of another ticket")
        html = self._render(
            "helpdesk_timesheet_reinvoice.report_timesheet_ticket",
            self.ticket,
            self.lead,
        )
        self.assertIn("Oven is cold", html)
        self.assertIn("Changed the fuse", html)
        self.assertNotIn("Of another ticket", html)
        self.assertNotIn("100.0", html)

    # === CONTACT === #

    def test_contact_sums_open_time(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 0.5, so_line=False, is_so_line_edited=True)
        self._log(self.ticket_b, 4.0)
        partners = self.customer_a | self.contact_a | self.customer_b
        self.assertEqual(self._read_open_hours(partners), [2.0, 2.0, 4.0])
        self._invoice(self.order_a)
        self.assertEqual(self._read_open_hours(partners), [0.0, 0.0, 4.0])

    def _read_open_hours(self, partners):
        self.env.flush_all()
        self.env.invalidate_all()
        return partners.with_user(self.salesman).mapped("ticket_hours_to_invoice")

    def test_contact_leaves_out_prepaid_time(self):
        self.ticket.sale_line_id = self._new_item(self.customer_a, self.prepaid, 5.0)
        self._log(self.ticket, 2.0)
        self.assertEqual(self._read_open_hours(self.customer_a), [0.0])

    def test_contact_opens_its_tickets_to_bill(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket_b, 2.0)
        action = self.contact_a.with_user(
            self.salesman
        ).action_view_tickets_to_invoice()
        self.assertEqual(
            self.env["helpdesk.ticket"].search(action["domain"]), self.ticket
        )

    def test_contact_sums_in_one_query(self):
        self._log(self.ticket, 2.0)
        self._log(self.ticket_b, 2.0)
        partners = self.env["res.partner"].search([], limit=80)
        partners |= self.customer_a | self.customer_b
        partners = partners.with_user(self.salesman)
        self.env.flush_all()
        self.env.invalidate_all()
        partners.mapped("commercial_partner_id.name")
        self.env.user.has_group("base.group_user")
        before = self.env.cr.sql_log_count
        partners.mapped("ticket_hours_to_invoice")
        self.assertLessEqual(self.env.cr.sql_log_count - before, 8)

    # === PROJECT === #

    def test_profitability_counts_ticket_time(self):
        """Two hours at a cost of 40 and a price of 100, of both customers."""
        self._log(self.ticket, 2.0)
        self._log(self.ticket_b, 1.0)
        self.env.flush_all()
        items = self.project._get_profitability_items(with_action=False)
        costs = {row["id"]: row for row in items["costs"]["data"]}
        self.assertEqual(costs["billable_time"]["billed"], -120.0)
        revenues = {row["id"]: row for row in items["revenues"]["data"]}
        self.assertEqual(revenues["billable_time"]["to_invoice"], 300.0)
        self.assertEqual(revenues["billable_time"]["invoiced"], 0.0)
        self._invoice(self.order_a).action_post()
        self.env.flush_all()
        items = self.project._get_profitability_items(with_action=False)
        revenues = {row["id"]: row for row in items["revenues"]["data"]}
        self.assertEqual(revenues["billable_time"]["to_invoice"], 100.0)
        self.assertEqual(revenues["billable_time"]["invoiced"], 200.0)

    def test_project_card_opens_its_tickets(self):
        project = self.project.with_user(self.agent)
        action = project.action_view_tickets()
        tickets = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(project.ticket_count, len(tickets))
        self.assertIn(self.ticket, tickets)
        self.assertNotIn(self.ticket_private, tickets)
