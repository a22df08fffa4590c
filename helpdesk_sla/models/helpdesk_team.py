from odoo import api, fields, models
from odoo.fields import Domain


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    use_sla = fields.Boolean(
        string="SLA Policies",
        help="The team promises first responses, stages or closings within so many"
        " working hours.",
    )
    sla_policy_ids = fields.One2many("helpdesk.sla", "team_id", string="Policies")
    sla_policy_count = fields.Integer(compute="_compute_sla_policy_count")
    sla_user_id = fields.Many2one(
        "res.users",
        string="Told of Broken Promises",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        check_company=True,
        help="Gets a to-do when a promise is broken, and one before that for tickets"
        " that nobody is assigned to.",
    )
    show_sla = fields.Boolean(
        string="Show Promises to Customers",
        help="Customers see in the portal until when they get an answer or a solution.",
    )
    sla_resume_on_answer = fields.Boolean(
        string="Answers End Waiting",
        default=True,
        help="A ticket in a waiting stage goes back to the stage it came from when the"
        " customer answers.",
    )
    at_risk_ticket_count = fields.Integer(
        string="At Risk", compute="_compute_sla_counts"
    )
    breached_ticket_count = fields.Integer(
        string="Breached", compute="_compute_sla_counts"
    )

    # === COMPUTE METHODS === #

    @api.depends("sla_policy_ids")
    def _compute_sla_policy_count(self):
        for team in self:
            team.sla_policy_count = len(team.sla_policy_ids)

    def _compute_sla_counts(self):
        measured = self.filtered("use_sla")
        for name, state in (
            ("at_risk_ticket_count", "at_risk"),
            ("breached_ticket_count", "failed"),
        ):
            counts = {}
            if measured:
                counts = dict(
                    self.env["helpdesk.ticket"]._read_group(
                        Domain("team_id", "in", measured.ids)
                        & Domain("sla_state", "=", state),
                        ["team_id"],
                        ["__count"],
                    )
                )
            for team in self:
                team[name] = counts.get(team._origin, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains("use_sla", "resource_calendar_id")
    def _check_sla_calendar(self):
        self.filtered("use_sla").resource_calendar_id._check_counts_for_sla()

    # === CRUD METHODS === #

    def write(self, vals):
        vals = self._clean_input(vals)
        other_hours = self.browse()
        if "resource_calendar_id" in vals:
            other_hours = self.filtered(
                lambda t: t.resource_calendar_id.id != vals["resource_calendar_id"]
            )
        result = super().write(vals)
        if other_hours:
            policies = self.env["helpdesk.sla"].sudo().with_context(active_test=False)
            policies.search(
                [
                    ("team_id", "in", other_hours.ids),
                    ("resource_calendar_id", "=", False),
                ]
            )._raise_revision()
        if vals.get("use_sla") is False:
            statuses = self.env["helpdesk.sla.status"].sudo()
            of_teams = Domain("ticket_id.team_id", "in", self.ids)
            statuses.search(statuses._domain_open() & of_teams)._withdraw()
        return result

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the pipeline of these teams; the counts of promises open their list.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = super().action_view_tickets()
        for key in ("sla_at_risk", "sla_breached"):
            name = f"search_default_{key}"
            if self.env.context.get(name):
                action["context"] = {**action["context"], name: 1}
        return action

    def action_view_sla_policies(self):
        """Open the policies of this team.

        :return: a window action on ``helpdesk.sla``
        :rtype: dict
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_sla.helpdesk_sla_action"
        )
        action["domain"] = [("team_id", "=", self.id)]
        action["context"] = {"default_team_id": self.id}
        return action

    # === BUSINESS METHODS === #

    @api.model
    def _get_my_figures(self):
        """Own tickets whose promise is in danger, for who works where some are made."""
        figures = super()._get_my_figures()
        promising = Domain("use_sla", "=", True)
        if not self.search_count(
            promising & Domain("member_ids", "in", self.env.uid), limit=1
        ):
            return figures
        mine = Domain("user_id", "=", self.env.uid)
        at_risk = {
            "name": "sla",
            "label": self.env._("At Risk"),
            "title": self.env._("My tickets whose promise is nearly or already broken"),
            "icon": "fa-hourglass-end",
            "domain": mine & Domain("sla_state", "in", ["at_risk", "failed"]),
        }
        return [figures[0], at_risk, *figures[1:]]
