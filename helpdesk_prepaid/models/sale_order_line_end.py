from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_hours

from .sale_order_line import NOISE


class SaleOrderLine(models.Model):
    """A pack that comes to its end: its hours expire or roll over, and people are told
    before."""

    _inherit = "sale.order.line"

    # === THE END OF A PACK === #

    @api.model
    def _cron_expire_packs(self):
        """Scheduled action: hours that are left of packs whose days of grace are over
        expire, or go to the customer's next pack."""
        today = fields.Date.context_today(self)
        packs = self.sudo().search(
            self._domain_packs()
            & Domain("pack_valid_until", "<", today)
            & Domain("remaining_hours", ">", 0)
        )
        packs = packs.filtered(lambda pack: pack._is_over(today))
        for chunk in (packs[i : i + 100] for i in range(0, len(packs), 100)):
            chunk._expire(today)
            self.env["ir.cron"]._commit_progress(len(chunk))

    def _expire(self, today):
        """Move what is left of these packs to the next ones, or nowhere.

        :param date today: day of the movements
        """
        use, vals_list = self._read_pack_use(), []
        for pack in self:
            left = pack._get_pack_capacity() - use[pack]
            if left <= NOISE:
                continue
            hours, following = pack._get_hours_to_roll(left, today)
            expired = round(left - hours, 6)
            rows = [("out", hours, following), ("expired", expired, pack.browse())]
            vals_list += [
                pack._prepare_movement(kind, amount, today, other)
                for kind, amount, other in rows
                if amount > NOISE
            ]
            if hours > NOISE:
                vals_list.append(following._prepare_movement("in", hours, today, pack))
            pack._tell_end(hours, expired, following)
        self.env["helpdesk.pack.movement"].sudo().create(vals_list)
        other_ids = {vals["sale_line_id"] for vals in vals_list}
        self.browse(other_ids - set(self.ids))._deal_packs()

    def _give_expired_back(self):
        """Hours that had expired of these packs are valid again where their end was put
        off to a day that is not over; what was rolled over stays where it is."""
        expired = self.sudo().pack_movement_ids.filtered(
            lambda movement: movement.kind == "expired"
        )
        if not expired:
            return
        today = fields.Date.context_today(self)
        for pack, movements in expired.grouped("sale_line_id").items():
            if pack._is_over(today):
                continue
            pack.order_id._message_log(
                body=self.env._(
                    "%(hours)s h of %(pack)s that had expired are valid again.",
                    hours=format_hours(self.env, sum(movements.mapped("hours"))),
                    pack=pack.display_name,
                )
            )
            movements.unlink()

    def _is_over(self, day):
        """Tell whether this pack's last day and its days of grace are over.

        :param date day: day of the question
        :rtype: bool
        """
        last, grace = self.pack_valid_until, self.product_id.pack_grace_days
        return bool(last) and last + relativedelta(days=grace) < day

    def _get_hours_to_roll(self, left, today):
        """How many hours of what is left go to which pack.

        :param float left: hours
        :rtype: tuple
        """
        product = self.product_id
        if product.pack_rollover == "none":
            return 0.0, self.browse()
        others = self._search_packs_of_customers() - self
        packs = others.filtered_domain(self._domain_lasting(today))
        renewal = packs.filtered(lambda pack: pack.pack_renews_id == self)
        alike = packs.filtered(lambda pack: pack.product_id == product)
        following = (renewal or alike or packs)[:1]
        if not following:
            return 0.0, following
        limit = (
            product.pack_rollover_hours if product.pack_rollover == "limit" else left
        )
        return min(left, limit), following

    def _prepare_movement(self, kind, hours, day, other):
        """Values of a movement of this pack."""
        return {
            "sale_line_id": self.id,
            "kind": kind,
            "hours": hours,
            "date": day,
            "other_line_id": other.id,
        }

    def _tell_end(self, rolled, expired, following):
        """Note on the order what became of the hours that were left."""
        texts = []
        if rolled > NOISE:
            texts.append(
                self.env._(
                    "%(hours)s h of %(pack)s were rolled over to %(next)s.",
                    hours=format_hours(self.env, rolled),
                    pack=self.display_name,
                    next=following.display_name,
                )
            )
        if expired > NOISE:
            texts.append(
                self.env._(
                    "%(hours)s h of %(pack)s expired.",
                    hours=format_hours(self.env, expired),
                    pack=self.display_name,
                )
            )
        if texts:
            self.order_id._message_log(body=" ".join(texts))

    # === TOLD IN TIME === #

    @api.model
    def _cron_tell_packs(self):
        """Scheduled action: tell customers and salespeople that packs are nearly used
        up, or end soon; once for each level, and again after a pack has grown."""
        today = fields.Date.context_today(self)
        packs = self.sudo().search(self._domain_packs() & self._domain_lasting(today))
        for chunk in (packs[i : i + 100] for i in range(0, len(packs), 100)):
            for pack in chunk:
                pack._tell(today)
            self.env["ir.cron"]._commit_progress(len(chunk))

    def _tell(self, today):
        """Tell of this pack what has not been told yet, in one mail at most."""
        level = self._get_reached_level()
        if level < self.pack_notified_level:  # it has grown
            self.pack_notified_level = level
        days = self.product_id.pack_notice_days
        ends = self.pack_valid_until
        ends_soon = bool(
            ends
            and days
            and ends <= today + relativedelta(days=days)
            and self.pack_notified_end != ends
            and self.remaining_hours > NOISE
        )
        if level <= self.pack_notified_level and not ends_soon:
            return
        self.pack_notified_level = max(level, self.pack_notified_level)
        if ends_soon:
            self.pack_notified_end = ends
        self._send_pack_notice()

    def _get_pack_levels(self):
        """See ``_read_pack_levels`` of the product.

        :rtype: list[int]
        """
        return self.product_id.product_tmpl_id._read_pack_levels(
            self.pack_notice_levels
        )

    def _get_reached_level(self):
        """The highest level at which people are told that this pack has reached, 0 for
        none.

        :rtype: int
        """
        capacity = self._get_pack_capacity()
        used = capacity - self.remaining_hours
        if capacity <= 0 or used <= 0:
            return 0
        share = 100 * used / capacity + NOISE
        reached = [level for level in self._get_pack_levels() if level <= share]
        return max(reached, default=0)

    def _send_pack_notice(self):
        """Mail to the customer's contact, in their language, and a to-do for the
        salesperson."""
        template = self.env.ref(
            "helpdesk_prepaid.mail_template_pack", raise_if_not_found=False
        )
        contact = self.order_id.partner_id
        if template and contact.email:
            template.send_mail(self.id)
        seller = self.order_id.user_id
        if seller and seller.active:
            self.order_id.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=seller.id,
                summary=self.env._(
                    "Pack: %(left)s", left=self._get_pack_balance_text()
                ),
                note=self.env._(
                    "%(pack)s of %(customer)s: %(left)s. Offer a renewal.",
                    pack=self.display_name,
                    customer=self.helpdesk_commercial_partner_id.display_name,
                    left=self._get_pack_balance_text(),
                ),
            )
