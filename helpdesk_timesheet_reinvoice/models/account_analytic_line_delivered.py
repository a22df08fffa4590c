from odoo import models


class AccountAnalyticLine(models.Model):
    """When the item of a line is chosen again, the item it leaves is right, too."""

    _inherit = "account.analytic.line"

    # === COMPUTE METHODS === #

    def _compute_so_line(self):
        """Bring the items up to date that ticket time left.

        The ORM looks for the items to compute again through the lines. In a chain of
        computed fields, such as a rate that gives the project an item, it finds the
        lines with their new item already, and would leave the hours on the old one.
        """
        saved = self.filtered(lambda line: line.id and line.helpdesk_ticket_id)
        former = saved._get_lines_by_item()
        result = super()._compute_so_line()
        left = self.env["sale.order.line"].union(
            *(item for item, lines in former if lines.so_line != item)
        )
        if left:
            self.env.add_to_compute(left._fields["qty_delivered"], left)
            left.modified(["qty_delivered"])
        return result

    def _get_lines_by_item(self):
        """Pairs of an item and its lines; quick for thousands of lines of one item.

        :rtype: list[tuple]
        """
        items = self.so_line
        if len(items) <= 1:
            return [(items, self)] if items else []
        return list(self.filtered("so_line").grouped("so_line").items())
