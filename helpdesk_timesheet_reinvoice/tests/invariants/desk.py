"""The world of the machine with tickets."""

from types import MappingProxyType

from odoo.fields import Command

from . import desk_checks
from .doors import Doors
from .money import MoneyWorld
from .world import day

CASES = """
    SELECT ticket.id, ticket.sale_line_id, ticket.commercial_partner_id,
           ticket.project_id, ticket.task_id, ticket.team_id, ticket.active,
           COALESCE(team.use_helpdesk_sale_timesheet, FALSE), ticket.sale_line_since
      FROM helpdesk_ticket ticket
      JOIN helpdesk_team team ON team.id = ticket.team_id
     WHERE ticket.id > %s
     ORDER BY ticket.id
"""


class DeskWorld(Doors, MoneyWorld):
    """Tickets of three teams; the agents have no sales, project or accounting rights.

    Team 0 bills on project 0, team 1 bills on project 1 with one invoice line per
    ticket, team 2 records time on a project of its own and bills nothing.
    """

    case_model = "helpdesk.ticket"
    case_table = "helpdesk_ticket"
    case_column = "helpdesk_ticket_id"
    case_query = CASES
    worker_groups = (
        "helpdesk_base.group_helpdesk_user,hr_timesheet.group_hr_timesheet_user"
    )
    lines_have_customers = True
    columns = MappingProxyType(
        {
            "case": "helpdesk_ticket_id",
            "hours": "line.billable_hours",
            "line_customer": "line.helpdesk_commercial_partner_id",
            "buyer": "sale_order.helpdesk_commercial_partner_id",
        }
    )
    lead_groups = "helpdesk_base.group_helpdesk_manager"
    bookkeeper_groups = (
        "account.group_account_invoice,hr_timesheet.group_hr_timesheet_approver,"
        "sales_team.group_sale_salesman_all_leads"
    )

    # === SETTING UP === #

    def _make_people(self):
        super()._make_people()
        self.lead = self.new_user(self.env, login="inv_lea", groups=self.lead_groups)
        self.bookkeeper = self.new_user(
            self.env, login="inv_bea", groups=self.bookkeeper_groups
        )

    def _make_projects(self):
        super()._make_projects()
        Team = self.env["helpdesk.team"]
        billing = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        self.teams = Team.create(
            [
                {"name": "Care", "project_id": self.projects[0].id, **billing},
                {
                    "name": "Field",
                    "project_id": self.projects[1].id,
                    "split_invoice_by_ticket": True,
                    **billing,
                },
                {"name": "Desk", "use_helpdesk_timesheet": True},
            ]
        )
        self.projects |= self.teams[2].project_id

    def _make_cases(self):
        """Two tickets of customer A, one of B, one without customer."""
        self.cases = self.env["helpdesk.ticket"]
        for customer, team in ((0, 0), (3, 1), (1, 0), (None, 0)):
            self.new_case(customer, team)

    # === CHECKS === #

    def more_checks(self, memory, before, after):
        return {
            "documents": desk_checks.check_documents(self, after),
            "choice": desk_checks.check_choice(self, after, memory),
            "reason": desk_checks.check_reasons(self, after, self._read_reasons()),
            "ticket": desk_checks.check_case_items(after),
            "totals": desk_checks.check_totals(
                self, after, self._read_case_figures(), self._read_order_figures()
            ),
            "project": desk_checks.check_projects(after, self._read_project_figures()),
        }

    def expect_items(self, facts, line):
        """Items that an open line may have; see ``desk_checks.expected_items``."""
        return desk_checks.expected_items(facts, line)

    def is_right_reason(self, facts, line, reason):
        """Tell whether the reason of an open line is true."""
        return desk_checks.is_reason_of_rule(facts, line, reason)

    def _read_reasons(self):
        lines = self._lines()
        return dict(zip(lines.ids, lines.mapped("so_line_reason"), strict=True))

    def _read_case_figures(self):
        tickets = self.cases.with_user(self.workers[0])
        return {
            ticket.id: {
                "total": ticket.total_hours_spent,
                "to_invoice": ticket.hours_to_invoice,
                "invoiced": ticket.hours_invoiced,
                "covered": ticket.hours_covered,
                "non_billable": ticket.hours_non_billable,
            }
            for ticket in tickets
        }

    def _read_order_figures(self):
        return {
            order.id: {
                "to_invoice": order.ticket_hours_to_invoice,
                "invoiced": order.ticket_hours_invoiced,
                "covered": order.ticket_hours_covered,
                "non_billable": order.ticket_hours_non_billable,
            }
            for order in self.orders.with_user(self.seller)
        }

    def _read_project_figures(self):
        projects = self.projects.with_user(self.planner)
        return {project.id: project.effective_hours for project in projects}

    # === TICKETS === #

    def new_case(self, customer, team):
        """Open a ticket, of a customer or of somebody unknown."""
        partner = (
            self._pick(self.customers, customer)
            if customer is not None
            else self.customers.browse()
        )
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.workers[0])
            .create(
                {
                    "name": "Case",
                    "team_id": self._pick(self.teams, team).id,
                    "partner_id": partner.id,
                }
            )
        )
        self.cases |= ticket.with_env(self.env)

    def _ticket(self, case, person=0):
        worker = self._pick(self.workers, person)
        return self._pick(self.cases, case).with_user(worker)

    def _get_line_values(self, case):
        return {"helpdesk_ticket_id": case.id}

    def set_case_item(self, case, item):
        """Choose the item of a ticket."""
        chosen = self._pick(self._items_for(self._pick(self.cases, case)), item)
        self._ticket(case).write({"sale_line_id": chosen.id})

    def set_case_item_since(self, case, item, since):
        """Choose the item of a ticket for time from a day on."""
        chosen = self._pick(self._items_for(self._pick(self.cases, case)), item)
        values = {"sale_line_id": chosen.id, "sale_line_since": day(since)}
        self._ticket(case).write(values)

    def clear_case_item(self, case):
        """Remove the item of a ticket."""
        self._ticket(case).write({"sale_line_id": False})

    def set_customer(self, case, customer):
        """Change the customer of a ticket."""
        partner = self._pick(self.customers, customer)
        self._ticket(case).write({"partner_id": partner.id})

    def set_customer_and_item(self, case, customer, item):
        """Change customer and item in one go, as a form does."""
        partner = self._pick(self.customers, customer)
        chosen = self._pick(self._items(), item)
        values = {"partner_id": partner.id, "sale_line_id": chosen.id}
        self._ticket(case).write(values)

    def set_team(self, case, team):
        """Hand a ticket to another team."""
        self._ticket(case).write({"team_id": self._pick(self.teams, team).id})

    def set_project(self, case, project):
        """Record the time of a ticket on another project."""
        chosen = self._pick(self.projects, project)
        self._ticket(case).write({"project_id": chosen.id})

    def archive(self, case, active):
        """Archive a ticket, or bring it back."""
        self._ticket(case).write({"active": active})

    def delete_case(self, case):
        """Delete a ticket."""
        ticket = self._pick(self.cases, case)
        ticket.with_user(self.lead).unlink()
        self.cases -= ticket

    def merge(self, case, other):
        """Merge two tickets that follow each other, up to four places apart."""
        survivor, source = self._ticket(case), self._ticket(case + 1 + other)
        wizard = self.env["helpdesk.ticket.merge"].with_user(self.workers[0])
        wizard.create(
            {"ticket_ids": (survivor | source).ids, "target_id": survivor.id}
        ).action_merge()

    def move_line(self, line, case):
        """Hand a line to another ticket."""
        record = self._own(self._pick(self._lines(), line))
        record.write({"helpdesk_ticket_id": self._pick(self.cases, case).id})

    # === HOURS TO BILL === #

    def write_off(self, line, share):
        """Take a share of the hours of a line off those to bill."""
        record = self._pick(self._lines(), line).with_user(self.bookkeeper)
        record.action_write_off(record.billable_hours * share, "Goodwill")

    def bill_other_hours(self, line, hours):
        """Say how many hours of a line are billed."""
        record = self._pick(self._lines(), line).with_user(self.bookkeeper)
        record.write({"billable_hours": hours, "billable_hours_reason": "Agreed"})

    # === TASKS === #

    def _tasks(self):
        return self.env["project.task"].search(
            [("project_id", "in", self.projects.ids)], order="id"
        )

    def has_tasks(self):
        """Tell whether there is a task to choose."""
        return bool(self._tasks())

    def link_new_task(self, case):
        """Make a task for a ticket, in its project and for its customer."""
        ticket = self._pick(self.cases, case)
        task = self.env["project.task"].create(
            {
                "name": "Task",
                "project_id": ticket.project_id.id,
                "partner_id": ticket.partner_id.id,
            }
        )
        self._ticket(case).write({"task_id": task.id})

    def link_task(self, case, task):
        """Choose the task of a ticket, moving it to the project of the task."""
        chosen = self._pick(self._tasks(), task)
        values = {"task_id": chosen.id, "project_id": chosen.project_id.id}
        self._ticket(case).write(values)

    def unlink_task(self, case):
        """Remove the task from a ticket."""
        self._ticket(case).write({"task_id": False})

    def log_on_task(self, task, hours, person, on):
        """Log time on a task, whether it serves a ticket or not."""
        worker = self._pick(self.workers, person)
        self.env["account.analytic.line"].with_user(worker).create(
            {
                "name": "Work on the task",
                "unit_amount": hours,
                "date": day(on),
                "task_id": self._pick(self._tasks(), task).id,
            }
        )

    def set_line_task(self, line, task):
        """Choose the task of a line."""
        chosen = self._pick(self._tasks(), task)
        self._own(self._pick(self._lines(), line)).write({"task_id": chosen.id})

    # === TEAMS === #

    def switch_time(self, team, on):
        """Turn Timesheet on Ticket of a team."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"use_helpdesk_timesheet": on})

    def switch_billing(self, team, on):
        """Turn Time Reinvoicing of a team."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"use_helpdesk_sale_timesheet": on})

    def set_team_project(self, team, project):
        """Choose the default project of a team."""
        chosen = self._pick(self.projects, project)
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"project_id": chosen.id})

    def split_by_ticket(self, team, on):
        """Turn One Invoice Line per Ticket of a team."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"split_invoice_by_ticket": on})

    # === INVOICES === #

    def invoice_cases(self, first, count, start, end):
        """Invoice one ticket or several that follow each other."""
        seen = self.cases.filtered("sale_line_id") or self.cases
        places = {(first + step) % len(seen) for step in range(count)}
        tickets = seen.browse(seen[place].id for place in sorted(places))
        dates = [str(value) if value else False for value in (day(start), day(end))]
        tickets.with_user(self.seller).action_create_invoice(*dates)

    def invoice_lines(self, first, count):
        """Invoice some chosen lines."""
        free = self._lines([("timesheet_invoice_id", "=", False)])
        free = free.filtered("so_line")
        chosen = free[first : first + count] or free
        chosen.with_user(self.bookkeeper).action_invoice_lines()

    def new_order_for_case(self, case, offer):
        """Quote from a ticket and confirm."""
        ticket = self._pick(self.cases, case)
        if not ticket.partner_id:
            return
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": ticket.partner_id.id,
                    "helpdesk_ticket_id": ticket.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.products[offer].id,
                                "product_uom_qty": 5,
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        self.orders |= order.with_env(self.env)

    def remove_from_invoice(self, first, count):
        """Take some hours off the drafts they are on."""
        billed = self._lines([("timesheet_invoice_id.state", "=", "draft")])
        chosen = billed[first : first + count] or billed
        chosen.with_user(self.bookkeeper).action_remove_from_invoice()

    def credit_hours(self, move, first, count, item):
        """Credit some of the time of an invoice; with an item, bill it there again."""
        invoices = self._moves(["posted"], ["out_invoice"])
        holders = self._lines().timesheet_invoice_id & invoices
        invoice = self._pick((holders or invoices).sorted("id"), move)
        billed = self._lines([("timesheet_invoice_id", "=", invoice.id)])
        chosen = billed[first : first + count] or billed
        values = {"timesheet_ids": chosen.ids}
        if item is not None:
            items = self._items_for(chosen[:1].helpdesk_ticket_id, ("sale",))
            values["sale_line_id"] = self._pick(items, item).id
        wizard = self.env["helpdesk.time.credit"].with_user(self.bookkeeper)
        wizard.create(values).action_credit()
