import re
from collections.abc import Collection

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools.mail import parse_contact_from_email

TICKET_PRIORITY = [
    ("0", "Low"),
    ("1", "Medium"),
    ("2", "High"),
    ("3", "Urgent"),
]
OPEN_TO_USERS = ("internal", "portal")
_DISPLAY_NAME = re.compile(r"^.*\(#([^()]+)\)$", re.DOTALL)


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _description = "Helpdesk Ticket"
    _inherit = [
        "helpdesk.input.mixin",
        "portal.mixin",
        "mail.thread.cc",
        "mail.activity.mixin",
        "mail.tracking.duration.mixin",
    ]
    _order = "priority desc, id desc"
    _rec_names_search = ["name", "ticket_ref"]
    _check_company_auto = True
    _primary_email = "partner_email"
    _mail_post_access = "read"
    _track_duration_field = "stage_id"
    _input_max_length = {"name": 500, "ticket_ref": 64}

    @api.model
    def _default_team_id(self):
        """The first team the user is a member of, else the first of the company."""
        Team = self.env["helpdesk.team"]
        domain = Domain("company_id", "=", self.env.company.id)
        own = domain & Domain("member_ids", "in", self.env.uid)
        return Team.search(own, limit=1) or Team.search(domain, limit=1)

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Show the empty stages of the pipeline, too."""
        team_id = self.env.context.get("default_team_id")
        if isinstance(team_id, int):
            teams = Domain("team_ids", "in", [team_id])
        else:
            teams = Domain("team_ids.member_ids", "in", [self.env.uid])
        return stages.search(Domain("id", "in", stages.ids) | teams)

    active = fields.Boolean(default=True)
    name = fields.Char(string="Subject", required=True, tracking=True, index="trigram")
    ticket_ref = fields.Char(
        string="Ticket Number", copy=False, readonly=True, index="trigram"
    )
    description = fields.Html(sanitize_attributes=True)
    team_id = fields.Many2one(
        "helpdesk.team",
        string="Helpdesk Team",
        required=True,
        default=_default_team_id,
        ondelete="restrict",
        tracking=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="team_id.company_id", store=True, precompute=True, index=True
    )
    stage_id = fields.Many2one(
        "helpdesk.stage",
        compute="_compute_stage_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        ondelete="restrict",
        tracking=True,
        index=True,
        domain="[('team_ids', '=', team_id)]",
        group_expand="_read_group_stage_ids",
    )
    is_closed = fields.Boolean(related="stage_id.fold", string="Closed")
    user_id = fields.Many2one(
        "res.users",
        string="Assigned to",
        tracking=True,
        copy=False,
        index=True,
        domain="[('share', '=', False)]",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        tracking=True,
        index="btree_not_null",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    partner_name = fields.Char(
        string="Customer Name",
        compute="_compute_partner_name",
        store=True,
        precompute=True,
        readonly=False,
    )
    partner_email = fields.Char(
        string="Customer Email",
        compute="_compute_partner_email",
        store=True,
        precompute=True,
        readonly=False,
        index="trigram",
    )
    partner_phone = fields.Char(
        string="Customer Phone",
        compute="_compute_partner_phone",
        store=True,
        precompute=True,
        readonly=False,
    )
    email_cc = fields.Char(groups="base.group_user")
    priority = fields.Selection(TICKET_PRIORITY, default="0", tracking=True)
    ticket_type_id = fields.Many2one("helpdesk.ticket.type", string="Type", tracking=True)
    tag_ids = fields.Many2many("helpdesk.tag", string="Tags", groups="base.group_user")
    kanban_state = fields.Selection(
        [("normal", "In Progress"), ("done", "Ready"), ("blocked", "Blocked")],
        string="Kanban State",
        compute="_compute_kanban_state",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        tracking=True,
        required=True,
        groups="base.group_user",
    )
    color = fields.Integer(groups="base.group_user")
    properties = fields.Properties(
        definition="team_id.ticket_properties", copy=True, groups="base.group_user"
    )
    merged_into_id = fields.Many2one(
        "helpdesk.ticket",
        string="Merged Into",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    assign_date = fields.Datetime(
        string="First Assignment",
        compute="_compute_assign_date",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
    )
    close_date = fields.Datetime(
        string="Closed On",
        compute="_compute_close_date",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
    )
    date_last_stage_update = fields.Datetime(
        string="Last Stage Update",
        compute="_compute_date_last_stage_update",
        store=True,
        precompute=True,
        copy=False,
    )
    assign_hours = fields.Float(
        string="Time to Assign (Hours)",
        compute="_compute_assign_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to its first assignment.",
    )
    close_hours = fields.Float(
        string="Time to Close (Hours)",
        compute="_compute_close_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to its closing.",
    )
    activity_exception_decoration = fields.Selection(groups="base.group_user")
    activity_exception_icon = fields.Char(groups="base.group_user")
    duration_tracking = fields.Json(groups="base.group_user")
    rotting_days = fields.Integer(groups="base.group_user")
    is_rotting = fields.Boolean(groups="base.group_user")
    create_date = fields.Datetime(string="Created On", readonly=True, index=True)
    user_has_access = fields.Boolean(
        compute="_compute_user_has_access",
        search="_search_user_has_access",
        export_string_translation=False,
        groups="base.group_user",
    )

    _ticket_ref_uniq = models.Constraint(
        "UNIQUE (ticket_ref)",
        "This ticket number is already in use. Leave it empty to get the next one.",
    )
    _pipeline_idx = models.Index("(stage_id, team_id, priority DESC, id DESC)")
    _order_idx = models.Index("(priority DESC, id DESC) WHERE active IS TRUE")

    # === COMPUTE METHODS === #

    @api.depends("team_id")
    def _compute_stage_id(self):
        for ticket in self:
            if ticket.stage_id and ticket.stage_id in ticket.team_id.sudo().stage_ids:
                continue
            team = ticket.team_id
            ticket.stage_id = team._get_first_stage() if team else False

    @api.depends("partner_id")
    def _compute_partner_name(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_name = ticket.partner_id.name

    @api.depends("partner_id")
    def _compute_partner_email(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_email = ticket.partner_id.email

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_phone = ticket.partner_id.phone

    @api.depends("stage_id")
    def _compute_kanban_state(self):
        self.kanban_state = "normal"

    @api.depends("user_id")
    def _compute_assign_date(self):
        """Keep the first assignment: later ones say nothing of the waiting time."""
        now = fields.Datetime.now()
        for ticket in self:
            if ticket.user_id and not ticket.assign_date:
                ticket.assign_date = now

    @api.depends("stage_id.fold")
    def _compute_close_date(self):
        now = fields.Datetime.now()
        for ticket in self:
            closed = ticket.stage_id.fold
            ticket.close_date = (ticket.close_date or now) if closed else False

    @api.depends("stage_id")
    def _compute_date_last_stage_update(self):
        self.date_last_stage_update = fields.Datetime.now()

    @api.depends("assign_date", "create_date")
    def _compute_assign_hours(self):
        for ticket in self:
            ticket.assign_hours = ticket._hours_since_creation(ticket.assign_date)

    @api.depends("close_date", "create_date")
    def _compute_close_hours(self):
        for ticket in self:
            ticket.close_hours = ticket._hours_since_creation(ticket.close_date)

    @api.depends("name", "ticket_ref")
    def _compute_display_name(self):
        for ticket in self:
            name = ticket.name or ""
            ref = ticket.ticket_ref
            ticket.display_name = f"{name} (#{ref})" if ref else name

    @api.model
    def _search_display_name(self, operator, value):
        """Find ``#123`` and ``Subject (#123)``, too, as shown and as exported."""
        values = [value] if isinstance(value, str) else value
        if isinstance(values, Collection):
            matches = [_DISPLAY_NAME.match(text or "") for text in values]
            if matches and all(matches):
                refs = [match[1] for match in matches]
                negative = operator in Domain.NEGATIVE_OPERATORS
                return Domain("ticket_ref", "not in" if negative else "in", refs)
        if isinstance(value, str):
            value = value.removeprefix("#")
        return super()._search_display_name(operator, value)

    def _compute_access_url(self):
        super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f"/my/ticket/{ticket.id}"

    @api.depends(
        "user_id",
        "message_partner_ids",
        "team_id.privacy_visibility",
        "team_id.member_ids",
        "team_id.message_partner_ids",
    )
    @api.depends_context("uid")
    def _compute_user_has_access(self):
        """Same rule as the search below; followers are read only if nothing else
        opens the ticket."""
        user = self.env.user
        for ticket in self:
            ticket_sudo = ticket.sudo()
            team = ticket_sudo.team_id
            ticket.user_has_access = (
                team.privacy_visibility in OPEN_TO_USERS
                or user == ticket_sudo.user_id
                or user in team.member_ids
                or user.partner_id in team.message_partner_ids
                or user.partner_id in ticket_sudo.message_partner_ids
            )

    @api.model
    def _search_user_has_access(self, operator, value):
        """Tickets of teams open to all users, of own teams, own and followed ones."""
        if operator != "in" or True not in value:
            return NotImplemented
        user = self.env.user
        return Domain.OR(
            [
                Domain("team_id.privacy_visibility", "in", OPEN_TO_USERS),
                Domain("team_id.member_ids", "in", user.ids),
                Domain("team_id.message_partner_ids", "in", user.partner_id.ids),
                Domain("user_id", "=", user.id),
                Domain("message_partner_ids", "in", user.partner_id.ids),
            ]
        )

    # === CONSTRAINT METHODS === #

    @api.constrains("stage_id", "team_id")
    def _check_stage_of_team(self):
        for ticket in self:
            if ticket.stage_id in ticket.team_id.sudo().stage_ids:
                continue
            if ticket.team_id not in (ticket.stage_id.sudo().team_ids or ticket.team_id):
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” is not used by the team “%(team)s”."
                        " Choose a stage of that team, or add the stage to the team.",
                        stage=ticket.stage_id.name,
                        team=ticket.team_id.sudo().name,
                    )
                )

    def _check_team_company(self):
        """Nobody moves a ticket to a company whose tickets that person cannot see.

        No constraint of the ORM: those run as superuser.
        """
        companies = self.env.user.company_ids
        for ticket in self if not self.env.su else ():
            if ticket.sudo().company_id not in companies:
                raise ValidationError(
                    self.env._(
                        "The team “%(team)s” belongs to another company."
                        " Choose a team of a company you work for.",
                        team=ticket.sudo().team_id.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_input(vals) for vals in vals_list]
        self._fill_team(vals_list)
        self._fill_customer(vals_list)
        self._fill_assignee(vals_list)
        self._fill_ticket_ref(vals_list)
        tickets = super().create(vals_list)
        tickets._subscribe_customers(new=True)
        return tickets

    def write(self, vals):
        vals = self._clean_input(vals)
        former_customers = {}
        if "partner_id" in vals:
            former_customers = {ticket: ticket.partner_id for ticket in self}
        moved = self.browse()
        if vals.get("team_id") and "user_id" not in vals:
            moved = self.filtered(lambda ticket: ticket.team_id.id != vals["team_id"])
        result = super().write(vals)
        if "team_id" in vals:
            self._check_team_company()
        for ticket, customer in former_customers.items():
            if customer and customer != ticket.partner_id:
                ticket._forget_customer(customer)
        if former_customers:
            self._subscribe_customers()
        moved._assign_in_new_team()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for ticket, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(ticket)s (copy)", ticket=ticket.name)
        return vals_list

    # === ACTION METHODS === #

    def action_assign_to_me(self):
        """Assign the tickets to the current user.

        :return: True
        :raise AccessError: when the user may not write the tickets
        """
        self.write({"user_id": self.env.uid})
        return True

    def action_next_stage(self):
        """Move each ticket to the stage after its own in the team's pipeline.

        :return: True; tickets in the last stage stay where they are
        """
        for ticket in self:
            stages = ticket.team_id.sudo().stage_ids.filtered("active").sorted()
            later = stages.filtered(
                lambda stage, now=ticket.stage_id: (
                    (stage.sequence, stage.id) > (now.sequence, now.id)
                )
            )
            if later:
                ticket.stage_id = later[0].id
        return True

    def action_open_merge(self):
        """Open the wizard that merges the selected tickets.

        :return: a window action on ``helpdesk.ticket.merge``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_merge_action"
        )
        action["context"] = {"default_ticket_ids": self.ids}
        return action

    # === BUSINESS METHODS === #

    def _hours_since_creation(self, date):
        """Hours from the creation to ``date``, never negative; 0.0 without dates."""
        self.ensure_one()
        if not date or not self.create_date:
            return 0.0
        return max((date - self.create_date).total_seconds() / 3600, 0.0)

    @api.model
    def _fill_team(self, vals_list):
        missing = [vals for vals in vals_list if "team_id" not in vals]
        if missing:
            team_id = self.default_get(["team_id"]).get("team_id")
            for vals in missing:
                vals["team_id"] = team_id

    @api.model
    def _fill_customer(self, vals_list):
        """Match the sender of new tickets to a known contact by e-mail address."""
        unknown = []
        for vals in vals_list:
            name, email = parse_contact_from_email(vals.get("partner_email") or "")
            if not email:
                continue
            vals["partner_email"] = email
            if vals.get("partner_id"):
                continue
            if name:
                vals.setdefault("partner_name", name)
            if "partner_id" not in vals:
                unknown.append(vals)
        emails = [vals["partner_email"] for vals in unknown]
        partners = self._mail_find_partner_from_emails(emails) if emails else []
        for vals, partner in zip(unknown, partners, strict=True):
            company = partner.sudo().company_id
            team = self.env["helpdesk.team"].browse(vals.get("team_id"))
            if partner and company in (company.browse(), team.company_id):
                vals["partner_id"] = partner.id

    @api.model
    def _fill_assignee(self, vals_list):
        """Assign new tickets as their team does, and put them in its first stage."""
        default_user = self.env.context.get("default_user_id")
        teams = self.env["helpdesk.team"].browse(
            {vals["team_id"] for vals in vals_list if vals.get("team_id")}
        )
        for team in teams:
            own = [vals for vals in vals_list if vals.get("team_id") == team.id]
            free = [vals for vals in own if not vals.get("user_id", default_user)]
            for vals, user in zip(free, team._pick_assignees(len(free)), strict=True):
                if user:
                    vals["user_id"] = user.id
            for vals in own:
                if not vals.get("stage_id") and "default_stage_id" not in self.env.context:
                    vals["stage_id"] = team._get_first_stage().id

    @api.model
    def _fill_ticket_ref(self, vals_list):
        """Number the tickets, passing over numbers that imports brought in."""
        missing = [vals for vals in vals_list if not vals.get("ticket_ref")]
        sequence = self.env["ir.sequence"].sudo().browse(
            self.env["ir.model.data"]._xmlid_to_res_id(
                "helpdesk_base.helpdesk_ticket_sequence", raise_if_not_found=True
            )
        )
        while missing:
            refs = [sequence.next_by_id() for _vals in missing]
            taken = self.sudo().with_context(active_test=False).search_fetch(
                [("ticket_ref", "in", refs)], ["ticket_ref"]
            )
            free = [ref for ref in refs if ref not in set(taken.mapped("ticket_ref"))]
            for vals, ref in zip(missing, free, strict=False):
                vals["ticket_ref"] = ref
            missing = missing[len(free) :]

    def _subscribe_customers(self, new=False):
        """Customers follow their tickets, to be told of the answers."""
        wanted = {(t.id, t.partner_id.id) for t in self if t.partner_id}
        if not wanted:
            return
        Followers = self.env["mail.followers"].sudo()
        if not new or self._may_follow_already():
            ids, partner_ids = zip(*wanted, strict=True)
            known = Followers.search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", ids),
                    ("partner_id", "in", partner_ids),
                ],
                ["res_id", "partner_id"],
            )
            wanted -= {(follower.res_id, follower.partner_id.id) for follower in known}
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        Followers.create(
            [
                {
                    "res_model": self._name,
                    "res_id": ticket_id,
                    "partner_id": partner_id,
                    "subtype_ids": [Command.set([comment])],
                }
                for ticket_id, partner_id in sorted(wanted)
            ]
        )

    def _may_follow_already(self):
        """Whether the customer of a new ticket may follow it: as a colleague who made
        it or got it, or as a follower of the team."""
        for ticket in self.sudo():
            customer = ticket.partner_id
            if not customer.partner_share:
                return True
            if customer in ticket.team_id.message_partner_ids:
                return True
        return False

    def _forget_customer(self, customer):
        """Cut the former customer off: followers, copies and signed links.

        :param customer: the ``res.partner`` that was the customer until now
        """
        self.ensure_one()
        company = customer.commercial_partner_id
        gone = customer
        values = {}
        if company != self.commercial_partner_id:
            gone |= self.sudo().message_partner_ids.filtered(
                lambda p: p.commercial_partner_id == company and p.partner_share
            )
            values = {"access_token": False, "email_cc": False}
        gone -= self.partner_id | self.user_id.partner_id
        self.sudo().message_unsubscribe(gone.ids)
        if values:
            self.sudo().write(values)

    def _change_by_customer(self, close, author):
        """Close or reopen the ticket in the customer's name.

        :param bool close: whether to close it, else to reopen it
        :param author: ``res.partner`` who decided
        :raise UserError: when the team does not leave this to customers
        """
        self.ensure_one()
        if not self.team_id.allow_portal_ticket_closing or self.merged_into_id:
            raise UserError(
                self.env._("Answer the ticket instead: only the team may close it.")
            )
        self._track_set_author(author)
        if not close:
            self._reopen()
        elif not self.is_closed and self.team_id._get_closing_stage():
            self.stage_id = self.team_id._get_closing_stage().id

    def _assign_in_new_team(self):
        """Tickets that came from another team: keep the assignee if a member."""
        for ticket in self:
            members = ticket.team_id._get_assignable_members()
            if not members or ticket.user_id in members:
                continue
            ticket.user_id = ticket.team_id._pick_assignees(1)[0].id
