"""What is true of kinds of work, read past the ORM."""

import dataclasses

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import facts


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of work."""

    id: int
    charge: str
    product: int
    factor: float
    step: int
    minimum: int
    rounding: str
    scope: str
    active: bool


@dataclasses.dataclass(frozen=True)
class Detail:
    """What kinds add to a line. ``off`` are the hours that were written off."""

    id: int
    kind: int
    off: float
    waits: bool
    name: str


@dataclasses.dataclass(frozen=True)
class ChargeFacts(facts.Facts):
    """The facts, with those of kinds by id; ``products`` are those of items."""

    kinds: dict
    details: dict
    products: dict

    def kind_of(self, line):
        """Kind of work of a line, None without one."""
        return self.kinds.get(self.details[line.id].kind)


KINDS = """
    SELECT id, charge, product_id, factor, COALESCE(step_minutes, 0),
           COALESCE(minimum_minutes, 0), rounding, scope, active
      FROM helpdesk_work_type ORDER BY id
"""
DETAILS = """
    SELECT id, work_type_id, COALESCE(hours_written_off, 0),
           COALESCE(waits_for_text, FALSE), name
      FROM account_analytic_line WHERE project_id IS NOT NULL AND id > %s ORDER BY id
"""
PRODUCTS = "SELECT id, product_id FROM sale_order_line WHERE id > %s ORDER BY id"


def read(cr, start, plain):
    """Add the facts of kinds to those of the world below.

    :param cr: a cursor, everything flushed
    :param dict start: highest id of a table before the world was made
    :param plain: the :class:`facts.Facts` that were read
    """

    def rows(query, *arguments):
        cr.execute(query, arguments)
        return cr.fetchall()

    fields = {
        field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)
    }
    lines = rows(DETAILS, start["account_analytic_line"])
    return ChargeFacts(
        **fields,
        kinds={row[0]: Kind(*row) for row in rows(KINDS)},
        details={row[0]: Detail(*row) for row in lines},
        products=dict(rows(PRODUCTS, start["sale_order_line"])),
    )
