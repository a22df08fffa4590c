from odoo import SUPERUSER_ID, api
from odoo.fields import Domain


def migrate(cr, version):
    """Delivered quantities that waited before the update are brought up to date, and
    open time notes by which rule it has its item."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    waiting = env["sale.delivered.refresh"].search([]).sale_line_id
    waiting._complete_qty_delivered()
    Line = env["account.analytic.line"]
    of_tickets = Domain("helpdesk_ticket_id", "!=", False)
    lines = Line.search(of_tickets & ~Line._domain_time("billed"))
    env.add_to_compute(Line._fields["so_line_rule"], lines)
    env.flush_all()
