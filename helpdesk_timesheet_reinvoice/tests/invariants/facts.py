"""What is true in the database after a step, read past the ORM.

Quantities are in the unit of the order item, durations in hours, customers are
commercial partners.
"""

import dataclasses
import datetime


@dataclasses.dataclass(frozen=True)
class Line:
    """A timesheet line; ``case`` is its ticket (or task, in the stock world). ``hours``
    are those to bill, ``worked`` those that were worked."""

    id: int
    case: int
    task: int
    project: int
    item: int
    hours: float
    worked: float
    invoice: int
    edited: bool
    partner: int
    customer: int
    employee: int
    day: datetime.date


@dataclasses.dataclass(frozen=True)
class Case:
    """A ticket, or a task in the stock world."""

    id: int
    item: int
    customer: int
    project: int
    task: int
    team: int
    active: bool
    reinvoices: bool
    since: datetime.date = None

    def is_before(self, line):
        """Whether a line is of before the day from which the item of its ticket counts."""
        return bool(self.since and line.day < self.since)


@dataclasses.dataclass(frozen=True)
class Item:
    """A sales order item."""

    id: int
    order: int
    state: str
    customer: int
    unit: int
    ordered: float
    delivered: float
    invoiced: float
    to_invoice: float
    by_time: bool
    postpaid: bool


@dataclasses.dataclass(frozen=True)
class Bill:
    """An invoice line of an order item, with what matters of its invoice."""

    id: int
    move: int
    item: int
    quantity: float
    unit: int
    state: str
    kind: str
    reverses: int
    paid: str

    @property
    def counts(self):
        """Whether the invoice is not cancelled."""
        return self.state != "cancel"

    @property
    def is_refund(self):
        return self.kind == "out_refund"


@dataclasses.dataclass(frozen=True)
class Facts:
    """Everything the checks look at, by id."""

    lines: dict
    cases: dict
    items: dict
    bills: dict
    moves: dict
    billable: dict
    rates: dict

    def is_billed(self, line):
        """Whether a line is on an invoice that is not cancelled."""
        return bool(line.invoice) and self.moves[line.invoice] != "cancel"

    def open_lines(self):
        """Lines that no invoice which counts has taken."""
        return [line for line in self.lines.values() if not self.is_billed(line)]

    def buyer(self, item):
        """Customer of an item."""
        return item and self.items[item].customer

    def loose_credits(self):
        """Items on credit notes that credit neither an invoice nor time."""
        holders = {line.invoice for line in self.lines.values()}
        return {
            bill.item
            for bill in self.bills.values()
            if bill.is_refund
            and bill.counts
            and not bill.reverses
            and bill.move not in holders
        }

    def differences(self, other):
        """Names of what differs between two states."""
        return [
            field.name
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        ]


LINES = """
    SELECT line.id, line.{case}, line.task_id, line.project_id, line.so_line,
           {hours}, line.unit_amount, line.timesheet_invoice_id,
           COALESCE(line.is_so_line_edited, FALSE), line.partner_id,
           {line_customer}, line.employee_id, line.date
      FROM account_analytic_line line
      LEFT JOIN res_partner partner ON partner.id = line.partner_id
     WHERE line.project_id IS NOT NULL AND line.id > %s
     ORDER BY line.id
"""
ITEMS = """
    SELECT item.id, item.order_id, item.state, {buyer},
           item.product_uom_id, item.product_uom_qty, item.qty_delivered,
           item.qty_invoiced, item.qty_to_invoice,
           item.qty_delivered_method = 'timesheet',
           template.invoice_policy = 'delivery' AND template.service_type = 'timesheet'
      FROM sale_order_line item
      JOIN res_partner partner ON partner.id = item.order_partner_id
      JOIN sale_order ON sale_order.id = item.order_id
      JOIN product_product product ON product.id = item.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE item.id > %s
     ORDER BY item.id
"""
BILLS = """
    SELECT bill.id, bill.move_id, item.id,
           bill.quantity * bill_unit.factor / item_unit.factor, bill_unit.id,
           move.state, move.move_type, move.reversed_entry_id, move.payment_state
      FROM sale_order_line_invoice_rel link
      JOIN account_move_line bill ON bill.id = link.invoice_line_id
      JOIN account_move move ON move.id = bill.move_id
      JOIN sale_order_line item ON item.id = link.order_line_id
      JOIN uom_uom item_unit ON item_unit.id = item.product_uom_id
      JOIN uom_uom bill_unit ON bill_unit.id = bill.product_uom_id
     WHERE item.id > %s AND item.product_id IS NOT NULL
     ORDER BY bill.id
"""
MOVES = "SELECT id, state FROM account_move WHERE id > %s ORDER BY id"
BILLABLE = """
    SELECT id, COALESCE(allow_billable, FALSE) FROM project_project WHERE id > %s
     ORDER BY id
"""
RATES = """
    SELECT project_id, employee_id, sale_line_id
      FROM project_sale_line_employee_map
     WHERE project_id > %s AND sale_line_id IS NOT NULL
     ORDER BY id
"""


def read(cr, start, columns, case_query):
    """Read the facts.

    :param cr: a cursor, everything flushed
    :param dict start: highest id of a table before the world was made
    :param dict columns: SQL of what the worlds tell in other columns: the case and the
        customer of a line, its hours to bill, the buyer of an item
    :param str case_query: SQL of the columns of :class:`Case`
    """

    def rows(query, table):
        cr.execute(query, [start[table]])
        return cr.fetchall()

    lines = rows(LINES.format(**columns), "account_analytic_line")
    return Facts(
        lines={row[0]: Line(*row) for row in lines},
        cases={row[0]: Case(*row) for row in rows(case_query, "cases")},
        items={
            row[0]: Item(*row)
            for row in rows(ITEMS.format(**columns), "sale_order_line")
        },
        bills={row[0]: Bill(*row) for row in rows(BILLS, "sale_order_line")},
        moves=dict(rows(MOVES, "account_move")),
        billable=dict(rows(BILLABLE, "project_project")),
        rates={row[:2]: row[2] for row in rows(RATES, "project_project")},
    )
