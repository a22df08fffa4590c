from collections import defaultdict

from odoo import models
from odoo.fields import Domain


class SaleOrderLine(models.Model):
    """The figures behind the time statement of an item."""

    _inherit = "sale.order.line"

    def _domain_statement_non_billable(self):
        """Time of the tickets of these items that no item bills.

        :rtype: Domain
        """
        Line = self.env["account.analytic.line"]
        return (
            Domain("helpdesk_ticket_id.sale_line_id", "in", self.ids)
            & Domain("so_line", "=", False)
            & Domain("project_id", "!=", False)
            & ~Line._domain_billed_elsewhere()
        )

    def _read_statement_time(self):
        """Hours to bill of these items by what the time lines say; what waits is not
        delivered yet, and not here.

        :return: for each item id the hours ``all``, ``billed`` and ``non_billable``
        :rtype: dict
        """
        result = defaultdict(lambda: defaultdict(float))
        Line = self.env["account.analytic.line"].sudo()
        own = Domain("so_line", "in", self.ids) & Domain("project_id", "!=", False)
        own &= self._domain_time_that_counts()
        billed = own & Line._domain_time("billed")
        for key, domain in (("all", own), ("billed", billed)):
            for item, hours in Line._read_group(
                domain, ["so_line"], ["billable_hours:sum"]
            ):
                result[item.id][key] = hours
        for ticket, hours in Line._read_group(
            self._domain_statement_non_billable(),
            ["helpdesk_ticket_id"],
            ["unit_amount:sum"],
        ):
            result[ticket.sale_line_id.id]["non_billable"] += hours
        return result

    def _read_statement_invoices(self):
        """Quantities of these items by what invoices and credit notes say.

        :return: for each item id the quantities ``invoiced`` and ``credited``, in the
            unit of the item, and the ``count`` of invoice lines
        :rtype: dict
        """
        result = defaultdict(lambda: defaultdict(float))
        counting = Domain("sale_line_ids", "in", self.ids) & (
            Domain("parent_state", "!=", "cancel")
            | Domain("move_id.payment_state", "=", "invoicing_legacy")
        )
        refunds = Domain("move_id.move_type", "=", "out_refund")
        for key, sign, documents in (
            ("invoiced", 1, Domain("move_id.move_type", "=", "out_invoice")),
            # Billed beside a down payment that is larger, so on a credit note.
            ("invoiced", -1, refunds & Domain("quantity", "<", 0)),
            ("credited", 1, refunds & Domain("quantity", ">=", 0)),
        ):
            groups = (
                self.env["account.move.line"]
                .sudo()
                ._read_group(
                    counting & documents,
                    ["sale_line_ids", "product_uom_id"],
                    ["quantity:sum", "__count"],
                )
            )
            for item, uom, quantity, count in groups:
                result[item.id][key] += sign * uom._compute_quantity(
                    quantity, item.product_uom_id, round=False
                )
                result[item.id]["count"] += count
        return result

    def _get_statement_figures(self, time, invoiced):
        """Put together the statement of this item.

        :param dict time: see :meth:`_read_statement_time`
        :param dict invoiced: see :meth:`_read_statement_invoices`
        :return: values of a ``helpdesk.time.statement``, in hours and in the unit of
            the item
        :rtype: dict
        """
        self.ensure_one()
        postpaid = self._is_helpdesk_delivered_timesheet()
        counted = self.qty_delivered_method == "timesheet"
        delivered = time["all"]
        if counted:
            delivered = self._get_hours(self.qty_delivered)
        billed_qty = invoiced["invoiced"] - invoiced["credited"]
        billed = credited = 0.0
        if postpaid:
            billed = self._get_hours(billed_qty)
            most = self._get_hours(invoiced["credited"])
            credited = min(max(time["billed"] - billed, 0.0), most)
        rest = time["all"] - time["billed"] if postpaid else time["all"]
        fate = "open_hours" if postpaid else "covered_hours"
        if self.state != "sale":
            fate = "cancelled_hours"
        return {
            **dict.fromkeys(("open_hours", "covered_hours", "cancelled_hours"), 0.0),
            fate: rest,
            "delivered_hours": delivered,
            "delivered_qty": self.qty_delivered,
            "billed_hours": billed,
            "billed_qty": billed_qty,
            "credited_hours": credited,
            "non_billable_hours": time["non_billable"],
            "difference_hours": round(delivered - billed - credited - rest, 4),
        }
