from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_clock

from .account_analytic_line import ONE_MINUTE


class HelpdeskTicket(models.Model):
    """The pack of a ticket: what is left of it, and an order where there is none."""

    _inherit = "helpdesk.ticket"
    # What brings the time of a ticket to other items.
    _deal_fields = frozenset(
        {"partner_id", "sale_line_id", "sale_line_since", "task_id", "team_id"}
    )

    pack_state = fields.Selection(
        [("ok", "Hours left"), ("low", "Few hours left"), ("empty", "Used up")],
        compute="_compute_pack_state",
        compute_sudo=True,
        groups="base.group_user",
        help="How the pack of this ticket does.",
    )
    pack_balance = fields.Char(
        compute="_compute_pack_state",
        compute_sudo=True,
        groups="base.group_user",
        export_string_translation=False,
    )
    is_without_item = fields.Boolean(
        string="Billable, no Item",
        compute="_compute_is_without_item",
        search="_search_is_without_item",
        compute_sudo=True,
        groups="base.group_user",
        help="The team bills its time, and no order of the customer does.",
    )
    may_open_order = fields.Boolean(
        compute="_compute_may_open_order",
        groups="base.group_user",
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    @api.depends("sale_line_id.remaining_hours", "sale_line_id.pack_valid_until")
    def _compute_pack_state(self):
        """Of a whole page of tickets only the packs are read, not all other items."""
        items = self.sale_line_id
        if len(self) > 1:
            items = items.search(
                Domain("id", "in", items.ids) & items._domain_prepaid()
            )
        packs = items._filter_packs()
        for ticket in self:
            pack = ticket.sale_line_id & packs
            ticket.pack_state = pack._get_pack_state() if pack else False
            ticket.pack_balance = pack._get_pack_balance_text() if pack else False

    @api.depends(
        "is_closed", "partner_id", "sale_line_cleared", "sale_line_id", "team_id"
    )
    def _compute_is_without_item(self):
        without = self.filtered_domain(self._domain_without_item())
        without.is_without_item = True
        (self - without).is_without_item = False

    @api.model
    def _search_is_without_item(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return self._domain_without_item()

    @api.model
    def _domain_without_item(self):
        """Open tickets whose time a team would bill, and no order does."""
        return (
            Domain("team_id.use_helpdesk_sale_timesheet", "=", True)
            & Domain("team_id.use_helpdesk_timesheet", "=", True)
            & Domain("partner_id", "!=", False)
            & Domain("sale_line_id", "=", False)
            & Domain("sale_line_cleared", "!=", True)
            & Domain("is_closed", "=", False)
        )

    @api.depends("is_without_item", "team_id.open_order", "team_id.order_template_id")
    @api.depends_context("uid")
    def _compute_may_open_order(self):
        sells = self.env["sale.order"].has_access("create")
        for ticket in self:
            team = ticket.team_id.sudo()
            ticket.may_open_order = (
                ticket.is_without_item
                and bool(team.order_template_id)
                and (sells or team.open_order != "no")
            )

    # === CRUD METHODS === #

    def write(self, vals):
        """Time that goes to other packs with its ticket is dealt there."""
        vals = self._clean_input(vals)
        in_use = self.env["sale.order.line"]._is_in_use()
        if not in_use or not vals.keys() & self._deal_fields:
            return super().write(vals)
        former = self._search_open_time()._get_dealt_items()
        result = super().write(vals)
        lines = self._search_open_time()
        if former or lines._get_dealt_items() or lines.filtered("is_piece"):
            lines._deal(former)
        return result

    def _search_open_time(self):
        """Open time of these tickets.

        :rtype: account.analytic.line
        """
        Line = self.env["account.analytic.line"].sudo()
        if not self.ids:
            return Line
        return Line.search(Line._domain_of_tickets(self) & ~Line._domain_time("billed"))

    # === ACTION METHODS === #

    def action_open_order(self):
        """Open an order for the customer of this ticket, from the template of its team,
        and bill the ticket on it: confirmed, or as a quotation, as the team says.

        :return: a window action on the order for who may read it, else on the ticket
        :rtype: dict
        :raise UserError: if the ticket has no customer, has an item already, or the team
            no template
        :raise AccessError: if only who sells may open orders on this team's tickets
        """
        self.ensure_one()
        self.check_access("write")
        sells = self.env["sale.order"].has_access("create")
        team = self.sudo().team_id
        if not sells and team.open_order == "no":
            raise AccessError(
                self.env._(
                    "Ask a salesperson to open an order for this ticket: the team leaves "
                    "that to who sells."
                )
            )
        self._check_may_open_order(team)
        order = self.sudo()._create_order_of_ticket(team)
        if team.open_order == "order":
            order.action_confirm()
        shown = order if order.sudo(False).has_access("read") else self
        return {
            "type": "ir.actions.act_window",
            "res_model": shown._name,
            "res_id": shown.id,
            "views": [[False, "form"]],
        }

    def _check_may_open_order(self, team):
        """Refuse a second order, or one that nobody knows what to sell on.

        :raise UserError: with what to do first
        """
        if not self.partner_id:
            raise UserError(
                self.env._("Set the customer of the ticket before you open an order.")
            )
        if self.sudo().sale_line_id:
            raise UserError(
                self.env._(
                    "The ticket has a sales order item already: %(item)s.",
                    item=self.sudo().sale_line_id.display_name,
                )
            )
        if not team.order_template_id:
            raise UserError(
                self.env._(
                    "Choose an order template on the team %(team)s first.",
                    team=team.name,
                )
            )
        waiting = self.env["sale.order"].sudo()
        waiting = waiting.search(
            [
                ("helpdesk_ticket_id", "=", self.id),
                ("state", "in", ("draft", "sent")),
            ],
            limit=1,
        )
        if waiting:
            raise UserError(
                self.env._(
                    "Quotation %(order)s was made for this ticket already. Confirm it to "
                    "bill the ticket.",
                    order=waiting.name,
                )
            )

    def _create_order_of_ticket(self, team):
        """An order from the template of a team.

        :rtype: sale.order
        """
        customer = self._get_present_customer()
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company_id.id,
                "helpdesk_ticket_id": self.id,
                "origin": self.display_name,
                "sale_order_template_id": team.order_template_id.id,
                "user_id": customer.user_id.id or False,
            }
        )
        order._onchange_sale_order_template_id()
        return order

    # === TIME IN ONE ROW === #

    def _get_time_entry_notice(self):
        """What is left of the pack, wherever time is recorded."""
        if not self.pack_state:
            return super()._get_time_entry_notice()
        levels = {"ok": "success", "low": "warning", "empty": "danger"}
        return {"text": self.pack_balance, "level": levels[self.pack_state]}

    def _describe_time(self, line):
        """Say what is left of the pack, and what becomes of what it has no hours for."""
        text = super()._describe_time(line)
        pack = line.so_line.sudo()._filter_packs()
        if not pack:
            return text
        room = pack._get_pack_room()
        over = line.billable_hours - room
        if over <= 0 or room == float("inf"):
            left = pack.remaining_hours - line.billable_hours
            return self.env._(
                "%(text)s. Then %(left)s are left", text=text, left=format_clock(left)
            )
        following = next(
            (
                item
                for item in pack._get_next_items(line)
                if item._get_pack_room() >= ONE_MINUTE
            ),
            None,
        )
        names = {"text": text, "over": format_clock(over)}
        if not following:
            return self.env._("%(text)s. %(over)s of it wait for another pack", **names)
        item = (
            f"{following.order_id.name} {following.product_id.name or following.name}"
        )
        return self.env._("%(text)s. %(over)s of it on %(item)s", item=item, **names)

    # === THE ITEM OF A TICKET === #

    @api.model
    def _domain_packs_to_preset(self):
        """Packs that are valid today."""
        today = fields.Date.context_today(self)
        valid = self.env["sale.order.line"]._domain_valid_on(today)
        return super()._domain_packs_to_preset() & valid

    def _search_preset_items(self):
        """The pack that ends first, where one of the customer's has an end."""
        found = super()._search_preset_items()
        packs = self.env["sale.order.line"].sudo()
        if not packs._has_dated_items():
            return found
        packs = packs.search(
            packs._domain_packs()
            & self._domain_packs_to_preset()
            & Domain("pack_valid_until", "!=", False)
            & Domain(
                "helpdesk_commercial_partner_id",
                "in",
                self.commercial_partner_id.ids,
            )
        )
        by_customer = packs.grouped(
            lambda pack: (pack.helpdesk_commercial_partner_id, pack.company_id)
        )
        for key, own in by_customer.items():
            found[key] = min(own, key=lambda pack: pack._get_pack_order())
        return found

    def _get_preset_sale_lines(self):
        """A pack is only preset for teams that it serves."""
        presets = super()._get_preset_sale_lines()
        if not self.env["sale.order.line"]._is_in_use():
            return presets
        no_line = self.env["account.analytic.line"]
        return {
            ticket: item
            for ticket, item in presets.items()
            if item.product_id.product_tmpl_id._serves(ticket, no_line)
        }
