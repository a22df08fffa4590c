from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_hours


class SaleOrderLine(models.Model):
    """What happens to tickets when their item comes and goes."""

    _inherit = "sale.order.line"
    # What follows from the time on an item, and who pays for it.
    _figures_of_time = frozenset(
        {
            "invoice_lines",
            "order_id",
            "order_partner_id",
            "qty_delivered",
            "qty_delivered_method",
            "qty_invoiced",
        }
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Time on these items is counted in their unit, whatever it becomes, and in
        nothing else."""
        self._check_follows_ticket_time(vals)
        if "product_uom_id" not in vals:
            return super().write(vals)
        former = {item: item.product_uom_id for item in self}
        result = super().write(vals)
        self.filtered(
            lambda item: item.product_uom_id != former[item]
        )._count_in_new_unit()
        return result

    def unlink(self):
        """Tickets without time let go of an item that is deleted."""
        if self:  # before a sentence names tickets
            self.check_access("unlink")
        self._unlink_except_with_ticket_time()
        self._release_tickets()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_ticket_time(self):
        """Ticket time must not become non-billable behind everybody's back."""
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("so_line", "in", self.ids), ("helpdesk_ticket_id", "!=", False)],
                ["so_line"],
                ["helpdesk_ticket_id:recordset", "unit_amount:sum"],
                limit=1,
            )
        )
        for item, tickets, hours in groups:
            raise UserError(
                self.env._(
                    "%(hours)s hours of %(tickets)s are recorded on %(item)s. Choose "
                    "another sales order item for them before you delete this one.",
                    hours=format_hours(self.env, hours),
                    tickets=", ".join(tickets.mapped("display_name")),
                    item=item.display_name,
                )
            )

    # === BUSINESS METHODS === #

    def _check_follows_ticket_time(self, vals):
        """An item with ticket time stays with its customer and its invoices, and its
        figures are those of the time.

        :param dict vals: values on their way to ``write``
        :raise UserError: if a person writes anything else
        """
        given = self._figures_of_time & vals.keys()
        if self.env.su or not given:
            return
        changed = self.filtered(
            lambda item: any(
                name == "invoice_lines"
                or self._fields[name].convert_to_write(item[name], item) != vals[name]
                for name in given
            )
        )
        used = changed.sudo()._filter_with_ticket_time()
        if used:
            raise UserError(
                self.env._(
                    "Time of tickets is recorded on %(items)s: its order, customer, "
                    "invoices and delivered hours follow from that time. Correct the "
                    "time, or choose another sales order item on the ticket.",
                    items=", ".join(used.mapped("display_name")),
                )
            )

    def _count_in_new_unit(self):
        """Count what was delivered and invoiced on these items in their new unit."""
        self._check_unit_of_ticket_time()
        items = self.filtered(lambda item: item.qty_delivered_method == "timesheet")
        items.invalidate_recordset(["invoice_lines"])
        for name in ("qty_delivered", "qty_invoiced"):
            self.env.add_to_compute(items._fields[name], items)
            items.modified([name])

    def _check_unit_of_ticket_time(self):
        """Refuse a unit into which the hours of tickets cannot be converted. What
        happens to a quotation is settled when it is confirmed.

        :raise ValidationError: if tickets or their time use one of these items
        """
        refused = self.filtered(
            lambda item: item.state == "sale" and not item._is_helpdesk_unit()
        )
        if not refused:
            return
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        lines = self.env["account.analytic.line"].sudo()
        used = tickets.search([("sale_line_id", "in", refused.ids)], limit=1)
        used = used.sale_line_id or (
            lines.search(
                [("so_line", "in", refused.ids), ("helpdesk_ticket_id", "!=", False)],
                limit=1,
            ).so_line
        )
        if used:
            raise ValidationError(used._get_helpdesk_product_refusal())

    def _release_tickets(self):
        """Take these items off the tickets that have no time on them."""
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search([("sale_line_id", "in", self.ids)])
        if tickets:
            tickets.write({"sale_line_id": False})
            tickets.write({"sale_line_cleared": False})

    def _release_foreign_tickets(self, customer_only=False):
        """Take these items off the tickets and the open time they may not bill any more.

        An order that was set to quotation may come back with another customer, product
        or unit.

        :param bool customer_only: whether only a foreign customer or company counts
        """

        def is_refused(item, ticket):
            if customer_only:
                refusal = item._get_helpdesk_customer_refusal
            else:
                refusal = item._get_helpdesk_refusal
            return refusal(ticket.commercial_partner_id, ticket.company_id)

        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        tickets = tickets.search([("sale_line_id", "in", self.ids)])
        tickets = tickets.filtered(lambda t: is_refused(t.sale_line_id, t))
        if tickets:
            tickets.write({"sale_line_id": False})
            tickets.write({"sale_line_cleared": False})
        lines = self.env["account.analytic.line"].sudo()
        lines = lines.search(
            Domain("so_line", "in", self.ids)
            & Domain("helpdesk_ticket_id", "!=", False)
            & ~lines._domain_helpdesk_billed()
        ).filtered(lambda line: is_refused(line.so_line, line.helpdesk_ticket_id))
        if lines:
            lines.filtered("is_so_line_edited").write({"is_so_line_edited": False})
            lines._recompute_so_line()

    def _bill_waiting_ticket_time(self):
        """Put time on these items that their tickets could not give them so far: it was
        recorded while the order was cancelled."""
        lines = self.env["account.analytic.line"].sudo()
        lines.search(
            [
                ("helpdesk_ticket_id.sale_line_id", "in", self.ids),
                ("so_line", "=", False),
                ("is_so_line_edited", "=", False),
            ]
        )._recompute_so_line()
