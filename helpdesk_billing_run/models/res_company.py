from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Who is written to about time that is missing or waits."""

    _inherit = "res.company"

    helpdesk_remind_of_time = fields.Boolean(
        string="Remind of Missing Time",
        help="People who recorded less last week than their calendar says get a mail on "
        "the first day on which they work.",
    )
    helpdesk_remind_share = fields.Integer(
        string="Expected Share",
        default=90,
        help="Who recorded at least this share of the hours of the calendar, in percent, "
        "gets no mail.",
    )
    helpdesk_digest_to_leads = fields.Boolean(
        string="Weekly Mail to Leads",
        help="What waits for approval or agreement, and what leaks, oldest first. Who has "
        "nothing of both gets no mail.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("helpdesk_remind_share")
    def _check_helpdesk_remind_share(self):
        for company in self:
            if not 1 <= company.helpdesk_remind_share <= 100:
                raise ValidationError(
                    self.env._("Expect 1 to 100 percent of the hours of the calendar.")
                )
