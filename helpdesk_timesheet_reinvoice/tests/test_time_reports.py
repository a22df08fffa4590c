from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ReinvoiceCommon

APPROVER = "hr_timesheet.group_hr_timesheet_approver"
MONEY = ("amount", "timesheet_revenues", "margin")


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

    def test_revenue_of_an_order_in_another_currency(self):
        """Two hours at 100 francs, half a franc to the euro or dollar: 400."""
        currency = self.env["res.currency"].create(
            {
                "name": "HDF",
                "symbol": "HF",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 0.5})],
            }
        )
        self.assertEqual(self.company.currency_id.rate, 1.0)
        prices = self.env["product.pricelist"].create(
            {"name": "Francs", "currency_id": currency.id}
        )
        order = self.order_a.copy({"pricelist_id": prices.id})
        order.order_line.price_unit = 100.0
        order.action_confirm()
        self.ticket.sale_line_id = order.order_line
        line = self._log(self.ticket, 2.0)
        self.env.flush_all()
        Report = self.env["timesheets.analysis.report"].with_user(self.lead)
        row = Report.search([("id", "=", line.id)])
        self.assertEqual((row.amount, row.timesheet_revenues), (-80.0, 400.0))
        self.assertEqual(row.margin, 320.0)

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

    def _get_report_views(self, user):
        """Report as a user, what its menu in Helpdesk opens, and the fields of it."""
        action = self.env.ref(
            "helpdesk_timesheet_reinvoice.timesheets_analysis_report_action_ticket"
        )
        Report = self.env["timesheets.analysis.report"].with_user(user)
        views = action._get_action_dict()["views"]
        return Report, Report.get_views([[id_, type_] for id_, type_ in views])

    def test_agent_analyses_hours_and_sees_no_money(self):
        """What is not among the fields is offered neither as measure nor as column."""
        menu = self.env.ref(
            "helpdesk_timesheet_reinvoice.timesheets_analysis_report_menu_helpdesk"
        )
        self.assertIn(menu.id, menu.with_user(self.agent)._visible_menu_ids())
        self._log(self.ticket, 2.0)
        self.env.flush_all()
        Report, result = self._get_report_views(self.agent)
        offered = result["models"]["timesheets.analysis.report"]["fields"]
        for name in MONEY:
            self.assertNotIn(name, offered)
            self.assertNotIn(name, Report.fields_get())
            for view in result["views"].values():
                self.assertNotIn(f'"{name}"', view["arch"])
            with self.assertRaises(AccessError):
                Report.formatted_read_group([], [], [f"{name}:sum"])
            with self.assertRaises(AccessError):
                Report.search([(name, ">", 1)])
            with self.assertRaises(AccessError):
                Report.search([], limit=1).read([name])

    def test_agent_opens_the_analysis(self):
        self._log(self.ticket, 2.0)
        self.env.flush_all()
        Report, result = self._get_report_views(self.agent)
        domain = [("helpdesk_ticket_id", "=", self.ticket.id)]
        groups = Report.formatted_read_group(
            domain,
            ["commercial_partner_id", "helpdesk_ticket_id", "date:month"],
            ["unit_amount:sum", "billable_time:sum", "non_billable_time:sum"],
        )
        self.assertEqual(groups[0]["unit_amount:sum"], 2.0)
        columns = etree.fromstring(result["views"]["list"]["arch"]).xpath("//field")
        fields_ = Report.fields_get()
        specification = {
            node.get("name"): {"fields": {"display_name": {}}}
            if fields_[node.get("name")]["type"] == "many2one"
            else {}
            for node in columns
        }
        rows = Report.web_search_read(domain, specification)["records"]
        self.assertEqual([row["unit_amount"] for row in rows], [2.0])

    def test_lead_analyses_costs_and_revenues(self):
        self._log(self.ticket, 2.0)
        self.env.flush_all()
        Report, result = self._get_report_views(self.lead)
        offered = result["models"]["timesheets.analysis.report"]["fields"]
        self.assertLessEqual(set(MONEY), set(offered))
        self.assertIn('"amount"', result["views"]["pivot"]["arch"])
        [row] = Report.search([("helpdesk_ticket_id", "=", self.ticket.id)])
        self.assertEqual((row.amount, row.timesheet_revenues), (-80.0, 200.0))

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
        with self.assertMaxQueries(8):
            partners.mapped("ticket_hours_to_invoice")

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
