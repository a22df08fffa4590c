from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.helpdesk_base.models.helpdesk_ticket import TICKET_PRIORITY

TARGETS = [
    ("first_response", "First Response"),
    ("stage", "Reach a Stage"),
    ("close", "Close"),
]
MAX_HOURS = 10_000
# As many tickets are measured anew between two flushes.
BATCH = 500


class HelpdeskSla(models.Model):
    """What a team promises: so many working hours until a first response, a stage, or
    the closing, for tickets that meet the conditions. An empty condition meets all."""

    _name = "helpdesk.sla"
    _description = "SLA Policy"
    _inherit = ["helpdesk.input.mixin"]
    _order = "team_id, sequence, id"
    _check_company_auto = True
    _input_max_length = {"name": 200}

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    team_id = fields.Many2one(
        "helpdesk.team",
        string="Helpdesk Team",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self._default_team_id(),
    )
    company_id = fields.Many2one(related="team_id.company_id", store=True)
    description = fields.Html(translate=True)
    target = fields.Selection(
        TARGETS,
        required=True,
        default="first_response",
        help="What is promised: the first answer that a colleague writes to the customer,"
        " a stage of the pipeline, or the closing.",
    )
    stage_id = fields.Many2one(
        "helpdesk.stage",
        domain="[('team_ids', '=', team_id)]",
        ondelete="restrict",
        help="Reached in this stage, in a later one, and by closing.",
    )
    time = fields.Float(
        string="Within",
        required=True,
        default=8.0,
        help="Working hours from the creation of the ticket; waiting is left out.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        ondelete="restrict",
        help="Hours that count, if others than those of the team.",
    )
    priority = fields.Selection(
        TICKET_PRIORITY,
        help="Only tickets of this priority; empty for any.",
    )
    ticket_type_ids = fields.Many2many("helpdesk.ticket.type", string="Types")
    tag_ids = fields.Many2many(
        "helpdesk.tag", string="Tags", help="Tickets with at least one of them."
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        check_company=True,
        help="Contacts, or companies with all of their contacts.",
    )
    exclude_stage_ids = fields.Many2many(
        "helpdesk.stage",
        string="Waiting Stages",
        domain="[('team_ids', '=', team_id), ('fold', '=', False)]",
        help="The clock stands while a ticket is in one of these.",
    )
    from_match = fields.Boolean(
        string="Count from when It Applies",
        help="A policy that a ticket comes under later, by a higher priority say, counts"
        " from then. Otherwise it counts from the creation of the ticket.",
    )
    reopen_days = fields.Integer(
        string="Days to Reopen",
        default=7,
        help="A ticket that is reopened within so many days goes on with its clock, the"
        " time it was closed left out. Later, and with 0 days, it is a new promise.",
    )
    revision = fields.Integer(
        default=1, copy=False, export_string_translation=False, readonly=True
    )
    pending_count = fields.Integer(
        string="Open Tickets to Measure Anew",
        compute="_compute_pending_count",
        compute_sudo=True,
    )

    @api.model
    def _default_team_id(self):
        teams = self.env["helpdesk.team"]
        own = Domain("company_id", "=", self.env.company.id)
        return teams.search(own & Domain("use_sla", "=", True), limit=1)

    # === COMPUTE METHODS === #

    def _compute_pending_count(self):
        """Open tickets that this policy, as it is now, would measure otherwise."""
        Status = self.env["helpdesk.sla.status"]
        for policy in self:
            origin = policy._origin
            if not origin or not policy.team_id.use_sla or not policy.active:
                policy.pending_count = 0
                continue
            of_policy = Domain("sla_id", "=", origin.id)
            old = Status._domain_open() & of_policy
            old &= Domain("revision", "!=", origin.revision)
            tickets = self.env["helpdesk.ticket"].search(
                (
                    origin._get_ticket_domain()
                    & Domain("sla_status_ids", "not any", of_policy)
                )
                | Domain("sla_status_ids", "any", old)
            )
            policy.pending_count = len(tickets)

    # === CONSTRAINT METHODS === #

    @api.constrains("time", "reopen_days")
    def _check_time(self):
        for policy in self:
            if not 0 < policy.time <= MAX_HOURS:
                raise ValidationError(
                    self.env._(
                        "Promise something within more than 0 and at most %(most)s"
                        " working hours.",
                        most=MAX_HOURS,
                    )
                )
            if not 0 <= policy.reopen_days <= 3650:
                raise ValidationError(self.env._("Give 0 to 3650 days to reopen."))

    @api.constrains("target", "stage_id", "team_id")
    def _check_stage_id(self):
        for policy in self:
            if policy.target != "stage":
                continue
            if policy.stage_id not in policy.team_id.sudo().stage_ids:
                raise ValidationError(
                    self.env._(
                        "Choose the stage of the team “%(team)s” that is promised.",
                        team=policy.team_id.sudo().name,
                    )
                )

    @api.constrains("resource_calendar_id")
    def _check_resource_calendar_id(self):
        self.mapped("resource_calendar_id")._check_counts_for_sla()

    # === CRUD METHODS === #

    def write(self, vals):
        vals = self._clean_input(vals)
        changed = self.filtered(lambda policy: policy._is_changed_by(vals))
        if "team_id" in vals:
            self.filtered(
                lambda policy: policy.team_id.id != vals["team_id"]
            )._check_unused()
        result = super().write(vals)
        changed._raise_revision()
        if vals.get("active") is False:
            self._get_open_statuses()._withdraw()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if "name" not in (default or {}):
            for policy, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(policy)s (copy)", policy=policy.name)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    # === ACTION METHODS === #

    def action_apply(self):
        """Measure the open tickets of the teams by these policies as they are now. What
        was reached, and closed tickets, stay as they were.

        :return: True
        :raise AccessError: if the user may not change the policies
        """
        self.check_access("write")
        policies = self.sudo().filtered("active")
        tickets = self.env["helpdesk.ticket"].sudo()
        found = tickets.search(
            Domain.OR(policy._get_ticket_domain() for policy in policies)
            | Domain("sla_status_ids", "any", policies._domain_open_statuses())
        )
        for ids in split_every(BATCH, found.ids):
            self.env["helpdesk.sla.status"]._follow(tickets.browse(ids), policies)
            self.env.flush_all()
        return True

    def action_view_statuses(self):
        """Open the tickets that were measured by this policy.

        :return: a window action on ``helpdesk.sla.status``
        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_sla.helpdesk_sla_status_action"
        )
        action["domain"] = [("sla_id", "=", self.id)]
        action["display_name"] = self.display_name
        return action

    # === BUSINESS METHODS === #

    def _get_ticket_domain(self):
        """Open tickets that this policy makes a promise for. The one place that says
        whom a policy applies to. Meant for override by addons with more conditions.

        :rtype: Domain
        """
        self.ensure_one()
        domain = Domain(
            [
                ("team_id", "=", self.team_id.id),
                ("team_id.use_sla", "=", True),
                ("is_closed", "=", False),
                ("merged_into_id", "=", False),
                ("active", "=", True),
            ]
        )
        if self.priority:
            domain &= Domain("priority", "=", self.priority)
        if self.ticket_type_ids:
            domain &= Domain("ticket_type_id", "in", self.ticket_type_ids.ids)
        if self.tag_ids:
            domain &= Domain("tag_ids", "in", self.tag_ids.ids)
        if self.partner_ids:
            ids = self.partner_ids.ids
            domain &= Domain("partner_id", "in", ids) | Domain(
                "commercial_partner_id", "in", ids
            )
        return domain

    @api.model
    def _get_rule_fields(self):
        """Fields that say what is promised, and to whom: open clocks keep what they
        began with until the policy is applied to them. Meant for override by addons with
        more conditions.

        :rtype: set[str]
        """
        return {
            "team_id",
            "target",
            "stage_id",
            "time",
            "resource_calendar_id",
            "priority",
            "ticket_type_ids",
            "tag_ids",
            "partner_ids",
            "exclude_stage_ids",
        }

    def _get_snapshot(self):
        """What a clock of this policy is measured by, from when it begins.

        :rtype: dict
        """
        self.ensure_one()
        calendar = self.resource_calendar_id or self.team_id.resource_calendar_id
        return {
            "target": self.target,
            "stage_id": self.stage_id.id if self.target == "stage" else False,
            "time": self.time,
            "resource_calendar_id": calendar.id,
            "excluded_stages": sorted(self.exclude_stage_ids.ids),
            "revision": self.revision,
        }

    def _is_changed_by(self, vals):
        """Whether values make another rule of this policy: editing its name does not."""
        self.ensure_one()
        return any(
            self._fields[name].type == "many2many"
            or (self._fields[name].convert_to_write(self[name], self) or False)
            != (vals[name] or False)
            for name in self._get_rule_fields() & vals.keys()
        )

    def _raise_revision(self):
        """Clocks that run are measured by an older rule from now on."""
        for policy in self.sudo():
            policy.revision += 1

    def _domain_open_statuses(self):
        return (
            Domain("sla_id", "in", self.ids)
            & self.env["helpdesk.sla.status"]._domain_open()
        )

    def _get_open_statuses(self):
        statuses = self.env["helpdesk.sla.status"].sudo()
        return statuses.search(self._domain_open_statuses())

    def _check_unused(self):
        """A policy that tickets were measured by is part of their history.

        :raise UserError: if there are any
        """
        statuses = (
            self.env["helpdesk.sla.status"].sudo().with_context(active_test=False)
        )
        if statuses.search_count([("sla_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Tickets were measured by this policy, so it stays with its team."
                    " Archive it, and make another one."
                )
            )

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | {"revision"}
