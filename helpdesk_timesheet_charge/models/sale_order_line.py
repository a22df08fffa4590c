from odoo import api, models

from odoo.addons.helpdesk_base.tools import format_hours

from .account_analytic_line import KindHours


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """A kind that is sold on a confirmed order bills the time that waited for it."""
        items = super().create(vals_list)
        confirmed = items.filtered(lambda item: item.state == "sale")
        if confirmed:
            confirmed._bill_time_of_kinds()
        return items

    # === BUSINESS METHODS === #

    def _bill_waiting_ticket_time(self):
        super()._bill_waiting_ticket_time()
        self._bill_time_of_kinds()

    def _bill_time_of_kinds(self):
        """Bring open time of a kind that was not sold so far to these items."""
        kinds = self.env["helpdesk.work.type"].sudo().with_context(active_test=False)
        kinds = kinds.search([("product_id", "in", self.product_id.ids)])
        if not kinds:
            return
        self.env["helpdesk.ticket"]._forget_items_of_kinds()
        customers = self.sudo().helpdesk_commercial_partner_id
        self.env["account.analytic.line"].sudo().search(
            [
                ("work_type_id", "in", kinds.ids),
                ("so_line_rule", "=", "kind_missing"),
                ("helpdesk_commercial_partner_id", "in", customers.ids),
            ]
        )._recompute_so_line()

    def _get_ticket_description(self, group):
        """Name what is free, and what a rule made of the hours, by kind of work."""
        kinds = [part for part in group.details if isinstance(part, KindHours)]
        reasons = [self._get_kind_description(*kind) for kind in kinds]
        reasons = [text for text in dict.fromkeys(reasons) if text]
        group = group._replace(reasons=(*group.reasons, *reasons))
        return super()._get_ticket_description(group)

    def _get_kind_description(self, kind_id, worked, hours):
        """What a customer reads of a kind whose hours are not billed as they are.

        :param int kind_id: a ``helpdesk.work.type``
        :param float worked: hours that were worked
        :param float hours: hours that are billed
        :rtype: str
        """
        kind = self.env["helpdesk.work.type"].sudo().browse(kind_id)
        rule = kind._get_rule_text()
        if not rule or (kind.charge == "bill" and abs(hours - worked) < 0.005):
            return ""
        return self.env._(
            "%(kind)s: %(worked)s h, %(rule)s",
            kind=kind.display_name,
            worked=format_hours(self.env, worked),
            rule=rule,
        )
