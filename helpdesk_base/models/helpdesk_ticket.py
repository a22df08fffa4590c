import re
from collections.abc import Collection

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

TICKET_PRIORITY = [
    ("0", "Low"),
    ("1", "Medium"),
    ("2", "High"),
    ("3", "Urgent"),
]
_DISPLAY_NAME = re.compile(r"^(?:.*\(#([^()]+)\)|#([^()\s]+))$", re.DOTALL)


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _description = "Helpdesk Ticket"
    _inherit = [
        "helpdesk.customer.mixin",
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
    description = fields.Html(sanitize_attributes=True, sanitize_style=True)
    team_id = fields.Many2one(
        "helpdesk.team",
        string="Helpdesk Team",
        required=True,
        default=lambda self: self._default_team_id(),
        # when the app goes, its teams go first; else see the team
        ondelete="cascade",
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
        ondelete="set null",  # only when the app goes: see the stage
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
        comodel_name="res.partner",
        string="Customer Company",
        compute="_compute_customer_company",
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
    ticket_type_id = fields.Many2one(
        "helpdesk.ticket.type", string="Type", tracking=True, index="btree_not_null"
    )
    tag_ids = fields.Many2many("helpdesk.tag", string="Tags", groups="base.group_user")
    kanban_state = fields.Selection(
        [("normal", "In Progress"), ("done", "Ready"), ("blocked", "Blocked")],
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
    activity_exception_decoration = fields.Selection(groups="base.group_user")
    activity_exception_icon = fields.Char(groups="base.group_user")
    duration_tracking = fields.Json(groups="base.group_user")
    rotting_days = fields.Integer(groups="base.group_user")
    is_rotting = fields.Boolean(groups="base.group_user")
    create_date = fields.Datetime(string="Created On", readonly=True, index=True)

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
        exact = operator in ("in", "not in", "=", "!=") or (
            isinstance(value, str) and value.endswith(")")
        )
        if isinstance(values, Collection) and exact:
            matches = [_DISPLAY_NAME.match(text or "") for text in values]
            if matches and all(matches):
                refs = [match[1] or match[2] for match in matches]
                negative = operator in Domain.NEGATIVE_OPERATORS
                return Domain("ticket_ref", "not in" if negative else "in", refs)
        if isinstance(value, str):
            value = value.removeprefix("#")
        return super()._search_display_name(operator, value)

    # === CONSTRAINT METHODS === #

    @api.constrains("stage_id", "team_id")
    def _check_stage_of_team(self):
        for ticket in self:
            if ticket.stage_id in ticket.team_id.sudo().stage_ids:
                continue
            if ticket.team_id not in (
                ticket.stage_id.sudo().team_ids or ticket.team_id
            ):
                raise ValidationError(
                    self.env._(
                        "The stage “%(stage)s” is not used by the team “%(team)s”."
                        " Choose a stage of that team, or add the stage to the team.",
                        stage=ticket.stage_id.name,
                        team=ticket.team_id.sudo().name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._clean_input_list(vals_list)
        self._fill_team(vals_list)
        self._fill_customer(vals_list)
        self._fill_assignee(vals_list)
        self._fill_ticket_ref(vals_list)
        tickets = super().create(vals_list)
        tickets._subscribe_customers(new=True)
        tickets._call_for_assignee()
        for ticket, vals in zip(tickets, vals_list, strict=True):
            if "related_ticket_ids" in vals:
                ticket._mirror_links()
        return tickets

    def write(self, vals):
        vals = self._clean_input(vals)
        closing = self._get_closing(vals)
        former_customers = {}
        if "partner_id" in vals:
            former_customers = {
                ticket: (ticket.partner_id, ticket.commercial_partner_id)
                for ticket in self
            }
        stages = {}
        if vals.get("stage_id") and self._is_moved_on_screen():
            stages = {ticket: ticket.stage_id for ticket in self}
        moved = self.browse()
        if vals.get("team_id") and "user_id" not in vals:
            moved = self.filtered(lambda ticket: ticket.team_id.id != vals["team_id"])
        result = super().write(vals)
        closing._check_may_close()
        if "team_id" in vals:
            self._check_team_company()
            self._withdraw_hidden_links()
        for ticket, (customer, company) in former_customers.items():
            if customer and customer != ticket.partner_id:
                ticket._forget_customer(customer, company)
        if former_customers:
            self._subscribe_customers()
        moved._assign_in_new_team()
        self._follow_assignment(vals)
        if "related_ticket_ids" in vals:
            self._mirror_links()
        if vals.get("duplicate_of_id"):
            self._close_as_duplicate()
        if vals.get("stage_id"):
            self._wake_closed()
        if stages:
            self._offer_undo(stages)
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
            later = ticket.team_id._get_pipeline().filtered(
                lambda stage, now=ticket.stage_id: (
                    (stage.sequence, stage.id) > (now.sequence, now.id)
                )
            )
            if later:
                ticket.stage_id = later[0].id
        return True

    def action_close(self):
        """Close tickets: each goes to the first folded stage of its team. Tickets that
        are closed stay as they are.

        :return: True
        :raise UserError: if something is to be done first, or a team has no such stage
        :raise AccessError: when the user may not write the tickets
        """
        self.check_access("write")
        tickets = self.filtered(lambda ticket: not ticket.is_closed)
        for team, own in tickets.grouped("team_id").items():
            stage = team._get_closing_stage()
            if not stage:
                raise UserError(
                    self.env._(
                        "The team “%(team)s” has no folded stage, which would close a "
                        "ticket. Fold one of its stages, or add one that is folded.",
                        team=team.sudo().name,
                    )
                )
            own.write({"stage_id": stage.id})
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

    # === CLOSING === #

    def _get_close_refusal(self):
        """What must be done before this ticket may be closed. Meant for override by
        addons that ask for something, such as recorded time.

        People are told who move the ticket to a closed stage; a customer who closes it in
        the portal or by mail, and what runs as superuser, passes.

        :return: a sentence that says what to do, or False
        :rtype: str | bool
        """
        self.ensure_one()
        return False

    def _can_close(self):
        """Tell whether this ticket may be closed, see :meth:`_get_close_refusal`.

        :rtype: bool
        """
        return not self._get_close_refusal()

    def _get_closing(self, vals):
        """Those of these tickets that a person is about to close.

        :param dict vals: values on their way to ``write``
        :rtype: helpdesk.ticket
        """
        if not vals.get("stage_id") or self.env.su or not self.env.user._is_internal():
            return self.browse()
        if not self.env["helpdesk.stage"].sudo().browse(vals["stage_id"]).fold:
            return self.browse()
        return self.filtered(lambda ticket: not ticket.is_closed)

    def _check_may_close(self):
        """Refuse to close tickets that may not be closed yet. What else was written
        with the stage, such as time, is there already.

        :raise UserError: with what is to be done first
        """
        for ticket in self:
            refusal = ticket._get_close_refusal()
            if refusal:
                raise UserError(refusal)

    # === BUSINESS METHODS === #
