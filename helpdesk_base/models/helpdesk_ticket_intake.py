from odoo import api, models

from ..tools import Private, read_private

# What the rules of a team look at.
_TRAITS = {"ticket_type_id", "tag_ids"}


class HelpdeskTicket(models.Model):
    """What a ticket gets on arrival: team, assignee, stage and number."""

    _inherit = "helpdesk.ticket"

    # === BUSINESS METHODS === #

    @api.model
    def _fill_team(self, vals_list):
        missing = [vals for vals in vals_list if "team_id" not in vals]
        if missing:
            team_id = self.default_get(["team_id"]).get("team_id")
            team_id = self._clean_value("team_id", team_id)
            for vals in missing:
                vals["team_id"] = team_id

    @api.model
    def _fill_assignee(self, vals_list):
        """Assign new tickets as their team does, and put them in its first stage; those
        that move in are whose they were."""
        default_user = self.env.context.get("default_user_id")
        teams = self.env["helpdesk.team"].browse(
            {vals["team_id"] for vals in vals_list if vals.get("team_id")}
        )
        for team in teams:
            own = [vals for vals in vals_list if vals.get("team_id") == team.id]
            free = [vals for vals in own if not vals.get("user_id", default_user)]
            if self._is_moving_in():
                free = []
            picked = self._pick_assignees_for(team, free)
            for vals, user in zip(free, picked, strict=True):
                if user:
                    vals["user_id"] = user.id
            for vals in own:
                if (
                    not vals.get("stage_id")
                    and "default_stage_id" not in self.env.context
                ):
                    vals["stage_id"] = team._get_first_stage().id

    @api.model
    def _fill_ticket_ref(self, vals_list):
        """Number the tickets, passing over numbers that imports brought in."""
        missing = [vals for vals in vals_list if not vals.get("ticket_ref")]
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .browse(
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "helpdesk_base.helpdesk_ticket_sequence", raise_if_not_found=True
                )
            )
        )
        while missing:
            refs = [sequence.next_by_id() for _vals in missing]
            taken = (
                self.sudo()
                .with_context(active_test=False)
                .search_fetch([("ticket_ref", "in", refs)], ["ticket_ref"])
            )
            free = [ref for ref in refs if ref not in set(taken.mapped("ticket_ref"))]
            for vals, ref in zip(missing, free, strict=False):
                vals["ticket_ref"] = ref
            missing = missing[len(free) :]

    @api.model
    def _pick_assignees_for(self, team, vals_list):
        """Choose who gets new tickets of a team; what its rules say of type and tags
        comes first.

        :param team: ``helpdesk.team``
        :param list[dict] vals_list: ticket_type_id and tag_ids of each, as for a write
        :return: one user, or none, per ticket
        :rtype: list
        """
        if not any(vals.get(name) for vals in vals_list for name in _TRAITS):
            return team._pick_assignees(len(vals_list))
        rules = team.sudo().assignment_rule_ids
        wishes = []
        for vals in vals_list:
            ticket = self.sudo().new({name: vals.get(name) for name in _TRAITS})
            wishes.append(
                rules._get_wishes(ticket.ticket_type_id._origin, ticket.tag_ids._origin)
            )
        return team._pick_assignees(len(vals_list), wishes)

    def _pick_assignees_again(self, team):
        """Choose anew who gets these tickets of a team, see :meth:`_pick_assignees_for`.

        :rtype: list
        """
        vals_list = [
            {
                "ticket_type_id": ticket.ticket_type_id.id,
                "tag_ids": ticket.tag_ids.ids,
            }
            for ticket in self.sudo()
        ]
        return self._pick_assignees_for(team, vals_list)

    def _assign_in_new_team(self):
        """Tickets that came from another team: keep the assignee if a member."""
        if self._is_moving_in():
            return
        for team, tickets in self.grouped("team_id").items():
            members = team._get_assignable_members()
            if members:
                moved = tickets.filtered(lambda t, own=members: t.user_id not in own)
                picked = moved._pick_assignees_again(team)
                for ticket, user in zip(moved, picked, strict=True):
                    ticket.user_id = user.id
                moved._call_for_assignee()

    def _assign_by_rules(self):
        """Tickets whose type or tags were set while nobody has them: a rule of the team
        may know who takes them."""
        if self._is_moving_in():
            return
        for team, tickets in self.grouped("team_id").items():
            if not team.sudo().assignment_rule_ids:
                continue
            free = tickets.filtered(lambda t: not t.user_id and not t.is_closed)
            picked = free._pick_assignees_again(team)
            for ticket, user in zip(free, picked, strict=True):
                if user:
                    ticket.user_id = user.id

    def _follow_assignment(self, vals):
        """What a change of type, tags, assignee or stage means for who has the ticket.

        :param dict vals: values that were written
        """
        if not vals.get("user_id") and vals.keys() & _TRAITS:
            self._assign_by_rules()
        if vals.get("user_id") or "stage_id" in vals:
            self._withdraw_call()

    # === NOBODY TO ASSIGN === #

    def _call_for_assignee(self):
        """A to-do for whoever looks after the team, for each open ticket that its team
        would assign, and nobody is there who has room."""
        if self._is_moving_in():
            return
        waiting = self.sudo().filtered(
            lambda ticket: (
                not ticket.user_id
                and not ticket.is_closed
                and ticket.team_id.assign_method != "manual"
            )
        )
        for team, tickets in waiting.grouped("team_id").items():
            leads = team._get_leads()
            if leads:
                # a batch of mails makes no batch of mails to the lead
                tickets.with_context(mail_activity_quick_update=True).activity_schedule(
                    "helpdesk_base.mail_activity_assign", user_id=leads[0].id
                )

    def _withdraw_call(self):
        """The to-do of :meth:`_call_for_assignee` is done once somebody has the ticket,
        or it is closed."""
        self.sudo().filtered(lambda t: t.user_id or t.is_closed).activity_unlink(
            ["helpdesk_base.mail_activity_assign"]
        )

    # === MOVING IN === #

    def _as_moving_in(self):
        """These tickets for what brings in those of another desk: people hear nothing of
        it, and nobody is assigned, subscribed as who imports, or called for. Customers
        and assignees follow, to be told of what comes later.

        :rtype: helpdesk.ticket
        """
        return self.with_context(
            helpdesk_moving_in=Private(True),
            mail_auto_subscribe_no_notify=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
            mail_notrack=True,
        )

    @api.model
    def _is_moving_in(self):
        """Tell whether tickets of another desk are brought in, see
        :meth:`_as_moving_in`. Addons that tell, ask or promise people something about
        new or closed tickets leave these alone.

        :rtype: bool
        """
        return bool(read_private(self.env, "helpdesk_moving_in"))
