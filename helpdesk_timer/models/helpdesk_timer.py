from datetime import datetime, time, timedelta

from psycopg2.errors import UniqueViolation
from pytz import timezone

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL, format_date

from odoo.addons.helpdesk_base.tools import format_clock

BUS_TYPE = "helpdesk_timer/changed"


class HelpdeskTimer(models.Model):
    """Work that is being measured: a person, a ticket, and how long so far.

    It is no time line, so nothing delivers or bills it. One runs per person, any number
    is paused. The clock is that of the server; stopping it records time by the ordinary
    way, see ``action_timer_stop`` of the ticket.
    """

    _name = "helpdesk.timer"
    _description = "Helpdesk Timer"
    _inherit = ["helpdesk.input.mixin"]
    _order = "state desc, id desc"
    _rec_name = "ticket_id"
    _input_max_length = {"note": 500}

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, readonly=True
    )
    state = fields.Selection(
        selection=[("running", "Running"), ("paused", "Paused")],
        required=True,
        readonly=True,
        default="running",
    )
    note = fields.Char(help="What is being done; proposed as text when it is recorded.")
    begun_at = fields.Datetime(
        string="Begun",
        required=True,
        readonly=True,
        help="When the work began: the day of the time that is recorded.",
    )
    running_since = fields.Datetime(
        readonly=True,
        help="Since when the timer runs, without what was before a pause.",
    )
    seconds_before = fields.Integer(
        string="Seconds before the Pause", readonly=True, default=0
    )
    seconds = fields.Integer(
        compute="_compute_seconds",
        help="Seconds measured until now.",
    )
    hours = fields.Float(string="Measured", compute="_compute_seconds")
    is_forgotten = fields.Boolean(
        string="Forgotten",
        compute="_compute_is_forgotten",
        search="_search_is_forgotten",
        help="It runs longer than the limit of the team, or since an earlier day.",
    )

    _user_ticket_uniq = models.UniqueIndex(
        "(user_id, ticket_id)", "A person has one timer on a ticket."
    )
    _running_uniq = models.UniqueIndex(
        "(user_id) WHERE state = 'running'",
        "One timer runs at a time. Pause it to start another.",
    )

    # === COMPUTE METHODS === #

    @api.depends("running_since", "seconds_before", "state")
    def _compute_seconds(self):
        for timer in self:
            timer.seconds = timer._measure()
            timer.hours = timer.seconds / 3600

    @api.depends("begun_at", "running_since", "seconds_before", "state")
    def _compute_is_forgotten(self):
        for timer in self:
            timer.is_forgotten = timer._runs_too_long()

    @api.model
    def _search_is_forgotten(self, operator, value):
        """What runs now is few: it is looked at one by one."""
        if operator != "in":
            return NotImplemented
        running = self.sudo().search([("state", "=", "running")])
        forgotten = running.filtered("is_forgotten").ids
        return [("id", "in" if True in value else "not in", forgotten)]

    # === CRUD METHODS === #

    def _get_ruled_fields(self):
        """People write their note; the rest is measured."""
        return super()._get_ruled_fields() | {
            "begun_at",
            "company_id",
            "running_since",
            "seconds_before",
            "state",
            "ticket_id",
            "user_id",
        }

    def _get_ruled_reason(self, names):
        return self.env._(
            "A timer measures by itself. Start, pause or stop it on its ticket."
        )

    # === ACTION METHODS === #

    @api.model
    @api.readonly
    def get_timers(self):
        """The timers of the user in all companies, for the screen: the running one
        first.

        :return: of each ``id``, ``ticket_id``, ``ticket``: its name, ``state``,
            ``seconds``, ``note``, ``limit``: seconds after which it was forgotten, 0
            for none, ``is_forgotten``, ``remark``: a sentence on a day that is over, or
            a limit that is passed, else empty, and ``split``: what recording each day by
            itself would mean, empty where that is unknown
        :rtype: list[dict]
        """
        timers = self.sudo().search([("user_id", "=", self.env.uid)])
        return [timer._get_screen_values() for timer in timers]

    def action_discard(self):
        """Throw away what was measured; nothing is recorded.

        :return: True
        :rtype: bool
        :raise AccessError: if it is the timer of somebody else
        """
        if self.sudo().user_id - self.env.user:
            self.check_access("write")  # the own ones of all companies may go
        timers = self.sudo()._hold()
        users = timers.user_id
        timers.unlink()
        self._tell(users)
        return True

    # === BUSINESS METHODS === #

    @api.model
    def _get_own(self, tickets):
        """Timers of the user on some tickets, with raised rights and held until the end
        of the transaction.

        :rtype: helpdesk.timer
        """
        domain = [("user_id", "=", self.env.uid), ("ticket_id", "in", tickets.ids)]
        return self.sudo().search(domain)._hold()

    def _hold(self):
        """Keep other devices from these timers until the end of the transaction. The
        ORM does not wait for a lock, but refuses.

        :raise psycopg2.errors.SerializationFailure: if another device was quicker; Odoo
            tries the call again on what is true then
        """
        if self.ids:
            self.env.execute_query(
                SQL(
                    "SELECT id FROM helpdesk_timer WHERE id IN %s ORDER BY id FOR UPDATE",
                    tuple(self.ids),
                )
            )
        return self

    @api.model
    def _start(self, ticket):
        """Run the timer of the user on a ticket.

        :param ticket: ``helpdesk.ticket`` on which time may be recorded
        :return: the timer that was paused for it, may be empty
        :rtype: helpdesk.timer
        """
        Timer = self.sudo()
        running = Timer.search(
            [("user_id", "=", self.env.uid), ("state", "=", "running")]
        )._hold()
        if running.ticket_id == ticket:
            return Timer
        running._pause()
        timer = self._get_own(ticket)
        now = fields.Datetime.now()
        run = {"state": "running", "running_since": now}
        try:
            self.env.flush_all()
            if timer:
                timer.write(run)
            else:
                ids = {"user_id": self.env.uid, "ticket_id": ticket.id}
                timer = Timer.create({**run, **ids, "begun_at": now})
            self.env.flush_all()
        except UniqueViolation as error:
            # another device started one meanwhile; Odoo calls again
            raise ConcurrencyError(str(error)) from error
        timer._tell()
        return running

    def _pause(self):
        """Stop measuring; what was measured is kept."""
        for timer in self.filtered(lambda timer: timer.state == "running"):
            timer.write(
                {
                    "seconds_before": timer._measure(),
                    "running_since": False,
                    "state": "paused",
                }
            )
        self._tell()

    def _stop(self, description, hours, values):
        """Record what was measured, or what the person says, and end the timer.

        :param str description: what was done; the note of the timer by default
        :param hours: a number of hours or a text; empty for what was measured
        :param dict values: what else the row asks for; may hold a ``date``, and
            ``split_at_midnight`` to record each day by itself
        :return: id of the (first) line; False if less than a minute was measured
        :rtype: int | bool
        :raise UserError: if the timer was forgotten and nobody says how long it was
        """
        self.ensure_one()
        seconds, line_id = self._measure(), False
        is_said = not (hours is None or hours is False or hours == "")
        if not is_said and self._is_over_limit():
            raise UserError(self._get_remark())
        if is_said or seconds >= 60:
            entry = {**values, "name": description or self.note or ""}
            entry["hours"] = hours if is_said else int(seconds / 60 + 0.5) / 60
            line_id = self._record(entry, seconds)
        user = self.user_id
        self.unlink()
        self._tell(user)
        return line_id

    def _record(self, entry, seconds):
        """Record time on the day on which the work began, or from midnight on the next
        one, if the person asks for it.

        :param dict entry: see ``action_log_time`` of the ticket
        :param int seconds: what was measured
        :return: id of the (first) line
        :rtype: int
        """
        day = self._get_day()
        is_split = entry.pop("split_at_midnight", False)
        entry = {"date": fields.Date.to_string(day), **entry}
        evening = self._get_seconds_before_midnight() if is_split else 0
        # what was paused did not take place in one piece
        began = False if self.seconds_before else self.begun_at
        parts = [(entry, seconds, began)]
        if evening:
            ticket = self.ticket_id.sudo(False)
            hours = ticket._read_hours_entered(entry["hours"])
            night = round(hours - evening / 3600, 9)
            if night > 0:
                next_day = fields.Date.to_string(day + timedelta(days=1))
                midnight = began and began + timedelta(seconds=evening)
                parts = [
                    ({**entry, "hours": evening / 3600}, min(evening, seconds), began),
                    (
                        {**entry, "hours": night, "date": next_day},
                        max(seconds - evening, 0),
                        midnight,
                    ),
                ]
        return [self._record_line(*part) for part in parts][0]

    def _record_line(self, entry, seconds, began):
        line_id = self.ticket_id.sudo(False)._log_time(entry, began)
        line = self.env["account.analytic.line"].sudo().browse(line_id)
        line.timer_hours = seconds / 3600
        return line_id

    def _follow_to(self, survivor):
        """Bring the timers of merged tickets to the survivor; a person who has one
        there gets one with the time of both."""
        kept = self.search([("ticket_id", "=", survivor.id)])._hold()
        by_user = {timer.user_id: timer for timer in kept}
        for timer in self._hold():
            other = by_user.setdefault(timer.user_id, timer)
            if other == timer:
                timer.ticket_id = survivor
            else:
                other._take_over(timer)
        self.env["helpdesk.timer"]._tell((self.exists() | kept).user_id)

    def _take_over(self, timer):
        """Add another timer of the same person to this one."""
        runs = "running" in (self.state, timer.state)
        vals = {
            "seconds_before": self._measure() + timer._measure(),
            "begun_at": min(self.begun_at, timer.begun_at),
            "note": self.note or timer.note,
            "running_since": fields.Datetime.now() if runs else False,
            "state": "running" if runs else "paused",
        }
        timer.unlink()
        self.env.flush_all()  # one runs at a time
        self.write(vals)

    # === WHAT IS MEASURED === #

    def _measure(self):
        """Seconds measured until now, by the clock of the server.

        :rtype: int
        """
        self.ensure_one()
        seconds = self.seconds_before
        if self.state == "running" and self.running_since:
            run = fields.Datetime.now() - self.running_since
            seconds += max(int(run.total_seconds()), 0)
        return seconds

    def _get_limit(self):
        """Seconds after which the timer was forgotten; 0 for no limit."""
        return int(self.ticket_id.sudo().team_id.timer_limit_hours * 3600)

    def _is_over_limit(self):
        limit = self._get_limit()
        return bool(limit and self._measure() > limit)

    def _runs_too_long(self):
        """Tell whether it still runs longer than the limit, or since an earlier day."""
        is_old = self._is_over_limit() or self._get_day() < self._get_today()
        return self.state == "running" and is_old

    def _in_zone(self, moment):
        """A moment in the time zone of the person."""
        zone = self.user_id.sudo().tz or self.env.context.get("tz") or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)

    def _get_day(self):
        """Day on which the work began, where the person is."""
        return self._in_zone(self.begun_at or fields.Datetime.now()).date()

    def _get_seconds_before_midnight(self):
        """Seconds of this work until midnight, if it went past one without a pause;
        else 0: after a pause nobody knows any more which day had how much."""
        went_on = self.state == "running" and self.running_since == self.begun_at
        if not went_on or self._get_today() != self._get_day() + timedelta(days=1):
            return 0
        begun = self._in_zone(self.begun_at)
        midnight = begun.tzinfo.zone and timezone(begun.tzinfo.zone).localize(
            datetime.combine(self._get_today(), time.min)
        )
        return int((midnight - begun).total_seconds())

    def _get_split(self):
        """Offer to record each day by itself.

        :rtype: str
        """
        evening = self._get_seconds_before_midnight()
        if not evening:
            return ""
        return self.env._(
            "Two lines: %(hours)s on %(day)s, the rest on %(next_day)s",
            hours=format_clock(evening / 3600),
            day=format_date(self.env, self._get_day()),
            next_day=format_date(self.env, self._get_today()),
        )

    def _get_today(self):
        return self._in_zone(fields.Datetime.now()).date()

    def _get_remark(self):
        """Tell that the timer passed its limit, or that its day is over.

        :rtype: str
        """
        said = {
            "ticket": self.ticket_id.sudo().display_name,
            "day": format_date(self.env, self._get_day()),
            "hours": format_clock(self._measure() / 3600),
            "limit": format_clock(self._get_limit() / 3600),
        }
        if self._is_over_limit():
            return self.env._(
                "The timer of %(ticket)s was begun on %(day)s and measured %(hours)s, "
                "more than %(limit)s. Say how long you worked, or discard it.",
                **said,
            )
        if self._get_day() < self._get_today():
            return self.env._(
                "This work was begun on %(day)s: the time is recorded on that day.",
                **said,
            )
        return ""

    # === SCREENS === #

    def _get_screen_values(self):
        """What the screen of the person shows, see :meth:`get_timers`."""
        self.ensure_one()
        return {
            "id": self.id,
            "ticket_id": self.ticket_id.id,
            "ticket": self.ticket_id.display_name,
            "state": self.state,
            "seconds": self._measure(),
            "note": self.note or "",
            "limit": self._get_limit(),
            "is_forgotten": self._runs_too_long(),
            "remark": self._get_remark(),
            "split": self._get_split(),
        }

    def _tell(self, users=None):
        """Let the screens of these people know, on all their devices."""
        users = self.sudo().user_id if users is None else users
        users._bus_send(BUS_TYPE, {})
