from odoo import api, fields, models
from odoo.exceptions import ValidationError

_OPTIONS = ("use_customer_approval", "use_time_approval")


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    use_time_approval = fields.Boolean(
        string="Approve Time before Billing",
        help="Time waits until a lead has approved it.",
    )
    use_customer_approval = fields.Boolean(
        string="Customers Agree to Time",
        help="Customers are asked by mail, each week, to agree to new time or to question "
        "it. What they question waits.",
    )
    customer_approval_days = fields.Integer(
        string="Days to Answer",
        default=7,
        help="No answer for so many days counts as agreement; the mail says so.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("customer_approval_days")
    def _check_customer_approval_days(self):
        for team in self:
            if not 1 <= team.customer_approval_days <= 365:
                raise ValidationError(
                    self.env._("Give customers 1 to 365 days to answer.")
                )

    # === BUSINESS METHODS === #

    @api.model
    def _get_rare_options(self):
        return super()._get_rare_options().union(_OPTIONS)

    @api.model
    def _lets_time_wait(self):
        """Whether any team lets time wait for approval: figures ask for it only then.

        :rtype: bool
        """
        return any(map(self._is_ticked_anywhere, _OPTIONS))
