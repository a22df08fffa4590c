from odoo import models


class AccountAnalyticLine(models.Model):
    """When the item of a line is chosen again, both items are right afterwards."""

    _inherit = "account.analytic.line"

    # === COMPUTE METHODS === #

    def _compute_so_line(self):
        """Bring the items up to date that ticket time left or came to.

        The ORM looks for the items to compute again through the lines. In a chain of
        computed fields, such as a rate that gives the project an item, it finds the
        lines with their new item already, and would leave the hours on the old one.
        Where contacts are merged, which bypasses the ORM, it may miss the new one.
        """
        saved = self.filtered(lambda line: line.id and line.helpdesk_ticket_id)
        former = saved.grouped("so_line")
        result = super()._compute_so_line()
        changed = self.env["sale.order.line"]
        for item, lines in former.items():
            if lines.so_line != item:
                changed |= item | lines.so_line
        if changed:
            self.env.add_to_compute(changed._fields["qty_delivered"], changed)
            changed.modified(["qty_delivered"])
        return result
