from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Delivered quantities that waited before the update are brought up to date."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    waiting = env["sale.delivered.refresh"].search([]).sale_line_id
    waiting._complete_qty_delivered()
    env.flush_all()
