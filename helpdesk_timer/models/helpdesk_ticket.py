from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_clock


class HelpdeskTicket(models.Model):
    """Start, pause, stop: the time of the user on a ticket."""

    _inherit = "helpdesk.ticket"

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_timer(self):
        """Nobody's measured time is lost with a ticket."""
        timers = self.env["helpdesk.timer"].sudo()
        timer = timers.search([("ticket_id", "in", self.ids)], limit=1)
        if timer:
            raise UserError(
                self.env._(
                    "%(person)s has a timer on %(ticket)s. Stop or discard it first.",
                    person=timer.user_id.name,
                    ticket=timer.ticket_id.display_name,
                )
            )

    # === ACTION METHODS === #

    def action_timer_start(self):
        """Start or resume the user's timer on this ticket; the one that runs on another
        ticket is paused. Nothing changes if it runs here already.

        :return: True, or a notification that says which timer was paused
        :rtype: bool | dict
        :raise UserError: if the user cannot record time here
        :raise AccessError: if the user may not read the ticket
        """
        self.ensure_one()
        self.check_access("read")
        refusal = self._get_time_entry_refusal()
        if refusal:
            raise UserError(refusal)
        paused = self.env["helpdesk.timer"]._start(self)
        if not paused:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "Paused at %(hours)s: %(ticket)s",
                    hours=format_clock(paused._measure() / 3600),
                    ticket=paused.ticket_id.display_name,
                ),
            },
        }

    def action_timer_pause(self):
        """Pause the user's timer on these tickets.

        :return: whether one ran
        :rtype: bool
        """
        timers = self.env["helpdesk.timer"]._get_own(self)
        running = timers.filtered(lambda timer: timer.state == "running")
        running._pause()
        return bool(running)

    def action_timer_stop(self, description="", hours=None, values=None):
        """Stop the user's timer on this ticket and record the time.

        :param str description: what was done
        :param hours: how long it took, as a number of hours or a text such as ``1:30``;
            what was measured, to the minute, if it is left out
        :param dict values: what else the row asks for, see ``_get_time_entry_fields``,
            a ``date`` other than the day on which the work began, and
            ``split_at_midnight`` for a line on each of two days
        :return: id of the line; False if no timer was there, or less than a minute was
            measured and no hours are given: nothing is recorded then
        :rtype: int | bool
        :raise ValidationError: if a value makes no sense, or the ticket takes no time
        :raise UserError: if the timer was forgotten and no hours are given
        """
        self.ensure_one()
        timer = self.env["helpdesk.timer"]._get_own(self)
        if not timer:
            return False
        if values and not isinstance(values, dict):
            return self.action_log_time(values)  # says what is wrong with them
        return timer._stop(description, hours, values or {})

    def action_timer_discard(self):
        """Throw away what the user's timers on these tickets measured.

        :return: whether there was one
        :rtype: bool
        """
        timers = self.env["helpdesk.timer"]._get_own(self)
        if not timers:
            return False
        return timers.action_discard()

    # === TIME IN ONE ROW === #

    def _get_time_entry_hours(self):
        """The row proposes what was measured so far."""
        if not self:
            return super()._get_time_entry_hours()
        domain = [("user_id", "=", self.env.uid), ("ticket_id", "=", self.id)]
        timer = self.env["helpdesk.timer"].sudo().search(domain)
        if not timer or timer._is_over_limit():
            return super()._get_time_entry_hours()
        return int(timer._measure() / 60 + 0.5) / 60

    def _log_entered_time(self, values):
        """Record what was entered beside an answer; a timer on this ticket ends.

        :param dict values: see :meth:`action_log_time`
        :return: id of the line
        :rtype: int
        """
        self.ensure_one()
        timer = self.env["helpdesk.timer"]._get_own(self)
        if not timer or not isinstance(values, dict):
            return self.action_log_time(values)
        other = {k: v for k, v in values.items() if k not in ("name", "hours")}
        return timer._stop(values.get("name"), values.get("hours"), other)

    # === BUSINESS METHODS === #

    @api.model
    def _domain_may_auto_close(self):
        """Somebody measures work there, or means to go on."""
        timers = self.env["helpdesk.timer"].sudo()
        timers = timers.search([("ticket_id", "!=", False)])
        domain = super()._domain_may_auto_close()
        return domain & Domain("id", "not in", timers.ticket_id.ids)

    # === MERGE === #

    def _merge_move(self, sources):
        """Timers follow to the survivor."""
        result = super()._merge_move(sources)
        timers = self.env["helpdesk.timer"].sudo()
        timers = timers.search([("ticket_id", "in", sources.ids)])
        timers._follow_to(self.sudo())
        return result
