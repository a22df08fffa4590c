from odoo import models
from odoo.fields import Domain


class SaleOrderLine(models.Model):
    """The hours of an item, and the quantities invoices bill for them."""

    _inherit = "sale.order.line"

    def _filter_with_ticket_time(self):
        """Items billed by delivered time that have time of tickets. Others are left
        to the stock methods.

        :rtype: sale.order.line
        """
        items = self.filtered(lambda item: item._is_helpdesk_delivered_timesheet())
        if not items:
            return items
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", items.ids), ("helpdesk_ticket_id", "!=", False)],
                ["so_line"],
            )
        )
        with_time = {item.id for (item,) in groups}
        return items.filtered(lambda item: item.id in with_time)

    def _sum_quantity(self, invoice_lines):
        """Quantity of invoice lines in the unit of this item.

        :rtype: float
        """
        self.ensure_one()
        return sum(
            line.product_uom_id._compute_quantity(line.quantity, self.product_uom_id)
            for line in invoice_lines
        )

    def _get_time_unit(self):
        """Unit in which time is recorded.

        :rtype: uom.uom
        """
        return self.company_id.project_time_mode_id or self.env.ref(
            "uom.product_uom_hour"
        )

    def _get_hours(self, quantity):
        """Hours in a quantity of this item, not rounded."""
        return self.product_uom_id._compute_quantity(
            quantity, self._get_time_unit(), round=False
        )

    def _get_quantity(self, hours, rounding_method="HALF-UP"):
        """Quantity of this item for hours, rounded as it is delivered."""
        return self._get_time_unit()._compute_quantity(
            hours, self.product_uom_id, rounding_method=rounding_method
        )

    def _get_hours_tolerance(self):
        """Hours that rounding the quantity of this item can hide."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return self._get_hours(0.5 * 10**-digits) + 1e-6

    def _search_time_to_take(self, group, quantity):
        """Open time that fits into what an invoice bills beyond its hours.

        :param TimeGroup group: invoice lines of this item, with their time
        :param float quantity: what they bill, in the unit of this item
        :rtype: account.analytic.line
        """
        Line = self.env["account.analytic.line"].sudo()
        missing = self._get_hours(quantity) - sum(
            group.timesheets.mapped("unit_amount")
        )
        if missing <= self._get_hours_tolerance():
            return Line
        domain = self._domain_helpdesk_open() & Domain("unit_amount", ">", 0)
        if group.ticket:
            domain &= Domain("helpdesk_ticket_id", "=", group.ticket.id)
        elif group.others:
            domain &= Domain("helpdesk_ticket_id", "not in", group.others.ids)
        candidates = Line.search(domain, order="date desc, id desc")
        return candidates._pick_up_to(missing + self._get_hours_tolerance())

    def _search_corrections(self, hours):
        """Open time below zero on this item that takes back no more than some hours.

        :param float hours: recorded beyond what is billed
        :rtype: account.analytic.line
        """
        picked = self.env["account.analytic.line"].sudo()
        if hours <= self._get_hours_tolerance():
            return picked
        unlimited = self.with_context(helpdesk_invoice_ticket_ids=None)
        domain = unlimited._domain_helpdesk_open() & Domain("unit_amount", "<", 0)
        for line in picked.search(domain, order="date desc, id desc"):
            if -line.unit_amount <= hours + self._get_hours_tolerance():
                picked |= line
                hours += line.unit_amount
        return picked

    # === TEXTS === #

    def _get_renamed_lines(self, move, group, timesheets):
        """Texts of draft invoice lines once they bill other time.

        Only the sentences this addon wrote are replaced; a text that a person rewrote
        stays as it is.

        :param move: the draft ``account.move``
        :param TimeGroup group: its lines with the time they billed so far
        :param timesheets: the time they bill now
        :return: new text by invoice line
        :rtype: dict
        """
        if timesheets == group.timesheets:
            return {}
        item = self.with_context(lang=move.partner_id.lang or self.env.lang)
        total = sum(group.timesheets.mapped("unit_amount"))
        quantities = {None, self._get_quantity(total), self._get_quantity(total, "UP")}
        new = item._get_time_text(timesheets)
        names = {}
        for line in group.lines:
            for quantity in quantities | {line.quantity}:
                old = item._get_time_text(group.timesheets, quantity)
                if old and old in (line.name or ""):
                    names[line] = line.name.replace(old, new)
        return names

    def _get_time_text(self, timesheets, quantity=None):
        """What this addon writes below an invoice line, see
        :meth:`_get_tickets_description`."""
        hours = [
            (ticket.id, sum(lines.mapped("unit_amount")))
            for ticket, lines in timesheets.grouped("helpdesk_ticket_id").items()
        ]
        if quantity is None:
            quantity = self._get_quantity(sum(total for _ticket, total in hours))
        return self._get_tickets_description(hours, quantity)
