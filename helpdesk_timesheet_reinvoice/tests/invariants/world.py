"""Customers, orders, people and invoices of stock Odoo, and what people do with them.

Every operation takes plain numbers: ``pick`` chooses a record by its place among those
that exist, so that a sequence of calls means the same whenever it is played.
"""

import datetime
from types import MappingProxyType

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from . import facts
from .checks import REPRICING

FIRST_DAY = datetime.date(2025, 3, 3)
#: Policy and unit of the items that can be ordered; the unit is hours, days or units.
OFFERS = (
    ("delivered_timesheet", "hour"),
    ("delivered_timesheet", "day"),
    ("delivered_timesheet", "unit"),
    ("ordered_prepaid", "hour"),
    ("delivered_milestones", "hour"),
    ("delivered_manual", "hour"),
)


def day(number):
    """Return the day of that number, None for no limit."""
    return None if number is None else FIRST_DAY + datetime.timedelta(days=number)


class World:
    """Stock records around the cases (tickets, or tasks) that time is spent on.

    :param test: a ``TransactionCase`` class; records are made in its transaction
    """

    case_model = None
    case_table = None
    case_column = None
    case_query = None
    #: Groups of the people who log time, the least they need.
    worker_groups = "hr_timesheet.group_hr_timesheet_user"
    sales_groups = "sales_team.group_sale_salesman_all_leads"
    accountant_groups = "account.group_account_invoice"
    planner_groups = (
        "project.group_project_manager,hr_timesheet.group_hr_timesheet_user"
    )
    approver_groups = "hr_timesheet.group_hr_timesheet_approver"
    #: Whether every billed line names its customer.
    lines_have_customers = False
    #: SQL of what differs from world to world, see ``facts.read``
    columns = MappingProxyType(
        {
            "case": "task_id",
            "hours": "line.unit_amount",
            "line_customer": "partner.commercial_partner_id",
            "buyer": "partner.commercial_partner_id",
        }
    )

    def __init__(self, env, new_user):
        self.new_user = new_user
        self.env = env
        self.start = {table: self._last_id(table) for table in self._tables()}
        self._make_people()
        self._make_customers()
        self._make_products()
        self._make_projects()
        self.orders = self.env["sale.order"]
        self._make_orders()
        self._make_cases()
        self._savepoint = None

    # === SETTING UP === #

    def _tables(self):
        return (
            "account_analytic_line",
            "account_move",
            "project_project",
            "sale_order_line",
            self.case_table,
        )

    def _last_id(self, table):
        query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
        return self.env.execute_query(query)[0][0]

    def _make_people(self):
        def user(login, groups):
            return self.new_user(self.env, login=f"inv_{login}", groups=groups)

        self.workers = user("ada", self.worker_groups)
        self.workers |= user("ben", self.worker_groups)
        self.seller = user("sally", self.sales_groups)
        self.accountant = user("acco", self.accountant_groups)
        self.planner = user("pia", self.planner_groups)
        self.approver = user("abby", self.approver_groups)
        self.env["hr.employee"].create(
            [
                {"name": worker.login, "user_id": worker.id, "hourly_cost": 40.0}
                for worker in self.workers | self.planner
            ]
        )

    def _make_customers(self):
        Partner = self.env["res.partner"]
        self.companies = Partner.create(
            [{"name": f"Customer {name}", "is_company": True} for name in "ABC"]
        )
        contacts = Partner.create(
            [
                {"name": f"Contact {number}", "parent_id": company.id}
                for number, company in enumerate(self.companies)
            ]
        )
        self.customers = self.companies | contacts

    def _make_products(self):
        units = {
            name: self.env.ref(f"uom.product_uom_{name}")
            for name in ("hour", "day", "unit")
        }
        self.hours_per_unit = {
            units["hour"].id: 1.0,
            units["day"].id: 8.0,
            units["unit"].id: 1.0,
        }
        self.products = self.env["product.product"].create(
            [
                {
                    "name": f"{policy} {unit}",
                    "type": "service",
                    "service_policy": policy,
                    "uom_id": units[unit].id,
                    "list_price": 100.0,
                    "taxes_id": [Command.clear()],
                }
                for policy, unit in OFFERS
            ]
        )

    def _make_projects(self):
        self.projects = self.env["project.project"].create(
            [
                {
                    "name": f"Support {number}",
                    "allow_timesheets": True,
                    "allow_billable": True,
                    "privacy_visibility": "portal",
                }
                for number in range(2)
            ]
        )

    def _make_orders(self):
        """Customer A has an order of everything, B and C buy hours and days."""
        self.new_order(customer=0, offers=range(len(OFFERS)), confirm=True)
        self.new_order(customer=1, offers=(0, 1), confirm=True)
        self.new_order(customer=2, offers=(0,), confirm=True)

    def _make_cases(self):
        raise NotImplementedError

    # === EXAMPLES === #

    def begin(self):
        """Start an example; everything it does is undone by :meth:`end`."""
        self._kept = self.records
        self._savepoint = self.env.cr.savepoint()

    def end(self):
        """Undo the example."""
        self._savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
        self.records = self._kept

    @property
    def records(self):
        """What operations choose from and add to."""
        return self.customers, self.orders, self.cases

    @records.setter
    def records(self, records):
        self.customers, self.orders, self.cases = records

    def read(self):  # pylint: disable=method-required-super
        """Return the :class:`facts.Facts` as the next request would find them."""
        self.env.flush_all()
        self.env.invalidate_all()
        start = {**self.start, "cases": self.start[self.case_table]}
        return facts.read(self.env.cr, start, self.columns, self.case_query)

    def more_checks(self, memory, before, after):
        """Checks of this world only.

        :return: generators of sentences by name
        """
        return {}

    # === WHAT HOLDS IN THIS WORLD === #

    def is_delivered(self, facts):
        """What delivered quantities count: all time.

        :return: a function that tells it of a line
        """
        return lambda line: True

    def ends_choice(self, facts, line):
        """Whether a line may lose the item that a person chose for it."""
        return False

    def get_hours_off(self, facts, line):
        """How many hours of a line a person took off those to bill."""
        return line.worked - line.hours

    def may_reprice(self, operation):
        """Whether an operation may change how many hours of an open line are billed."""
        return operation in REPRICING

    def may_follow(self, name):
        """Whether this may change of a line, or it be joined with others, in the step in
        which its invoice lets it go."""
        return False

    def may_rework(self, operation):
        """Whether an operation may change how many hours of a line were worked."""
        return operation == "edit_hours"

    def may_delete(self, operation):
        """Whether an operation may delete lines."""
        return operation == "delete_line"

    # === CHOOSING === #

    def _pick(self, records, number):
        if not records:
            # pylint: disable-next=translation-required
            raise UserError("There is nothing to choose from.")
        return records[number % len(records)]

    def _lines(self, domain=()):
        return self.env["account.analytic.line"].search(
            [
                ("id", ">", self.start["account_analytic_line"]),
                ("project_id", "!=", False),
                *domain,
            ],
            order="id",
        )

    def _items(self, states=("sale", "cancel", "draft")):
        items = self.env["sale.order.line"].browse(self.orders.order_line.ids)
        return items.sorted("id").filtered(
            lambda item: item.product_id and item.state in states
        )

    def _items_for(self, case, states=("sale", "cancel", "draft")):
        """Items, those that fit the customer of a case and bill time first: what most
        people choose from, with some mistakes."""
        customer = case.sudo().partner_id.commercial_partner_id
        if "commercial_partner_id" in case:
            customer = case.sudo().commercial_partner_id
        return self._items(states).sorted(
            lambda item: (
                item.order_partner_id.commercial_partner_id != customer,
                item.state != "sale",
                item.product_id.service_policy != "delivered_timesheet",
                item.id,
            )
        )

    def _case_of(self, line):
        return line[self.case_column]

    def _moves(self, states, kinds=("out_invoice", "out_refund")):
        return self.env["account.move"].search(
            [
                ("id", ">", self.start["account_move"]),
                ("state", "in", states),
                ("move_type", "in", kinds),
            ],
            order="id",
        )

    def _own(self, line):
        """The line as the person sees it who logged it."""
        return line.with_user(line.user_id)

    # === TIME === #

    def log(self, case, hours, person, on):
        """Log time on a case, as one of the workers."""
        worker = self._pick(self.workers, person)
        record = self._pick(self.cases, case)
        self.env["account.analytic.line"].with_user(worker).create(
            {
                "name": "Work",
                "unit_amount": hours,
                "date": day(on),
                **self._get_line_values(record),
            }
        )

    def _get_line_values(self, case):
        raise NotImplementedError

    def edit_hours(self, line, hours):
        """Correct the time spent."""
        self._own(self._pick(self._lines(), line)).write({"unit_amount": hours})

    def edit_day(self, line, on):
        """Correct the day."""
        self._own(self._pick(self._lines(), line)).write({"date": day(on)})

    def change_employee(self, line, person):
        """Correct who spent the time."""
        chosen = self._pick(self.workers, person).employee_id
        record = self._pick(self._lines(), line).with_user(self.approver)
        record.write({"employee_id": chosen.id})

    def delete_line(self, line):
        """Delete a timesheet line."""
        self._own(self._pick(self._lines(), line)).unlink()

    def set_item(self, line, item):
        """Choose the item of a line by hand."""
        record = self._pick(self._lines(), line)
        chosen = self._pick(self._items_for(self._case_of(record)), item)
        values = {"so_line": chosen.id, "is_so_line_edited": True}
        self._own(record).write(values)

    def remove_item(self, line):
        """Make a line non-billable by hand."""
        values = {"so_line": False, "is_so_line_edited": True}
        self._own(self._pick(self._lines(), line)).write(values)

    def forget_item(self, line):
        """Let the item of a line be chosen for it again."""
        self._own(self._pick(self._lines(), line)).write({"is_so_line_edited": False})

    # === PROJECTS AND RATES === #

    def set_billable(self, project, billable):
        """Turn the Billable option of a project."""
        record = self._pick(self.projects, project).with_user(self.planner)
        record.write({"allow_billable": billable})

    def _rates(self):
        return self.projects.sale_line_employee_ids.sorted("id")

    def add_rate(self, project, person, item):
        """Give a person an own rate on a project."""
        employees = self.workers.employee_id
        self.env["project.sale.line.employee.map"].with_user(self.planner).create(
            {
                "project_id": self._pick(self.projects, project).id,
                "employee_id": self._pick(employees, person).id,
                "sale_line_id": self._pick(self._items(("sale",)), item).id,
            }
        )

    def change_rate(self, rate, item):
        """Change the item of a rate."""
        chosen = self._pick(self._items(("sale",)), item)
        record = self._pick(self._rates(), rate).with_user(self.planner)
        record.write({"sale_line_id": chosen.id})

    def remove_rate(self, rate):
        """Remove a rate."""
        self._pick(self._rates(), rate).with_user(self.planner).unlink()
