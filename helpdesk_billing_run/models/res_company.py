from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: Days by name of the field, as they are until somebody sets others.
LEAK_DAYS = {
    "helpdesk_leak_idle_days": 7,
    "helpdesk_leak_waiting_days": 14,
    "helpdesk_leak_draft_days": 14,
    "helpdesk_leak_credited_days": 30,
}


class ResCompany(models.Model):
    """After how many days work is a leak, and who is written to about it."""

    _inherit = "res.company"

    helpdesk_leak_idle_days = fields.Integer(
        string="Answered without Time after",
        default=LEAK_DAYS["helpdesk_leak_idle_days"],
        help="Days since the last answer after which an open ticket without time is a "
        "leak. Closed ones are at once.",
    )
    helpdesk_leak_waiting_days = fields.Integer(
        string="Waits too Long after",
        default=LEAK_DAYS["helpdesk_leak_waiting_days"],
        help="Days since the work after which time that waits, for a lead or for the "
        "customer, is a leak.",
    )
    helpdesk_leak_draft_days = fields.Integer(
        string="Old Draft Invoice after",
        default=LEAK_DAYS["helpdesk_leak_draft_days"],
        help="Days after which time on an invoice that is still a draft is a leak.",
    )
    helpdesk_leak_credited_days = fields.Integer(
        string="Credited and Not Billed Again after",
        default=LEAK_DAYS["helpdesk_leak_credited_days"],
        help="Days since the credit note after which time that it set free, and that is "
        "still open, is a leak.",
    )

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

    @api.constrains(*LEAK_DAYS)
    def _check_leak_days(self):
        for company in self:
            for name in LEAK_DAYS:
                if not 0 <= company[name] <= 3650:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” takes 0 to 3,650 days.",
                            setting=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("helpdesk_remind_share")
    def _check_helpdesk_remind_share(self):
        for company in self:
            if not 1 <= company.helpdesk_remind_share <= 100:
                raise ValidationError(
                    self.env._("Expect 1 to 100 percent of the hours of the calendar.")
                )
