from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class HelpdeskStage(models.Model):
    _name = "helpdesk.stage"
    _description = "Helpdesk Stage"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, id"

    def _default_team_ids(self):
        team_id = self.env.context.get("default_team_id")
        return [team_id] if team_id else []

    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    description = fields.Html(translate=True)
    fold = fields.Boolean(
        string="Folded in Pipeline",
        help="Tickets in a folded stage are considered closed.",
    )
    team_ids = fields.Many2many(
        "helpdesk.team",
        relation="helpdesk_team_stage_rel",
        column1="stage_id",
        column2="team_id",
        string="Helpdesk Teams",
        default=lambda self: self._default_team_ids(),
        help="Teams whose pipeline shows this stage.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Email Template",
        domain="[('model', '=', 'helpdesk.ticket')]",
        help="E-mail sent to the customer when a ticket reaches this stage.",
    )
    rotting_threshold_days = fields.Integer(
        string="Days to Rot",
        help="Tickets that stay in this stage longer are marked as stale. "
        "Set 0 to switch this off.",
    )

    _rotting_positive = models.Constraint(
        "CHECK (rotting_threshold_days >= 0)",
        "The days to rot cannot be negative. Set 0 to switch this off.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains(lambda self: self._get_template_fields())
    def _check_templates(self):
        """A template of another model would stop every move into the stage."""
        for template in (self.sudo()[name] for name in self._get_template_fields()):
            wrong = template.filtered(lambda t: t.model != "helpdesk.ticket")[:1]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "The e-mail template “%(template)s” is not made for tickets."
                        " Choose one that applies to Helpdesk Ticket.",
                        template=wrong.name,
                    )
                )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_tickets(self):
        Ticket = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        if Ticket.search_count([("stage_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "A stage that has tickets cannot be deleted. Move the tickets to"
                    " another stage first, or archive the stage."
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _get_template_fields(self):
        """Fields of a stage that name a template of mails about tickets. Meant for
        override by addons that send more of them.

        :rtype: list[str]
        """
        return ["template_id"]
