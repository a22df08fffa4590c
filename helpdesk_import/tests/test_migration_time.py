from odoo.exceptions import AccessError
from odoo.tests import tagged

from .migration_common import MigrationCommon

TYPES = frozenset({"timesheet", "type"})


@tagged("post_install", "-at_install")
class TestMigrationTime(MigrationCommon):
    """Time of an old desk comes with person, text and, where it is certain, item."""

    def _serve_known(self, **kwargs):
        """An old desk whose agent, customer and order are here, with a ticket that has
        no time yet."""
        desk, url = self._serve(**kwargs)
        desk.records["hr.employee"][1]["name"] = self.employee.name
        desk.records["res.partner"][2]["email"] = self.contact_a.email
        desk.add("sale.order", name=self.order_a.name, company_id=1)
        desk.add("sale.order.line", order_id=1, name=self.item_a.name)
        desk.add_ticket()
        return desk, url

    def _find_lines(self, tickets):
        lines = self.env["account.analytic.line"]
        return lines.search([("helpdesk_ticket_id", "in", tickets.ids)], order="id")

    def test_with_its_item(self):
        desk, url = self._serve_known()
        desk.add_time(1, 1.5, so_line=1)
        desk.add_time(1, 0.5, so_line=False)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        self.assertEqual(ticket.sale_line_id, self.item_a)
        billed, free = self._find_lines(ticket)
        self.assertEqual(billed.employee_id, self.employee)
        self.assertEqual(billed.name, "Looked at it")
        self.assertEqual(str(billed.date), "2021-03-02")
        self.assertEqual(billed.so_line, self.item_a)
        self.assertFalse(billed.is_so_line_edited)
        self.assertFalse(free.so_line)
        self.assertDelivered(self.item_a, 1.5)
        migration.action_bring_in()
        self._run_jobs()
        self.assertDelivered(self.item_a, 1.5)

    def test_billed_elsewhere(self):
        desk, url = self._serve_known()
        desk.add_time(1, 1, so_line=1, timesheet_invoice_id=5)
        desk.add_time(1, 2, so_line=1)
        migration = self._new_migration(url)
        billed, due = self._find_lines(self._bring_in(migration))
        self.assertTrue(billed.billed_elsewhere)
        self.assertFalse(billed.so_line)
        self.assertFalse(due.billed_elsewhere)
        self.assertDelivered(self.item_a, 2)

    def test_invoices_that_were_undone(self):
        """Time on a cancelled or reversed invoice is due, as on the old desk."""
        desk, url = self._serve_known()
        for state, payment in (
            ("cancel", "not_paid"),
            ("posted", "reversed"),
            ("posted", "paid"),
        ):
            desk.add("account.move", state=state, payment_state=payment)
            number = len(desk.records["account.move"])
            desk.add_time(1, number, so_line=1, timesheet_invoice_id=number)
        ticket = self._bring_in(self._new_migration(url))
        elsewhere = self._find_lines(ticket).filtered("billed_elsewhere")
        self.assertEqual(elsewhere.unit_amount, 3)
        self.assertDelivered(self.item_a, 3)

    def test_closed_periods(self):
        """As by hand: only what the old desk has billed comes into them."""
        company = self.env.company
        if "helpdesk_lock_date" not in company._fields:
            self.skipTest("periods are closed by helpdesk_timesheet_approval")
        desk, url = self._serve_known()
        desk.add_time(1, 1.5, so_line=1)
        desk.add_ticket()
        desk.add_time(2, 2.5, so_line=1, timesheet_invoice_id=5)
        company.helpdesk_lock_date = "2021-12-31"
        migration = self._new_migration(url)
        tickets = self._bring_in(migration)
        self.assertEqual(self._find_lines(tickets).mapped("unit_amount"), [2.5])
        reasons = migration.problem_line_ids.mapped("reason")
        self.assertTrue([x for x in reasons if "is closed" in x], reasons)
        self.assertDelivered(self.item_a, 0)

    def test_contact_who_is_made_on_the_way(self):
        """Who comes with a company that is here: the time is billed from the first."""
        desk, url = self._serve_known()
        company, contact = (
            desk.records["res.partner"][1],
            desk.records["res.partner"][2],
        )
        company |= {
            "name": self.customer_a.name,
            "is_company": True,
            "parent_id": False,
        }
        company["email"] = self.customer_a.email or False
        contact |= {"name": "Jane New", "email": "jane@new.example", "parent_id": 1}
        desk.add_time(1, 1.5, so_line=1)
        tickets = self._bring_in(self._new_migration(url))
        self.assertEqual(tickets.partner_id.name, "Jane New")
        self.assertEqual(tickets.partner_id.parent_id, self.customer_a)
        self.assertDelivered(self.item_a, 1.5)

    def test_all_was_billed(self):
        desk, url = self._serve_known()
        desk.add_time(1, 2, so_line=1)
        ticket = self._bring_in(self._new_migration(url, billed_there="all"))
        self.assertTrue(self._find_lines(ticket).billed_elsewhere)
        self.assertDelivered(self.item_a, 0)

    def test_item_is_not_certain(self):
        desk, url = self._serve_known()
        desk.add("sale.order.line", order_id=1, name=self.item_a.name)  # one too many
        desk.add("sale.order", name="S-unknown", company_id=1)
        desk.add("sale.order.line", order_id=2, name=self.item_a.name)
        for item in (1, 3):
            desk.add_time(1, 1, so_line=item)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        lines = self._find_lines(ticket)
        self.assertEqual(len(lines), 2)
        self.assertFalse(lines.so_line)
        self.assertFalse(ticket.sale_line_id)
        self.assertDelivered(self.item_a, 0)
        reasons = migration.problem_line_ids.filtered(lambda x: x.entity == "time")
        self.assertEqual(sum(reasons.mapped("hours")), 2)
        ticket.sale_line_id = self.item_a  # later work, not this
        self.assertFalse(lines.so_line)

    def test_item_of_another_customer(self):
        desk, url = self._serve_known()
        desk.records["res.partner"][2]["email"] = self.contact_b.email
        desk.add_time(1, 1, so_line=1)
        lines = self._find_lines(self._bring_in(self._new_migration(url)))
        self.assertEqual(len(lines), 1)
        self.assertFalse(lines.so_line)
        self.assertDelivered(self.item_a, 0)

    def test_a_desk_that_billed_nothing(self):
        """As if it was recorded here: the ticket's item bills it, once it has one."""
        desk, url = self._serve_known(modules=TYPES)
        desk.add_time(1, 1)
        ticket = self._bring_in(self._new_migration(url))
        lines = self._find_lines(ticket)
        self.assertFalse(ticket.sale_line_id)
        self.assertFalse(lines.so_line)
        ticket.sale_line_id = self.item_a
        self.assertEqual(lines.so_line, self.item_a)

    def test_nobody_and_who_stands_in(self):
        desk, url = self._serve_known()
        desk.add_time(1, 1, employee_id=False, user_id=False)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        self.assertFalse(self._find_lines(ticket))
        self.assertEqual(self._get_counts(migration)["time"], (1, 0, 0, 1))
        migration.substitute_id = self.employee_2
        migration.action_bring_in()
        self._run_jobs()
        self.assertEqual(self._find_lines(ticket).employee_id, self.employee_2)

    def test_who_left_since(self):
        desk, url = self._serve_known()
        desk.add_time(1, 1)
        self.employee.active = False
        ticket = self._bring_in(self._new_migration(url))
        self.assertEqual(self._find_lines(ticket).employee_id, self.employee)

    def test_same_time_is_here_without_ticket(self):
        desk, url = self._serve_known()
        desk.add_time(1, 1)
        plain = {
            "project_id": self.project.id,
            "employee_id": self.employee.id,
            "date": "2021-03-02",
            "unit_amount": 1,
            "name": "Looked at it",
        }
        self.env["account.analytic.line"].create(plain)
        migration = self._new_migration(url)
        self.assertFalse(self._find_lines(self._bring_in(migration)))
        reason = migration.problem_line_ids.filtered(
            lambda x: x.entity == "time"
        ).reason
        self.assertIn("here already, without ticket", reason)

    def test_who_may_bring_time(self):
        _desk, url = self._serve_known()
        approver = self.env.ref("hr_timesheet.group_hr_timesheet_approver")
        migration = self._new_migration(url)
        self._rehearse(migration)
        self.importer.group_ids -= approver
        with self.assertRaisesRegex(AccessError, "all timesheets"):
            migration.action_bring_in()
        migration.bring_time = False
        migration.action_bring_in()

    # === COMPARISON === #

    def _compare(self, migration):
        migration.action_compare()
        self._run_jobs()
        self.assertEqual(migration.state, "compared")
        return {
            (line.entity, line.name or ""): (line.old_value, line.new_value)
            for line in migration.sum_line_ids
        }

    def test_both_sides(self):
        desk, url = self._serve_known()
        desk.add_message(1)
        desk.add_file(1)
        desk.add_time(1, 1.5, so_line=1)
        desk.add_time(1, 2, so_line=1, timesheet_invoice_id=5)
        migration = self._new_migration(url)
        ticket = self._bring_in(migration)
        sums = self._compare(migration)
        self.assertEqual(sums["ticket", ""], (1, 1))
        self.assertEqual(sums["message", ""], (1, 1))
        self.assertEqual(sums["file", ""], (1, 1))
        self.assertEqual(sums["time", ""], (3.5, 3.5))
        name = f"{self.order_a.name} - {self.item_a.name}"
        self.assertEqual(sums["item", name], (1.5, 1.5))
        self.assertFalse(migration.difference_line_ids)
        # the old desk goes on, and somebody here deletes a message
        desk.add_time(1, 1)
        ticket.message_ids.unlink()
        desk.add_ticket()
        self._compare(migration)
        differences = {
            (line.name, line.entity): (line.old_value, line.new_value)
            for line in migration.difference_line_ids
        }
        self.assertEqual(
            differences,
            {
                ("OLD00001", "time"): (4.5, 3.5),
                ("OLD00001", "message"): (1, 0),
                ("OLD00002", "ticket"): (1, 0),
            },
        )
        self.assertEqual(migration.difference_count, 2)
