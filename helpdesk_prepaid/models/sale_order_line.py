from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.helpdesk_base.tools import (
    Private,
    forget_use,
    format_clock,
    format_hours,
    read_private,
)

from .product_template import AT_END

#: Packs that are dealt before the commit.
DEAL = "helpdesk_prepaid.deal"
#: Hours below this are the noise of floats.
NOISE = 1e-6


class SaleOrderLine(models.Model):
    """A pack of hours sold in advance: when it is valid, what is left of it, and which
    item comes after it."""

    _inherit = "sale.order.line"
    # What makes the day of work decide on its item.
    _dated_fields = ("pack_valid_from", "pack_valid_until", "price_before_id")
    # What follows from work, movements and jobs.
    _pack_figures = frozenset(
        {
            "pack_deals",
            "pack_hours_moved",
            "pack_movement_ids",
            "pack_notified_end",
            "pack_notified_level",
            "pack_renews_id",
            "price_before_id",
            "price_since",
        }
    )

    pack_valid_from = fields.Date(
        string="Valid from",
        copy=False,
        help="Work before this day is not billed on the pack. Set when the order is "
        "confirmed, unless somebody says otherwise.",
    )
    pack_valid_until = fields.Date(
        string="Valid until",
        copy=False,
        help="Last day whose work the pack bills; none for no end.",
    )
    pack_at_end = fields.Selection(
        AT_END,
        string="When Used Up",
        compute="_compute_pack_at_end",
        store=True,
        precompute=True,
        readonly=False,
        help="What bills the work that a used up pack has no hours for.",
    )
    pack_next_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Next Item",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Item of the customer that bills what the pack has no hours for.",
    )
    pack_notice_levels = fields.Char(
        string="Tell at",
        compute="_compute_pack_at_end",
        store=True,
        precompute=True,
        readonly=False,
    )
    pack_renews_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Renews",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Pack that the customer renewed with this one.",
    )
    pack_movement_ids = fields.One2many(
        comodel_name="helpdesk.pack.movement",
        inverse_name="sale_line_id",
        string="Movements",
        readonly=True,
    )
    pack_hours_moved = fields.Float(
        string="Expired and Rolled Over",
        compute="_compute_pack_hours_moved",
        store=True,
        compute_sudo=True,
        help="Hours that were rolled in, less those that expired or were rolled over.",
    )
    pack_deals = fields.Integer(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="How often work left this pack: who changes the pack at the same time comes "
        "after that, and sees the work.",
    )
    pack_notified_level = fields.Integer(readonly=True, copy=False)
    pack_notified_end = fields.Date(readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends("product_id")
    def _compute_pack_at_end(self):
        at_end = {item: item.product_id.pack_at_end or "continue" for item in self}
        begins = self._begins_use([{"pack_at_end": end} for end in at_end.values()])
        for item, end in at_end.items():
            item.pack_at_end = end
            item.pack_notice_levels = item.product_id.pack_notice_levels
        if begins:
            forget_use(self.env, begins=True)

    @api.depends("pack_movement_ids.hours", "pack_movement_ids.kind")
    def _compute_pack_hours_moved(self):
        for item in self:
            item.pack_hours_moved = sum(
                movement._get_signed_hours() for movement in item.pack_movement_ids
            )

    @api.depends("pack_hours_moved")
    def _compute_remaining_hours(self):
        """What expired or went to another pack is not left; what came is."""
        super()._compute_remaining_hours()
        for item in self.filtered("pack_hours_moved"):
            if item.remaining_hours_available:
                item.remaining_hours += item.pack_hours_moved

    # === CONSTRAINT METHODS === #

    @api.constrains("pack_valid_from", "pack_valid_until")
    def _check_pack_dates(self):
        for item in self:
            first, last = item.pack_valid_from, item.pack_valid_until
            if first and last and last < first:
                raise ValidationError(
                    self.env._(
                        "%(item)s would end on %(last)s, before it begins on %(first)s. "
                        "Choose a later end.",
                        item=item.display_name,
                        first=format_date(self.env, first),
                        last=format_date(self.env, last),
                    )
                )

    @api.constrains("pack_at_end", "pack_next_line_id", "order_id")
    def _check_pack_next_line_id(self):
        """What comes after a pack is of the same customer, and another item."""
        for item in self.sudo():
            following = item.pack_next_line_id
            if not following:
                continue
            if following == item:
                raise ValidationError(
                    self.env._(
                        "%(item)s cannot come after itself. Choose another item.",
                        item=item.display_name,
                    )
                )
            refusal = following._get_helpdesk_customer_refusal(
                item.helpdesk_commercial_partner_id, item.company_id
            )
            refusal = refusal or following._get_helpdesk_product_refusal()
            if refusal:
                raise ValidationError(refusal)

    @api.constrains("pack_notice_levels")
    def _check_pack_notice_levels(self):
        for item in self:
            item._get_pack_levels()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_pack_figures(*vals_list)
        begins = self._begins_use(vals_list)
        items = super().create(vals_list)
        if begins:
            forget_use(self.env, begins=True)
        sold = items.filtered(lambda item: item.state == "sale")
        if sold and sold._filter_packs():
            sold._start_packs()
        return items

    def write(self, vals):
        """A pack that becomes another one takes its time along, or lets it go."""
        self._check_pack_figures(vals)
        was_sold = self.filtered(lambda item: item.state == "sale")
        begins = self._begins_use([vals])
        result = super().write(vals)
        names = vals.keys()
        if begins:
            forget_use(self.env, begins=True)
        if read_private(self.env, "helpdesk_packs_are_dealt"):
            return result
        if names & {"pack_valid_from", "pack_valid_until"}:
            self._check_chosen_time()
            packs = was_sold._filter_packs()
            packs._give_expired_back()
            packs._deal_families()
        elif names & self._get_pack_fields():
            was_sold._deal_packs()
        return result

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | self._pack_figures

    def _check_pack_figures(self, *vals_list):
        """Nobody writes the figures of a pack, also before it has time of tickets.

        :raise ValidationError: with the fields that were given
        """
        names = self._get_ruled_names(*vals_list) & self._pack_figures
        if names:
            raise ValidationError(
                self.env._(
                    "%(fields)s of a pack follow from its work and its movements. Leave "
                    "them out.",
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(names)
                    ),
                )
            )

    @api.model
    def _get_pack_fields(self):
        """Fields that decide how many hours a pack has room for, and what comes next."""
        return {
            "pack_at_end",
            "pack_next_line_id",
            "product_uom_id",
            "product_uom_qty",
        }

    # === ACTION METHODS === #

    def action_print_pack(self):
        """The statement of these packs, as PDF.

        :return: a report action
        :rtype: dict
        """
        report = self.env.ref("helpdesk_prepaid.action_report_pack")
        return report.report_action(self)

    def action_view_pack_time(self):
        """Open the time behind the figures of this pack.

        :return: a window action
        :rtype: dict
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Time of %(pack)s", pack=self.display_name),
            "res_model": "account.analytic.line",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("so_line", "=", self.id), ("project_id", "!=", False)],
            "context": {"create": False},
        }

    # === WHAT A PACK IS === #

    def _filter_packs(self):
        """Those of these items that sell hours in advance.

        :rtype: sale.order.line
        """
        return self.filtered("remaining_hours_available")

    @api.model
    def _domain_packs(self):
        """Confirmed items that sell hours in advance: what :meth:`_filter_packs` asks is
        not stored.

        :rtype: Domain
        """
        return self._domain_helpdesk_sale_line() & self._domain_prepaid_time()

    @api.model
    def _domain_valid_on(self, day):
        """Packs that bill work of a day.

        :param date day: of the work; False for any
        :rtype: Domain
        """
        if not day:
            return Domain.TRUE
        has_begun = Domain("pack_valid_from", "=", False) | Domain(
            "pack_valid_from", "<=", day
        )
        return has_begun & self._domain_lasting(day)

    @api.model
    def _domain_lasting(self, day):
        """Packs whose last day is not before a day.

        :rtype: Domain
        """
        return Domain("pack_valid_until", "=", False) | Domain(
            "pack_valid_until", ">=", day
        )

    def _is_valid_on(self, day):
        """Tell whether these packs, if any, bill work of a day.

        :param date day: see :meth:`_domain_valid_on`
        :rtype: bool
        """
        return self.filtered_domain(self._domain_valid_on(day)) == self

    def _get_pack_order(self):
        """In which order the packs of a customer are used: the one that ends first, the
        oldest of those that end together."""
        last = self.pack_valid_until or fields.Date.to_date("9999-12-31")
        return last, self.id

    def _get_pack_capacity(self):
        """Hours that this pack has for work: bought and rolled in, less what expired or
        was rolled over.

        :rtype: float
        """
        return self._get_hours(self.product_uom_qty) + self.pack_hours_moved

    def _read_pack_use(self):
        """Hours recorded on these packs that do not wait for another one, whether they
        are approved or not: two people must not be promised the same hour.

        :return: hours by pack
        :rtype: dict
        """
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                Domain("so_line", "in", self.ids)
                & Domain("project_id", "!=", False)
                & Domain("waits_for_pack", "=", False),
                ["so_line"],
                ["billable_hours:sum"],
            )
        )
        use = dict.fromkeys(self, 0.0)
        use.update(groups)
        return use

    def _search_packs_of_customers(self):
        """All packs of the customers of these items, in their order of use.

        :rtype: sale.order.line
        """
        items = self.sudo()
        packs = items.search(
            self._domain_packs()
            & Domain(
                "helpdesk_commercial_partner_id",
                "in",
                items.helpdesk_commercial_partner_id.ids,
            )
            & Domain("company_id", "in", items.company_id.ids)
        )
        return packs.sorted(lambda pack: pack._get_pack_order())

    def _get_other_packs(self, day, ticket, line, packs=None):
        """The customer's other packs that bill some work, in their order of use.

        :param date day: of the work
        :param ticket: its ``helpdesk.ticket``
        :param line: its ``account.analytic.line``, empty where there is none yet
        :param packs: all packs of the customer, if they were searched before
        :rtype: sale.order.line
        """
        if packs is None:
            packs = self._search_packs_of_customers()
        valid = (packs - self).filtered_domain(self._domain_valid_on(day))
        return valid.filtered(
            lambda pack: pack.product_id.product_tmpl_id._serves(ticket, line)
        )

    # === WHICH ITEM BILLS A DAY === #

    def _follow_pack(self, work, rule):
        """Item and rule for work that the rules give to this item: itself, if it is no
        pack; a pack that is valid on the day; or what comes after one that is used up.

        :param Work work: see ``_decide_item`` of the time line
        :param str rule: the rule that chose this item
        :rtype: tuple
        """
        if rule == "date" or self.state != "sale" or not self._filter_packs():
            return self, rule
        pack = self
        if not self._is_valid_on(work.date):
            pack = self._get_other_packs(work.date, work.ticket, work.line)[:1]
            rule = "pack_order" if pack else "pack_none"
        line = work.line
        if line and pack and line.pack_origin_id == pack and work.former:
            former = work.former.sudo()
            is_open = former == pack or former.state == "sale"
            if is_open and former._is_valid_on(work.date):
                return former, rule if former == pack else "pack_next"
        return pack, rule

    @api.model
    @tools.ormcache()
    def _has_dated_items(self):
        """Whether the day of work decides on its item anywhere: then it is looked at.

        :rtype: bool
        """
        return bool(self.sudo().search_count(self._domain_dated(), limit=1))

    @api.model
    def _domain_dated(self):
        """Items whose day or price decides which work they bill, as a domain."""
        return Domain.OR(Domain(name, "!=", False) for name in self._dated_fields)

    @api.model
    @tools.ormcache()
    def _is_in_use(self):
        """Whether any pack is more than stock knows: it has days, or something comes
        after it. Who has none asks nothing about packs.

        :rtype: bool
        """
        more = self._domain_dated() | Domain("pack_at_end", "!=", "continue")
        return bool(self.sudo().search_count(more, limit=1))

    @api.model
    def _begins_use(self, vals_list):
        """Tell whether the use of packs begins with some values. Asked before they are
        written: later this process finds them by itself, and no other one is told.

        :param list[dict] vals_list: values that will be written
        :rtype: bool
        """
        dated = any(vals.get(name) for vals in vals_list for name in self._dated_fields)
        followed = any(
            vals.get("pack_at_end", "continue") != "continue" for vals in vals_list
        )
        return (dated and not self._has_dated_items()) or (
            followed and not self._is_in_use()
        )

    # === VALIDITY === #

    def _start_packs(self):
        """Say from when until when packs are valid that were just sold, if their product
        has an end."""
        today = fields.Date.context_today(self)
        for pack in self.sudo()._filter_packs():
            if not pack.product_id.pack_validity_months:
                continue  # it bills work of any day
            if not pack.pack_valid_from:
                pack.pack_valid_from = pack._get_pack_start(today)
            if not pack.pack_valid_until:
                pack.pack_valid_until = pack._get_pack_end(pack.pack_valid_from)

    def _get_pack_start(self, today):
        """First day of a pack that was sold: today, or the day after its forerunner.

        :rtype: date
        """
        if self.product_id.pack_start == "day":
            return today
        former = self._search_packs_of_customers().filtered(
            lambda pack: (
                pack != self
                and pack.product_id == self.product_id
                and pack.pack_valid_until
                and pack.pack_valid_until >= today
                and pack.remaining_hours > NOISE
            )
        )
        ends = (self.pack_renews_id & former or former).mapped("pack_valid_until")
        return max(ends) + relativedelta(days=1) if ends else today

    def _get_pack_end(self, start):
        """Last day of a pack that starts on a day.

        :rtype: date
        """
        months = self.product_id.pack_validity_months
        return start + relativedelta(months=months, days=-1)

    def _check_chosen_time(self):
        """Refuse days that leave out time for which a person chose the pack.

        :raise ValidationError: with the hours
        """
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Domain("so_line", "in", self.ids)
            & Domain("helpdesk_ticket_id", "!=", False)
            & Domain("is_so_line_edited", "=", True)
            & ~Line._domain_time("billed")
        ).filtered(lambda line: not line.so_line._is_valid_on(line.date))
        if lines:
            raise ValidationError(
                self.env._(
                    "%(hours)s h of other days were put on %(pack)s by hand: %(tickets)s. "
                    "Choose another sales order item for them first.",
                    hours=format_hours(self.env, sum(lines.mapped("billable_hours"))),
                    pack=lines.so_line[:1].display_name,
                    tickets=", ".join(lines.helpdesk_ticket_id.mapped("display_name")),
                )
            )

    def _set_days(self, vals):
        """Write the days of a pack while packs are being dealt, without dealing anew.

        :param dict vals: values of its days
        """
        self.with_context(helpdesk_packs_are_dealt=Private(True)).write(vals)

    def _get_early_renewal(self, day, packs=None):
        """A renewal starts when its forerunner ends, also if that was used up first.

        :param date day: of the work that the forerunner has no hours for
        :param packs: all packs of the customer, if they were searched before
        :return: the first renewal of this pack that may start on that day
        :rtype: sale.order.line
        """
        if packs is None:
            packs = self._search_packs_of_customers()
        return packs.filtered(
            lambda pack: (
                pack.product_id.pack_start == "previous"
                and pack.product_id == self.product_id
                and pack.pack_valid_from
                and day
                and pack.pack_valid_from > day
            )
        )[:1]

    def _start_earlier(self, day):
        """Let this renewal start on a day; an end that a person chose stays.

        :param date day: of the work that it bills
        """
        vals = {"pack_valid_from": day}
        if self.pack_valid_until == self._get_pack_end(self.pack_valid_from):
            vals["pack_valid_until"] = self._get_pack_end(day)
        self._set_days(vals)

    def _deal_families(self):
        """Choose again for the open time of the customers of these packs: other days
        are valid, or another pack is."""
        if not self:
            return
        items = self.sudo()
        Line = self.env["account.analytic.line"].sudo()
        customers = items.helpdesk_commercial_partner_id
        lines = Line.search(
            Domain("helpdesk_commercial_partner_id", "in", customers.ids)
            & Domain("helpdesk_ticket_id", "!=", False)
            & (
                Domain("so_line", "in", items.ids)
                | Domain("pack_origin_id", "!=", False)
                | Domain("helpdesk_ticket_id.sale_line_id", "in", items.ids)
                | (
                    Domain("so_line", "=", False)
                    & Domain("is_so_line_edited", "=", False)
                    & Domain("helpdesk_ticket_id.sale_line_id", "!=", False)
                )
            )
            & ~Line._domain_time("billed")
        )
        lines._recompute_so_line()
        (items | lines.exists().so_line)._deal_packs()

    def _release_foreign_tickets(self, customer_only=False):
        """Nor has work left these packs that they may not bill any more."""
        super()._release_foreign_tickets(customer_only=customer_only)
        Line = self.env["account.analytic.line"].sudo()
        left = Line.search(
            Domain("pack_origin_id", "in", self.ids) & ~Line._domain_time("billed")
        )
        if left:
            left._recompute_so_line()
            (self.sudo() | left.exists().so_line)._deal_packs()

    def _bill_waiting_ticket_time(self):
        """A pack that was sold bills time that had none, or waits for one."""
        super()._bill_waiting_ticket_time()
        packs = self._filter_packs()
        packs._start_packs()
        packs._deal_families()
        named_by = self.sudo().search([("pack_next_line_id", "in", self.ids)])
        (named_by - packs)._deal_packs()

    # === DEALING THE HOURS === #

    def _deal_packs(self, changed=None, is_new=False):
        """Let these packs bill as many hours as they have, and what comes after them the
        rest: work that crosses the end of a pack is cut in two. What is on a pack stays
        there; what left it comes back, the oldest first, as the pack has hours again.

        :param changed: ``account.analytic.line`` that was recorded or changed: it is the
            first to leave
        :param bool is_new: whether it was just recorded, so that no pack has more room
        """
        packs = self.sudo().filtered(lambda item: item.state == "sale")._filter_packs()
        if not packs:
            return
        dealt = packs.filtered(lambda pack: pack.pack_at_end != "continue")
        if is_new and not dealt:
            return
        Line = self.env["account.analytic.line"].sudo()
        left = Line if is_new else Line._search_left(packs)
        left._drop_pieces()  # what waited for one pack may be on another by now
        use = packs._read_pack_use()
        over = dealt.filtered(
            lambda pack: use[pack] > pack._get_pack_capacity() + NOISE
        )
        if is_new:
            for pack in over:
                Line._deal_new(pack, changed, use[pack])
            return
        families = over | left.exists().pack_origin_id
        for pack in families.sorted(lambda pack: pack._get_pack_order()):
            Line._deal_pack(pack, Line if changed is None else changed)

    def _get_next_items(self, line, seen=None, packs=None):
        """Items that bill, one after the other, what this used up pack has no hours for.

        :param line: ``account.analytic.line`` of the work
        :param seen: packs that were asked before
        :param packs: all packs of the customer, if they were searched before
        :rtype: iterator
        """
        seen, day = (seen or self.browse()) | self, line.date
        if self.pack_at_end == "item":
            following = self.pack_next_line_id - seen
            if self._may_be_followed_by(following, day):
                yield following
                if following._filter_packs():
                    yield from following._get_next_items(line, seen, packs)
        elif self.pack_at_end == "next":
            named = self.pack_next_line_id.filtered(
                lambda item: self._may_be_followed_by(item, day)
            )
            ticket = line.helpdesk_ticket_id
            others = self._get_other_packs(day, ticket, line, packs)
            for pack in (named | others) - seen:
                yield pack
                if not pack._filter_packs() or pack.pack_at_end == "continue":
                    return
            yield from self._get_early_renewal(day, packs) - seen

    def _may_be_followed_by(self, item, day):
        """Tell whether an item bills, today, what this pack has no hours for: orders
        are cancelled, and given to other customers, after it was named.

        :rtype: bool
        """
        own = self.sudo()
        return (
            item.state == "sale"
            and item.helpdesk_commercial_partner_id
            == own.helpdesk_commercial_partner_id
            and item.company_id == own.company_id
            and item._is_valid_on(day)
        )

    def _deal_before_commit(self, lines):
        """Deal these packs before the transaction is committed: their time changed where
        no line was written, such as by a rule.

        :param lines: ``account.analytic.line`` for whose sake, see :meth:`_forget_deal`
        """
        if not self:
            return
        precommit, env = self.env.cr.precommit, self.env(su=True)
        asked = precommit.data.get(DEAL)
        if asked is None:
            asked = precommit.data[DEAL] = defaultdict(set)

            def deal():
                ids = sorted(pack_id for pack_id, line_ids in asked.items() if line_ids)
                precommit.data.pop(DEAL, None)
                env["sale.order.line"].browse(ids).exists()._deal_packs()
                env.flush_all()

            precommit.add(deal)
        for pack in self:
            asked[pack.id].update(lines.ids)

    @api.model
    def _forget_deal(self, lines):
        """These ``account.analytic.line`` are dealt: nothing is left to do for them
        before the commit, see :meth:`_deal_before_commit`."""
        for line_ids in self.env.cr.precommit.data.get(DEAL, {}).values():
            line_ids.difference_update(lines.ids)

    def _note_deal(self):
        """Write the row of this pack, as work leaves it that does not change its figures:
        of two people at once, the second one sees what the first has done."""
        field = self._fields["pack_deals"]
        with self.env.protecting([field], self):  # no rule of items is about this
            self.pack_deals += 1

    def _get_pack_room(self, without=0.0):
        """Hours that this item has for work that another pack has none for.

        :param float without: hours on it that are not counted
        :return: hours; infinite if it is no pack, or one that goes below zero
        :rtype: float
        """
        if not self._filter_packs() or self.pack_at_end == "continue":
            return float("inf")
        return self._get_pack_capacity() - self._read_pack_use()[self] + without

    # === WHAT THE CUSTOMER READS === #

    def _get_pack_figures(self):
        """The statement of this pack: bought + rolled in = used + expired + rolled over
        + left, in hours.

        :rtype: dict
        """
        self.ensure_one()
        moved = defaultdict(float)
        for movement in self.pack_movement_ids:
            moved[movement.kind] += movement.hours
        bought = self._get_hours(self.product_uom_qty)
        used = self._get_hours(self.qty_delivered)
        return {
            "bought": bought,
            "rolled_in": moved["in"],
            "used": used,
            "expired": moved["expired"],
            "rolled_out": moved["out"],
            "left": bought + moved["in"] - used - moved["expired"] - moved["out"],
        }

    def _get_pack_time(self):
        """Time that used this pack, by ticket, for its statement: what is delivered, and
        nothing internal.

        :return: lines with superuser rights, by ticket
        :rtype: dict
        """
        self.ensure_one()
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(
            Domain("so_line", "=", self.id)
            & Domain(self._timesheet_compute_delivered_quantity_domain()),
            order="date, id",
        )
        return lines.grouped("helpdesk_ticket_id")

    def _get_pack_state(self):
        """How a pack does: ``empty`` when nothing is left, ``low`` beyond the first level
        at which people are told, else ``ok``.

        :rtype: str
        """
        if self.remaining_hours <= NOISE:
            return "empty"
        return "low" if self._get_reached_level() else "ok"

    def _get_pack_balance_text(self):
        """What is left of this pack, in words.

        :rtype: str
        """
        if self.pack_valid_until:
            return self.env._(
                "%(hours)s left until %(day)s",
                hours=format_clock(self.remaining_hours),
                day=format_date(self.env, self.pack_valid_until),
            )
        return self.env._("%(hours)s left", hours=format_clock(self.remaining_hours))

    def _get_report_base_filename(self):
        """Name of the statement that a customer downloads."""
        self.ensure_one()
        return self.env._("Pack %(order)s", order=self.order_id.name)
