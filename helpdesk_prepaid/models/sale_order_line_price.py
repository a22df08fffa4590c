from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class SaleOrderLine(models.Model):
    """The price of the day of work: an item whose price was changed leaves open work of
    before at what it was, where the order says so."""

    _inherit = "sale.order.line"

    price_before_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Item at the Price before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Bills work of before the day from which the price of this item holds.",
    )
    price_since = fields.Date(
        string="Price since",
        readonly=True,
        copy=False,
        help="Day from which the price of this item holds.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """A price that is raised leaves work of before at what it was, where the order
        says so."""
        if vals.get("price_unit") is not None or vals.get("discount") is not None:
            self._keep_price_of_work(vals)
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_item_at_price_of(self, day):
        """The item that bills work of a day at the price that was valid then.

        :param date day: of the work, False for today's price
        :rtype: sale.order.line
        """
        item = self
        while day and item.price_before_id and day < item.price_since:
            item = item.price_before_id
        return item

    def _keep_price_of_work(self, vals):
        """Leave open work at the price that was valid when it was done: another item of
        the order, at the price of before, takes it over, and what is recorded late.

        :param dict vals: what is about to be written
        """
        today = fields.Date.context_today(self)
        for item in self.filtered("order_id.keep_price_of_work"):
            if not any(
                self._fields[name].convert_to_cache(vals[name], item) != item[name]
                for name in ("price_unit", "discount")
                if vals.get(name) is not None
            ):
                continue
            if item.state != "sale" or not item._is_helpdesk_delivered_timesheet():
                continue
            if item.price_since == today:
                continue  # the price of this day is being corrected
            former = item.copy(
                {
                    "order_id": item.order_id.id,
                    "product_uom_qty": 0.0,
                    "price_unit": item.price_unit,
                    "discount": item.discount,
                    # nobody has to do it once more
                    "project_id": item.project_id.id,
                    "task_id": item.task_id.id,
                    "name": self.env._(
                        "%(item)s (work before %(day)s)",
                        item=item.name,
                        day=format_date(self.env, today),
                    ),
                }
            )
            former.sudo().write(
                {
                    "price_before_id": item.price_before_id.id,
                    "price_since": item.price_since,
                }
            )
            item.sudo().write({"price_before_id": former.id, "price_since": today})
            item._give_work_before(today, former)

    def _give_work_before(self, day, former):
        """Bring open work of before a day to the item at the price of before.

        :param date day: from which the price of this item holds
        :param former: the ``sale.order.line`` at the price of before
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Domain("so_line", "=", self.id)
            & Domain("helpdesk_ticket_id", "!=", False)
            & Domain("date", "<", day)
            & ~Line._domain_time("billed")
        )
        by_hand = lines.filtered("is_so_line_edited")
        by_hand.write({"so_line": former.id})
        (lines - by_hand).exists()._recompute_so_line()
