import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ..tools import WorkingTime

DEFAULT_STAGES = (
    "stage_new",
    "stage_in_progress",
    "stage_on_hold",
    "stage_solved",
    "stage_cancelled",
)
# What a figure of the overview may ask its list to show.
_LIST_FILTERS = (
    "is_open",
    "awake",
    "waiting",
    "unassigned",
    "urgent",
    "closed_last_7_days",
)
OPEN_TO_USERS = ("internal", "portal")


class HelpdeskTeam(models.Model):
    _name = "helpdesk.team"
    _description = "Helpdesk Team"
    _inherit = ["helpdesk.input.mixin", "mail.alias.mixin", "mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _input_max_length = {"name": 200}

    def _default_stage_ids(self):
        """Stages of the standard pipeline, else a minimal pipeline of two."""
        refs = (
            self.env.ref(f"helpdesk_base.{name}", raise_if_not_found=False)
            for name in DEFAULT_STAGES
        )
        stages = self.env["helpdesk.stage"].browse(
            [s.id for s in refs if s and s.active]
        )
        if stages:
            return [Command.set(stages.ids)]
        return [
            Command.create({"name": self.env._("New"), "sequence": 10}),
            Command.create(
                {"name": self.env._("Solved"), "sequence": 90, "fold": True}
            ),
        ]

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    color = fields.Integer(export_string_translation=False)
    description = fields.Html(
        translate=True,
        help="Shown to customers who choose this team in the portal form.",
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Team Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        check_company=True,
    )
    stage_ids = fields.Many2many(
        "helpdesk.stage",
        relation="helpdesk_team_stage_rel",
        column1="team_id",
        column2="stage_id",
        string="Stages",
        default=lambda self: self._default_stage_ids(),
    )
    ticket_ids = fields.One2many("helpdesk.ticket", "team_id", string="Tickets")
    resource_calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        check_company=True,
        ondelete="restrict",
        help="When this team works.",
    )
    assign_method = fields.Selection(
        [
            ("manual", "Manually"),
            ("randomly", "Randomly"),
            ("balanced", "Balanced over open tickets"),
        ],
        string="Assignment Method",
        default="manual",
        required=True,
        help="Who gets a new ticket nobody is assigned to. Members who are archived, on "
        "leave or off duty are passed over.",
    )
    privacy_visibility = fields.Selection(
        [
            ("invited_internal", "Invited internal users"),
            ("internal", "All internal users"),
            ("portal", "Invited portal users and all internal users"),
        ],
        string="Visibility",
        default="portal",
        required=True,
        help="Who may see the team's tickets.\n"
        "- Invited internal users: members and followers of the team, followers and"
        " assignee of a ticket.\n"
        "- All internal users: every helpdesk user.\n"
        "- Invited portal users and all internal users: customers, too, see the"
        " tickets of their own company in the portal.",
    )
    allow_portal_ticket_creation = fields.Boolean(
        string="Portal Form",
        default=True,
        help="Customers may open tickets in the portal.",
    )
    allow_portal_ticket_closing = fields.Boolean(
        string="Closure by Customers",
        help="Customers may close and reopen their tickets in the portal.",
    )
    reopen_on_answer = fields.Boolean(
        string="Reopen on Answer",
        default=True,
        help="A closed ticket is reopened when the customer writes again.",
    )
    ticket_properties = fields.PropertiesDefinition()
    open_ticket_count = fields.Integer(
        string="Open Tickets", compute="_compute_ticket_counts"
    )
    unassigned_ticket_count = fields.Integer(
        string="Unassigned Tickets", compute="_compute_ticket_counts"
    )
    urgent_ticket_count = fields.Integer(
        string="Urgent Tickets", compute="_compute_ticket_counts"
    )
    closed_week_ticket_count = fields.Integer(
        string="Closed in the Last 7 Days", compute="_compute_closed_week_ticket_count"
    )
    user_has_access = fields.Boolean(
        compute="_compute_user_has_access",
        search="_search_user_has_access",
        export_string_translation=False,
        groups="base.group_user",
    )
    has_creation_followers = fields.Boolean(
        compute="_compute_has_creation_followers", export_string_translation=False
    )

    # === COMPUTE METHODS === #

    @api.depends("member_ids", "message_partner_ids", "privacy_visibility")
    @api.depends_context("uid")
    def _compute_user_has_access(self):
        """Same rule as the search below; people are read only if the team is closed."""
        user = self.env.user
        for team in self:
            team_sudo = team.sudo()
            team.user_has_access = (
                team_sudo.privacy_visibility in OPEN_TO_USERS
                or user in team_sudo.member_ids
                or user.partner_id in team_sudo.message_partner_ids
            )

    @api.model
    def _search_user_has_access(self, operator, value):
        """Which teams helpdesk users see, and the tickets of which: those open to all,
        own and followed ones."""
        if operator != "in" or True not in value:
            return NotImplemented
        user = self.env.user
        return (
            Domain("privacy_visibility", "in", OPEN_TO_USERS)
            | Domain("member_ids", "in", user.ids)
            | Domain("message_partner_ids", "in", user.partner_id.ids)
        )

    def _compute_ticket_counts(self):
        groups = self.env["helpdesk.ticket"]._read_group(
            Domain("team_id", "in", self.ids) & Domain("is_closed", "=", False),
            ["team_id", "priority", "user_id"],
            ["__count"],
        )
        totals = {team.id: [0, 0, 0] for team in self}
        for team, priority, user, count in groups:
            total = totals[team.id]
            total[0] += count
            total[1] += count if not user else 0
            total[2] += count if priority == "3" else 0
        for team in self:
            (
                team.open_ticket_count,
                team.unassigned_ticket_count,
                team.urgent_ticket_count,
            ) = totals[team.id]

    def _compute_closed_week_ticket_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                Domain("team_id", "in", self.ids) & self._closed_this_week_domain(),
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.closed_week_ticket_count = counts.get(team._origin, 0)

    def _compute_has_creation_followers(self):
        """Whether somebody asked to be told of each new ticket of the team."""
        domain = [
            ("res_model", "=", self._name),
            ("res_id", "in", self.filtered("message_partner_ids").ids),
            (
                "subtype_ids",
                "in",
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "helpdesk_base.mt_team_ticket_new"
                ),
            ),
        ]
        followers = self.env["mail.followers"].sudo().search_fetch(domain, ["res_id"])
        followed = set(followers.mapped("res_id"))
        for team in self:
            team.has_creation_followers = team._origin.id in followed

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_tickets(self):
        if self._have_tickets():
            raise UserError(
                self.env._(
                    "A team that has tickets cannot be deleted. Archive it instead."
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for team, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(team)s (copy)", team=team.name)
        return vals_list

    def write(self, vals):
        vals = self._clean_input(vals)
        if "company_id" in vals:
            self._check_company_can_change(vals["company_id"])
        if "alias_defaults" in vals:
            self._check_alias_defaults(vals["alias_defaults"])
        result = super().write(vals)
        if "privacy_visibility" in vals:
            tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
            domain = Domain("team_id", "in", self.ids)
            domain &= Domain("access_token", "!=", False)
            tickets.search(domain)._withdraw_hidden_links()
        return result

    def _note_mail_not_taken(self, message_dict):
        """Tell the people of an archived team of a mail to its address.

        :param dict message_dict: the parsed values of the mail
        """
        self.ensure_one()
        people = self.member_ids.partner_id | self.message_partner_ids
        people = people or self.write_uid.partner_id  # who archived it, most likely
        self.message_post(
            author_id=self.env.ref("base.partner_root").id,
            body=self.env._(
                "%(sender)s wrote to the address of this archived team, and was told "
                "that it is not in use any more: “%(subject)s”. Restore the team, or "
                "clear its address.",
                sender=message_dict.get("email_from") or "",
                subject=message_dict.get("subject") or "",
            ),
            partner_ids=people.ids,
            subtype_xmlid="mail.mt_note",
        )

    def _check_alias_defaults(self, value):
        """Mail to a team's address makes tickets of that team.

        :param value: text of a Python dictionary, or nothing
        :raise ValidationError: if it names another team, or none
        """
        try:
            defaults = dict(ast.literal_eval(value or "{}"))
        except (TypeError, ValueError, SyntaxError, MemoryError, RecursionError):
            return  # stock says what is wrong with it
        if not self.env.su and any(defaults.get("team_id") != t.id for t in self):
            raise ValidationError(
                self.env._(
                    "Mail to the address of a team makes tickets of that team. Leave "
                    "its default values as they are."
                )
            )

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("helpdesk.ticket")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
        return values

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the pipeline of these teams.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action_team"
        )
        context = {}
        if len(self) == 1:
            action["display_name"] = self.name
            context["default_team_id"] = self.id
        for key in _LIST_FILTERS:
            name = f"search_default_{key}"
            if self.env.context.get(name):
                context[name] = 1
        action["context"] = context
        action["domain"] = [("team_id", "in", self.ids)]
        return action

    def action_next_ticket(self):
        """Open the ticket that the user does next, see
        :meth:`helpdesk.ticket.action_next_ticket`.

        :return: a window action, or a notification
        :rtype: dict
        """
        return self.env["helpdesk.ticket"].action_next_ticket()

    # === BUSINESS METHODS === #

    @api.model
    def _closed_this_week_domain(self):
        """Domain of the tickets closed in the last 7 days."""
        return Domain("close_date", ">=", "today -7d") & Domain("is_closed", "=", True)

    def _check_company_can_change(self, company_id):
        """Customers, assignees and documents of tickets belong to their company.

        :raise UserError: when a team with tickets would change its company
        """
        moving = self.filtered(lambda team: team.company_id.id != company_id)
        if moving and moving._have_tickets():
            raise UserError(
                self.env._(
                    "A team that has tickets stays in its company. Create another team"
                    " in the other company and archive this one."
                )
            )

    def _get_working_time(self):
        """The working hours of this team, of its company's days off, to count in.

        :return: hours that are read once for many questions; the clock runs day and
            night for a team without Working Hours, and for no team
        :rtype: WorkingTime
        """
        team = self.sudo()
        return WorkingTime(team.resource_calendar_id, team.company_id)

    def _have_tickets(self):
        """Tell whether one of these teams has tickets, archived ones included."""
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        return bool(tickets.search_count([("team_id", "in", self.ids)], limit=1))

    def _get_first_stage(self):
        """Stage a new ticket of the team starts in: the first open one.

        :return: a ``helpdesk.stage``, empty when the team has no stage
        """
        self.ensure_one()
        stages = self._get_pipeline()
        return (stages.filtered(lambda stage: not stage.fold) or stages)[:1]

    def _get_closing_stage(self):
        """Stage that closes a ticket of the team: the first folded one."""
        return self._get_pipeline().filtered("fold")[:1]

    def _get_pipeline(self):
        """Stages of the team in their order, with superuser rights; not archived ones."""
        self.ensure_one()
        return self.sudo().stage_ids.filtered("active").sorted()
