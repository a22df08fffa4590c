from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from odoo.addons.helpdesk_base.tools import WorkingTime, format_clock

from .helpdesk_sla import TARGETS

# A clock is at risk once so much of its time is used up.
RISK = 0.8


class HelpdeskSlaStatus(models.Model):
    """The clock of one promise on one ticket: what was promised, as it was when the clock
    began, until when, and what became of it.

    Clocks are set from the log of stages whenever something happens to their ticket, see
    :meth:`_follow`. Whether a promise is broken follows from its deadline and the time of
    day, wherever it is asked for; no job has to run for it.
    """

    _name = "helpdesk.sla.status"
    _description = "SLA Status"
    _inherit = ["helpdesk.input.mixin"]
    _order = "deadline, id"
    _rec_name = "sla_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sla_id = fields.Many2one(
        "helpdesk.sla",
        string="SLA Policy",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    active = fields.Boolean(
        default=True,
        readonly=True,
        help="Not ticked: withdrawn, as the ticket does not come under the policy any"
        " more, was merged, or archived.",
    )
    target = fields.Selection(TARGETS, required=True, readonly=True)
    stage_id = fields.Many2one("helpdesk.stage", readonly=True, ondelete="set null")
    time = fields.Float(string="Promised Hours", required=True, readonly=True)
    resource_calendar_id = fields.Many2one(
        "resource.calendar", string="Working Hours", readonly=True, ondelete="restrict"
    )
    excluded_stages = fields.Json(readonly=True, export_string_translation=False)
    revision = fields.Integer(readonly=True, export_string_translation=False)
    start_datetime = fields.Datetime(string="Counts from", required=True, readonly=True)
    paused_hours = fields.Float(
        string="Hours Waited",
        readonly=True,
        help="Working hours in waiting stages, and closed, that moved the deadline.",
    )
    paused_late_hours = fields.Float(
        string="Hours Waited past the Deadline",
        readonly=True,
        help="Working hours in waiting stages that were left out of the hours late.",
    )
    paused_since = fields.Datetime(string="Waits since", readonly=True)
    deadline = fields.Datetime(readonly=True)
    warn_datetime = fields.Datetime(
        string="At Risk from", readonly=True, help="When 80 % of the time are used up."
    )
    reached_datetime = fields.Datetime(string="Reached on", readonly=True)
    is_stopped_late = fields.Boolean(
        readonly=True,
        export_string_translation=False,
        help="The clock stands, and the deadline had passed.",
    )
    late_hours = fields.Float(
        string="Hours Late",
        readonly=True,
        help="Working hours past the deadline, of a promise that was reached late.",
    )
    warned_risk = fields.Boolean(readonly=True, export_string_translation=False)
    warned_breach = fields.Boolean(readonly=True, export_string_translation=False)
    status = fields.Selection(
        [("ongoing", "Ongoing"), ("reached", "Reached"), ("failed", "Failed")],
        compute="_compute_status",
        search="_search_status",
    )
    hours_left = fields.Float(
        compute="_compute_hours_left",
        compute_sudo=True,
        help="Working hours until the deadline; below zero for those past it.",
    )
    exceeded_hours = fields.Float(
        compute="_compute_hours_left",
        compute_sudo=True,
        help="Working hours past the deadline.",
    )
    explanation = fields.Char(
        string="How It Counts", compute="_compute_explanation", compute_sudo=True
    )

    _due_idx = models.Index(
        "(warn_datetime) WHERE active IS TRUE AND reached_datetime IS NULL"
        " AND paused_since IS NULL"
    )
    _deadline_idx = models.Index(
        "(deadline) WHERE active IS TRUE AND reached_datetime IS NULL"
    )

    # === COMPUTE METHODS === #

    @api.depends("deadline", "paused_since", "reached_datetime", "is_stopped_late")
    def _compute_status(self):
        failed = self.filtered_domain(self._domain_failed())
        failed.status = "failed"
        for status in self - failed:
            status.status = "reached" if status.reached_datetime else "ongoing"

    @api.model
    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        failed = self._domain_failed()
        reached = Domain("reached_datetime", "!=", False)
        domains = {
            "failed": failed,
            "reached": reached & ~failed,
            "ongoing": ~reached & ~failed,
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    @api.depends(
        "deadline",
        "late_hours",
        "paused_late_hours",
        "paused_since",
        "reached_datetime",
    )
    def _compute_hours_left(self):
        now = fields.Datetime.now()
        for hours, statuses in self._group_by_hours():
            running = statuses.filtered(lambda s: s.deadline and not s.reached_datetime)
            moments = [now, *running.mapped("deadline")]
            hours.cover(min(moments), max(moments))
            for status in statuses:
                status.hours_left = status._count_left(hours, now)
                status.exceeded_hours = max(-status.hours_left, 0.0)

    def _count_left(self, hours, now):
        """Working hours to the deadline of this clock."""
        if self.reached_datetime:
            return -self.late_hours
        if not self.deadline:
            return 0.0
        now = self.paused_since or now
        if self.deadline < now:
            return self.paused_late_hours - hours.count(self.deadline, now)
        return hours.count(now, self.deadline)

    @api.depends("time", "paused_hours", "resource_calendar_id")
    def _compute_explanation(self):
        """How the deadline came about, as one can count it."""
        for status in self:
            calendar = status.resource_calendar_id
            text = self.env._(
                "%(hours)s of %(calendar)s",
                hours=format_clock(status.time),
                calendar=calendar.name or self.env._("the clock"),
            )
            if status.paused_hours:
                text = self.env._(
                    "%(promised)s + %(hours)s waiting",
                    promised=text,
                    hours=format_clock(status.paused_hours),
                )
            if not status.deadline:
                text = self.env._("%(promised)s, not in sight", promised=text)
            status.explanation = text

    # === DOMAINS === #

    @api.model
    def _domain_open(self):
        """Clocks that run or wait.

        :rtype: Domain
        """
        return Domain("reached_datetime", "=", False) & Domain("active", "=", True)

    @api.model
    def _domain_running(self):
        """Clocks that run.

        :rtype: Domain
        """
        return self._domain_open() & Domain("paused_since", "=", False)

    @api.model
    def _domain_failed(self):
        """Broken promises, whether kept later or not.

        :rtype: Domain
        """
        now = fields.Datetime.now()
        return Domain("is_stopped_late", "=", True) | (
            Domain("reached_datetime", "=", False)
            & Domain("paused_since", "=", False)
            & Domain("deadline", "<", now)
        )

    @api.model
    def _domain_at_risk(self):
        """Clocks that have used up most of their time, and still run.

        :rtype: Domain
        """
        now = fields.Datetime.now()
        return (
            self._domain_running()
            & Domain("warn_datetime", "<=", now)
            & Domain("deadline", ">=", now)
        )

    # === CLOCKS === #

    @api.model
    def _follow(self, tickets, refresh=None):
        """Set the clocks of tickets by all that happened to them until now: begin what
        is promised, end what was reached, let wait what waits, withdraw what is promised
        no more. Nothing changes if nothing happened.

        :param tickets: ``helpdesk.ticket`` records
        :param refresh: policies whose open clocks are measured as the policy is now;
            other clocks keep what they began with
        """
        tickets = tickets.sudo().with_context(active_test=True)
        self = self.sudo()
        if not tickets:
            return
        now = fields.Datetime.now()
        stays = self.env["helpdesk.sla.stay"]._follow(tickets, now)
        policies = self.env["helpdesk.sla"].sudo().with_context(active_test=True)
        policies = policies.search([("team_id", "in", tickets.team_id.ids)])
        wanted = {
            (ticket, policy)
            for policy in policies
            for ticket in tickets.filtered_domain(policy._get_ticket_domain())
        }
        for ticket in {ticket for ticket, _policy in wanted}:
            if not ticket.sla_since:
                ticket.sla_since = (ticket.create_date or now).replace(microsecond=0)
        latest = self._get_latest(tickets)
        open_clocks = self._get_wanted_clocks(wanted, latest, stays, now)
        former = self.browse(status.id for status in latest.values())
        former = former.filtered_domain(self._domain_open())
        for status in former:
            ticket, policy = status.ticket_id, status.sla_id
            if (ticket, policy) not in wanted and ticket._ends_promises(policy):
                open_clocks |= status
        (former - open_clocks)._withdraw()
        if refresh:
            for status in open_clocks.filtered(lambda s: s.sla_id in refresh):
                status.write(status.sla_id._get_snapshot())
        open_clocks._set_clocks(stays, now)

    @api.model
    def _get_latest(self, tickets):
        """The last clock of each ticket and policy, withdrawn ones included."""
        statuses = self.with_context(active_test=False).search(
            [("ticket_id", "in", tickets.ids)], order="id"
        )
        return {(status.ticket_id, status.sla_id): status for status in statuses}

    def _get_wanted_clocks(self, wanted, latest, stays, now):
        """Clocks of what is promised: those that run, those that run again, new ones.

        :param set wanted: pairs of ticket and policy
        :param dict latest: see :meth:`_get_latest`
        :param dict stays: stays by ticket
        :param datetime now: when new ones begin that count from now
        :return: the open ones of them
        :rtype: helpdesk.sla.status
        """
        clocks, vals_list = self.browse(), []
        for ticket, policy in wanted:
            status = latest.get((ticket, policy), self.browse())
            begin = False
            if not status:
                begin = ticket._get_promise_start(policy, now)
            elif status.reached_datetime:
                begin = status._reopen(stays[ticket], now)
            elif not status.active:
                status.active = True
            if begin:
                vals = {"ticket_id": ticket.id, "sla_id": policy.id}
                vals_list.append(
                    {**vals, **policy._get_snapshot(), "start_datetime": begin}
                )
            elif not status.reached_datetime:
                clocks |= status
        return clocks | self.create(vals_list) if vals_list else clocks

    def _reopen(self, stays, now):
        """Whether the promise counts again, as the ticket was opened again just now.

        :param stays: stays of the ticket
        :param datetime now: when it was opened
        :return: begin of a new clock; False if there is none: this one goes on, or the
            promise has been kept and is not made again
        :rtype: datetime | bool
        """
        self.ensure_one()
        former = stays[-2:-1]
        opened = former.is_closed and stays[-1].begun_at == now
        if not opened or self.target == "first_response":
            return False
        closed = stays[:-1].filtered(lambda stay: not stay.is_closed)[-1:].ended_at
        closed = closed or former.begun_at
        if (now - closed).total_seconds() > self.sla_id.reopen_days * 86400:
            return now
        if self.target == "close":
            self.write({"reached_datetime": False, "late_hours": 0.0})
        return False

    def _set_clocks(self, stays, now):
        """Set deadline and outcome of open clocks.

        :param dict stays: stays by ticket
        :param datetime now: until when
        """
        stages = self.env["helpdesk.stage"].browse(
            {stay.stage_ref for ticket in self.ticket_id for stay in stays[ticket]}
        )
        places = {s.id: (s.sequence, s.id) for s in stages.exists()}
        for hours, statuses in self._group_by_hours():
            hours.cover(min([*statuses.mapped("start_datetime"), now]), now)
            for status in statuses:
                of_ticket = stays[status.ticket_id]
                reached = status._find_reached(of_ticket, places)
                vals = status._get_clock(of_ticket, hours, reached, now)
                changed = {k: v for k, v in vals.items() if status[k] != v}
                if changed:
                    status.write(changed)
        self._drop_warnings()

    def _find_reached(self, stays, places):
        """When the promise was kept.

        :param stays: stays of the ticket, oldest first
        :param dict places: place in the pipeline by ID of a stage
        :return: the moment, or False
        :rtype: datetime | bool
        """
        answer = self.ticket_id.first_response_date
        if self.target == "first_response" and answer:
            return answer
        if self.target == "stage" and self.stage_id:
            wanted = (self.stage_id.sequence, self.stage_id.id)
            for stay in stays:
                past = stay.ended_at and stay.ended_at <= self.start_datetime
                if not past and places.get(stay.stage_ref, ()) >= wanted:
                    return max(stay.begun_at, self.start_datetime)
        last = stays[-1:]
        return last.is_closed and max(last.begun_at, self.start_datetime)

    def _get_clock(self, stays, hours, reached, now):
        """What the clock shows, counted from the log.

        :param stays: stays of the ticket
        :param WorkingTime hours: hours that count
        :param reached: when the promise was kept, or False
        :param datetime now: until when it is counted
        :rtype: dict
        """
        pauses, since = self._find_pauses(stays, reached, now)
        deadline, paused = self._plan(hours, self.time, pauses)
        stands = reached or since
        late = bool(deadline and stands and stands > deadline)
        # what has no deadline is at no risk of missing it
        warn = deadline and self._plan(hours, self.time * RISK, pauses)[0]
        paused_late = sum(hours.count(*pause) for pause in pauses) - paused
        late_hours = 0.0
        if late and reached:
            late_hours = hours.count(deadline, reached) - paused_late
        return {
            "paused_hours": paused,
            "paused_late_hours": paused_late,
            "paused_since": since,
            "deadline": deadline,
            "warn_datetime": warn,
            "reached_datetime": reached,
            "is_stopped_late": late,
            "late_hours": late_hours,
        }

    def _find_pauses(self, stays, reached, now):
        """When the clock stood: in waiting stages, and closed.

        :return: begin and end of each; and since when it stands now, or False
        :rtype: tuple
        """
        excluded = self.excluded_stages or ()
        pauses, since = [], False
        for stay in stays:
            begin = max(stay.begun_at, self.start_datetime)
            end = min(stay.ended_at or now, reached or now)
            if not stay.is_closed and stay.stage_ref not in excluded:
                continue
            if not stay.ended_at and not reached:
                since = begin
            elif begin < end:
                pauses.append((begin, end))
        return pauses, since

    def _plan(self, hours, target, pauses):
        """When so many hours are used up. What waits after that moves it no more.

        :param WorkingTime hours: hours that count
        :param float target: working hours
        :param list pauses: begin and end of each, oldest first
        :return: the moment, or False; and the working hours waited before it
        :rtype: tuple
        """
        paused = 0.0
        moment = hours.plan(self.start_datetime, target)
        for begin, end in pauses:
            if moment and begin >= moment:
                break
            paused += hours.count(begin, end)
            moment = hours.plan(self.start_datetime, target + paused)
        return moment, paused

    def _withdraw(self):
        """These promises are made no more: neither kept nor broken."""
        if self:
            self.write({"active": False})
            self._drop_warnings()

    def _group_by_hours(self):
        """Clocks by the hours that they count in.

        :return: pairs of :class:`WorkingTime` and clocks
        :rtype: list
        """
        groups = self.grouped(
            lambda s: (s.resource_calendar_id, s.ticket_id.company_id)
        )
        return [(WorkingTime(*key), statuses) for key, statuses in groups.items()]

    # === WORDS === #

    def _get_label(self):
        """What is promised, in a word or two.

        :rtype: str
        """
        self.ensure_one()
        if self.target == "stage":
            return self.stage_id.name or self.sla_id.name
        if self.target == "close":
            return self.env._("Solution")
        return self.env._("First Response")

    def _get_words(self):
        """What became of the promise, or how long there is left, in words.

        :rtype: str
        """
        self.ensure_one()
        hours = format_clock(abs(self.hours_left))
        label = self._get_label()
        if self.status == "failed":
            return self.env._("%(what)s: %(hours)s late", what=label, hours=hours)
        if self.reached_datetime:
            return self.env._("%(what)s: kept", what=label)
        if self.paused_since:
            return self.env._(
                "%(what)s: waiting, %(hours)s left", what=label, hours=hours
            )
        if not self.deadline:
            return self.env._("%(what)s: no working hours in sight", what=label)
        return self.env._("%(what)s: %(hours)s left", what=label, hours=hours)

    def _get_customer_text(self):
        """The promise as the customer reads it, in the customer's time zone.

        :rtype: str
        """
        self.ensure_one()
        zone = self.env.context.get("tz") or self.env.user.tz
        zone = zone or self.resource_calendar_id.tz or "UTC"

        def write(moment):
            return format_datetime(self.env, moment, tz=zone, dt_format="short")

        if self.reached_datetime:
            return self.env._("done on %(moment)s", moment=write(self.reached_datetime))
        if self.paused_since:
            return self.env._("waits for your answer")
        if not self.deadline:
            return self.env._("as soon as we can")
        return self.env._("until %(moment)s", moment=write(self.deadline))

    # === WARNINGS === #

    @api.model
    def _domain_to_warn(self):
        """Clocks somebody has to be told of: at risk, or past their deadline, and not
        told of that before.

        :rtype: Domain
        """
        now = fields.Datetime.now()
        risk = Domain("warned_risk", "!=", True) & Domain("warn_datetime", "<=", now)
        breach = Domain("deadline", "<", now)
        return (
            self._domain_running()
            & Domain("warned_breach", "!=", True)
            & Domain("ticket_id.active", "=", True)
            & (risk | breach)
        )

    @api.model
    def _cron_warn(self, batch=100):
        """Tell people of promises that are at risk, and of broken ones, once each; goes
        on where it stopped.

        :param int batch: tickets between two commits
        """
        cron, domain = self.env["ir.cron"], self._domain_to_warn()
        tickets = [t.id for (t,) in self._read_group(domain, ["ticket_id"])]
        for start in range(0, len(tickets), batch):
            ids = tickets[start : start + batch]
            statuses = self.search(domain & Domain("ticket_id", "in", ids))
            for of_ticket in statuses.grouped("ticket_id").values():
                of_ticket._warn()
            left = len(tickets) - start - len(ids)
            if not cron._commit_progress(len(ids), remaining=left):
                break

    def _warn(self):
        """Give those who are to know a to-do, which stock tells by mail: one a ticket,
        of the promise that is worst off."""
        ticket = self.ticket_id
        now = fields.Datetime.now()
        broken = self.filtered(lambda s: s.deadline and s.deadline < now)
        self.write({"warned_risk": True})
        broken.write({"warned_breach": True})
        worst = (broken or self).sorted("deadline")[:1]
        ticket._drop_sla_activities()
        for user in ticket._get_sla_users(bool(broken)):
            worst.with_context(lang=user.lang)._schedule_activity(user, bool(broken))

    def _schedule_activity(self, user, broken):
        zone = user.tz or self.resource_calendar_id.tz or "UTC"
        deadline = self.deadline
        moment = format_datetime(self.env, deadline, tz=zone, dt_format="short")
        what = self._get_label()
        if broken:
            summary = self.env._(
                "%(what)s was promised until %(moment)s", what=what, moment=moment
            )
        else:
            summary = self.env._(
                "%(what)s is promised until %(moment)s", what=what, moment=moment
            )
        local = fields.Datetime.context_timestamp(self.with_context(tz=zone), deadline)
        self.ticket_id.with_context(lang=user.lang).activity_schedule(
            "helpdesk_sla.mail_activity_sla",
            date_deadline=local.date(),
            summary=summary,
            note=self.explanation,
            user_id=user.id,
        )

    def _drop_warnings(self):
        """What was kept or withdrawn is nobody's to-do any more."""
        ended = self.filtered(
            lambda s: s.warned_risk and (s.reached_datetime or not s.active)
        )
        ended.write({"warned_risk": False, "warned_breach": False})
        for ticket in ended.ticket_id:
            if not any(status.warned_risk for status in ticket.sla_status_ids):
                ticket._drop_sla_activities()
