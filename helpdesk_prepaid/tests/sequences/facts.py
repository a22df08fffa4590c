"""What is true of packs, read past the ORM."""

import dataclasses
import datetime

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import facts


@dataclasses.dataclass(frozen=True)
class Pack:
    """A confirmed item that sells hours in advance; hours in ``left`` as it shows them."""

    id: int
    first: datetime.date
    last: datetime.date
    at_end: str
    following: int
    left: float

    def is_valid_on(self, day):
        """Whether it bills work of a day."""
        return not (self.first and day < self.first) and not (
            self.last and day > self.last
        )


@dataclasses.dataclass(frozen=True)
class Part:
    """What packs add to a line: the first line of its work, the pack that has no hours
    for it, and whether it waits."""

    id: int
    root: int
    origin: int
    waits: bool


@dataclasses.dataclass(frozen=True)
class PackFacts(facts.Facts):
    """The facts, with those of packs and parts by id; ``moved`` hours by pack and kind."""

    packs: dict
    parts: dict
    moved: dict


PACKS = """
    SELECT item.id, item.pack_valid_from, item.pack_valid_until, item.pack_at_end,
           item.pack_next_line_id, item.remaining_hours
      FROM sale_order_line item
      JOIN product_product product ON product.id = item.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE item.id > %s AND template.invoice_policy = 'order'
       AND template.service_type = 'timesheet'
     ORDER BY item.id
"""
PARTS = """
    SELECT id, COALESCE(split_from_id, id), pack_origin_id,
           COALESCE(waits_for_pack, FALSE)
      FROM account_analytic_line WHERE project_id IS NOT NULL AND id > %s ORDER BY id
"""
MOVED = """
    SELECT sale_line_id, kind, SUM(hours) FROM helpdesk_pack_movement
     WHERE sale_line_id > %s GROUP BY sale_line_id, kind ORDER BY sale_line_id, kind
"""


def read(cr, start, plain):
    """Add the facts of packs to those of the world below.

    :param cr: a cursor, everything flushed
    :param dict start: highest id of a table before the world was made
    :param plain: the :class:`facts.Facts` that were read
    """

    def rows(query, table):
        cr.execute(query, [start[table]])
        return cr.fetchall()

    fields = {
        field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)
    }
    return PackFacts(
        **fields,
        packs={row[0]: Pack(*row) for row in rows(PACKS, "sale_order_line")},
        parts={row[0]: Part(*row) for row in rows(PARTS, "account_analytic_line")},
        moved={row[:2]: row[2] for row in rows(MOVED, "sale_order_line")},
    )
