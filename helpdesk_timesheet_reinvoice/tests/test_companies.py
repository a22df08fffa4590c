from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import AGENT, SALES_ALL, SALESMAN, TIMESHEET_USER
from .rule_common import RuleCommon


@tagged("post_install", "-at_install")
class TestCompanies(RuleCommon):
    """Two companies: what is sold by one never bills the tickets of the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.env["res.company"].create({"name": "Second Desk"})
        both = (cls.company | cls.company_2).ids
        cls.env.user.company_ids |= cls.company_2
        cls.traveller = cls._new_user(
            "hd_traveller",
            f"{AGENT},{TIMESHEET_USER}",
            company_ids=[Command.set(both)],
            name="Tom Travel",
        )
        cls.stranger = cls._new_user(
            "hd_stranger",
            f"{AGENT},{TIMESHEET_USER},{SALESMAN},{SALES_ALL}",
            company_id=cls.company_2.id,
            company_ids=[Command.set(cls.company_2.ids)],
        )
        cls.employee_1, cls.employee_2 = cls.env["hr.employee"].create(
            [
                {"name": "Tom", "user_id": cls.traveller.id, "company_id": company.id}
                for company in (cls.company, cls.company_2)
            ]
        )
        cls.team_2 = cls._new_team(
            "Abroad", cls.team.stage_ids, cls.traveller, company_id=cls.company_2.id
        )
        cls.team_2.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        )
        cls.item_2 = cls._new_item_of(cls.company_2)
        cls.ticket_2 = cls._new_ticket(
            "Far away", team_id=cls.team_2.id, partner_id=cls.contact_a.id
        )

    @classmethod
    def _new_item_of(cls, company):
        """Item of customer Alpha sold by one of the companies."""
        order = cls.env["sale.order"].with_company(company)
        order = order.create(
            {
                "partner_id": cls.customer_a.id,
                "company_id": company.id,
                "order_line": [Command.create({"product_id": cls.service.id})],
            }
        )
        order.action_confirm()
        return order.order_line

    def _as_traveller(self, record, companies=None):
        companies = companies or (self.company | self.company_2)
        return record.with_user(self.traveller).with_context(
            allowed_company_ids=companies.ids
        )

    def _log_abroad(self, ticket, hours, companies=None):
        lines = self._as_traveller(self.env["account.analytic.line"], companies)
        return lines.create(
            {"helpdesk_ticket_id": ticket.id, "unit_amount": hours, "name": "Work"}
        ).with_env(self.env)

    def test_project_of_a_team_is_of_its_company(self):
        self.assertEqual(self.team_2.project_id.company_id, self.company_2)

    def test_preset_is_sold_by_the_company_of_the_ticket(self):
        self.assertEqual(self.ticket_2.sale_line_id, self.item_2)

    def test_item_of_another_company_is_refused(self):
        ticket = self._as_traveller(self.ticket_2)
        with self._refused("sold by"):
            ticket.write({"sale_line_id": self.item_a.id})
        line = self._log_abroad(self.ticket_2, 1.0)
        with self._refused("sold by"):
            self._as_traveller(line).write({"so_line": self.item_a.id})

    def test_drop_down_lists_items_of_active_companies_only(self):
        Item = self.env["sale.order.line"]
        domain = [("order_partner_id", "=", self.customer_a.id)]
        for companies, items in (
            (self.company, self.item_a),
            (self.company_2, self.item_2),
            (self.company | self.company_2, self.item_a | self.item_2),
        ):
            names = self._as_traveller(Item, companies).name_search("", domain)
            self.assertEqual({item_id for item_id, _name in names}, set(items.ids))

    def test_person_of_two_companies_works_for_that_of_the_ticket(self):
        """Whatever company is active, the line is of the ticket's company."""
        for companies in (
            self.company | self.company_2,
            self.company_2 | self.company,
        ):
            here = self._log_abroad(self.ticket, 1.0, companies)
            abroad = self._log_abroad(self.ticket_2, 2.0, companies)
            self.assertEqual(here.employee_id, self.employee_1)
            self.assertEqual(here.company_id, self.company)
            self.assertEqual(abroad.employee_id, self.employee_2)
            self.assertEqual(abroad.company_id, self.company_2)
        self.assertDelivered(self.item_a, 2.0)
        self.assertDelivered(self.item_2, 4.0)

    def test_form_of_a_ticket_of_the_second_company(self):
        companies = self.company_2 | self.company
        with Form(self._as_traveller(self.ticket_2, companies)) as form:
            with form.timesheet_ids.new() as line:
                line.unit_amount = 2.0
        self.assertEqual(self.ticket_2.timesheet_ids.employee_id, self.employee_2)
        self.assertDelivered(self.item_2, 2.0)

    def test_unbilled_time_moves_with_the_ticket_to_the_other_company(self):
        line = self._log_abroad(self.ticket, 2.0)
        self._as_traveller(self.ticket).team_id = self.team_2
        self.assertEqual(self.ticket.sale_line_id, self.item_2)
        self.assertEqual(line.project_id, self.team_2.project_id)
        self.assertEqual(line.company_id, self.company_2)
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.item_2, 2.0)

    def test_billed_time_keeps_its_ticket_in_its_company(self):
        line = self._log_abroad(self.ticket, 2.0)
        self._bill(line)
        with self._refused("already billed by"):
            self._as_traveller(self.ticket).write({"team_id": self.team_2.id})
        self.assertEqual(self.ticket.company_id, self.company)
        self.assertDelivered(self.item_a, 2.0)

    # --- projects that are open to all companies

    def _share_project(self):
        """Both teams record their time on one project, which is of no company."""
        shared = self.env["project.project"].create(
            {"name": "Shared", "allow_timesheets": True, "allow_billable": True}
        )
        self.assertFalse(shared.company_id)
        (self.team | self.team_2).project_id = shared
        return shared

    def test_shared_project_leaves_time_with_the_company_of_the_ticket(self):
        """Whatever company is active: the item is sold by that of the ticket."""
        shared = self._share_project()
        self.ticket.project_id = shared
        for companies in (
            self.company | self.company_2,
            self.company_2 | self.company,
        ):
            line = self._log_abroad(self.ticket, 1.0, companies)
            self.assertEqual(line.company_id, self.company)
            self.assertEqual(line.employee_id, self.employee_1)
        self.assertDelivered(self.item_a, 2.0)

    def test_ticket_moves_to_the_other_company_within_a_shared_project(self):
        self.ticket.project_id = self._share_project()
        line = self._log_abroad(self.ticket, 2.0)
        self._as_traveller(self.ticket).team_id = self.team_2
        self.assertEqual(self.ticket.sale_line_id, self.item_2)
        self.assertEqual(line.company_id, self.company_2)
        self.assertDelivered(self.item_a, 0.0)
        self.assertDelivered(self.item_2, 2.0)

    def test_project_stays_in_the_company_of_its_tickets(self):
        shared = self._share_project()
        lead = self.project_lead
        lead.company_ids |= self.company_2
        both = (self.company | self.company_2).ids
        for project in (shared, self.ticket.project_id):
            project = project.with_user(lead).with_context(allowed_company_ids=both)
            with self._refused("leave its company empty"):
                project.company_id = self.company_2
        free = self.project.copy({"name": "Free"}).with_user(lead)
        free.with_context(allowed_company_ids=both).company_id = self.company_2
        self.assertEqual(free.company_id, self.company_2)

    def test_project_of_another_company_is_refused(self):
        with self._refused("compan"):
            self._as_traveller(self.ticket).write(
                {"project_id": self.team_2.project_id.id}
            )

    def test_user_of_the_other_company_sees_and_logs_nothing(self):
        lines = self.env["account.analytic.line"].with_user(self.stranger)
        line = self._log(self.ticket, 1.0)
        self.assertFalse(lines.search([("helpdesk_ticket_id", "=", self.ticket.id)]))
        with self.assertRaises(AccessError):
            lines.create(
                {"helpdesk_ticket_id": self.ticket.id, "unit_amount": 1.0, "name": "X"}
            )
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.stranger).read(["name"])
        with self.assertRaises(AccessError):
            line.with_user(self.stranger).write({"name": "Y"})

    def test_tickets_of_two_companies_are_not_merged(self):
        self._log_abroad(self.ticket_2, 2.0)
        with self._refused("compan"):
            self._as_traveller(self.ticket)._merge(self._as_traveller(self.ticket_2))
        self.assertEqual(self.ticket_2.total_hours_spent, 2.0)
