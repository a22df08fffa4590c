from odoo import api, fields, models
from odoo.fields import Domain


class HelpdeskTicket(models.Model):
    """Tickets put aside until a day: they leave the lists and come back by themselves."""

    _inherit = "helpdesk.ticket"

    snoozed_until = fields.Date(
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        tracking=True,
        help="Hidden from the lists until this day, or until the customer writes.",
    )
    is_snoozed = fields.Boolean(
        string="Snoozed",
        compute="_compute_is_snoozed",
        search="_search_is_snoozed",
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends("snoozed_until")
    def _compute_is_snoozed(self):
        """It comes back by itself: no job has to run for that."""
        self.is_snoozed = False
        for ticket in self.filtered("snoozed_until"):
            ticket.is_snoozed = ticket.snoozed_until > fields.Date.context_today(self)

    @api.model
    def _search_is_snoozed(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        return Domain("snoozed_until", ">", fields.Date.context_today(self))

    # === ACTION METHODS === #

    def action_snooze(self, until):
        """Put tickets aside until a day.

        :param str until: the day, as YYYY-MM-DD; one that has come wakes them
        :return: True
        :raise ValidationError: if it is no day
        :raise AccessError: when the user may not write the tickets
        """
        self.write({"snoozed_until": until})
        return True

    def action_wake(self):
        """Bring tickets back at once.

        :return: True
        """
        self.write({"snoozed_until": False})
        return True

    # === BUSINESS METHODS === #

    def _wake_closed(self):
        """A closed ticket that is opened again is there."""
        ticket = self.sudo().filtered(lambda t: t.is_closed and t.snoozed_until)
        if ticket:
            ticket.snoozed_until = False

    @api.model
    def _cron_wake(self):
        """Tell whoever has a ticket, or looks after its team, that its day has come; a
        run that was stopped goes on where it was."""
        domain = Domain("snoozed_until", "<=", "today")
        tickets = self.search(domain & Domain("is_closed", "=", False))
        self.env["ir.cron"]._commit_progress(remaining=len(tickets))
        for ticket in tickets:
            ticket._wake_on_its_day()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _wake_on_its_day(self):
        self.ensure_one()
        self.snoozed_until = False
        user = self.user_id.filtered("active") or self.team_id._get_leads()[:1]
        if user:
            self.activity_schedule("helpdesk_base.mail_activity_wake", user_id=user.id)

    @api.model
    def _domain_may_auto_close(self):
        """Somebody wants to see it again."""
        domain = super()._domain_may_auto_close()
        return domain & Domain("snoozed_until", "=", False)
