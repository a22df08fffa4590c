from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    work_type_ids = fields.Many2many(
        comodel_name="helpdesk.work.type",
        relation="helpdesk_team_work_type_rel",
        column1="team_id",
        column2="work_type_id",
        string="Kinds of Work",
        domain="[('company_id', 'in', [False, company_id])]",
        check_company=True,
        help="Kinds of work that agents of this team choose from; all if none is named.",
    )
    default_work_type_id = fields.Many2one(
        comodel_name="helpdesk.work.type",
        string="Default Kind of Work",
        domain="[('company_id', 'in', [False, company_id])]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="What time on a ticket is, unless the type of the ticket, its start time or "
        "a person says otherwise.",
    )
    work_type_tz = fields.Selection(
        [("person", "Of the person who works"), ("customer", "Of the customer")],
        string="Time Zone",
        required=True,
        default="person",
        help="Where working hours begin and end for work outside of them.",
    )
    require_customer_text = fields.Boolean(
        string="Text before Billing",
        help="Time without a text of its own waits until somebody says what was done: the "
        "customer reads it on the invoice.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("default_work_type_id", "work_type_ids")
    def _check_default_work_type_id(self):
        """The default is one of the kinds that the team uses."""
        for team in self:
            kind = team.default_work_type_id
            if kind and not team._allows_work_type(kind):
                raise ValidationError(
                    self.env._(
                        "%(kind)s is none of the kinds of work of %(team)s. Add it, or "
                        "choose another default.",
                        kind=kind.display_name,
                        team=team.display_name,
                    )
                )

    # === BUSINESS METHODS === #

    def _allows_work_type(self, kind):
        """Tell whether agents of this team may record a kind of work.

        :param kind: a ``helpdesk.work.type``
        :rtype: bool
        """
        self.ensure_one()
        kinds = self.sudo().work_type_ids
        return kind in kinds or not (
            kinds or (kind.company_id and kind.company_id != self.company_id)
        )

    def _get_work_types(self):
        """Kinds of work that agents of this team choose from.

        :rtype: helpdesk.work.type
        """
        self.ensure_one()
        if not self.env["helpdesk.work.type"]._is_in_use():
            return self.env["helpdesk.work.type"]
        kinds = self.sudo().work_type_ids
        if kinds:
            return kinds.filtered("active").sorted()
        return kinds.search([("company_id", "in", [False, self.company_id.id])])

    @api.model
    def _get_rare_options(self):
        return super()._get_rare_options() | {"require_customer_text"}
