from odoo import api, fields, models
from odoo.fields import Domain

AGENTS = "helpdesk_base.group_helpdesk_user"
# who sells sees promises on the tickets of own orders, as lists filter by them
READERS = "base.group_user"
STATES = [
    ("failed", "Breached"),
    ("at_risk", "At Risk"),
    ("ongoing", "On Time"),
    ("paused", "Waiting"),
    ("missed", "Missed"),
    ("reached", "Kept"),
]


class HelpdeskTicket(models.Model):
    """What was promised for a ticket, until when, and what became of it."""

    _inherit = "helpdesk.ticket"

    # since when its promises count; empty for a ticket that was promised nothing
    sla_since = fields.Datetime(
        string="Promised from",
        readonly=True,
        copy=False,
        groups=READERS,
        export_string_translation=False,
    )
    sla_status_ids = fields.One2many(
        "helpdesk.sla.status",
        "ticket_id",
        string="SLA Status",
        readonly=True,
        copy=False,
        groups=READERS,
    )
    # what the form shows: not read at all for tickets that were promised nothing
    sla_promise_ids = fields.Many2many(
        "helpdesk.sla.status",
        string="Promises",
        compute="_compute_sla_promises",
        compute_sudo=True,
        groups=READERS,
    )
    sla_withdrawn_ids = fields.Many2many(
        "helpdesk.sla.status",
        string="Withdrawn Promises",
        compute="_compute_sla_promises",
        compute_sudo=True,
        context={"active_test": False},
        groups=READERS,
    )
    sla_ids = fields.Many2many(
        "helpdesk.sla",
        string="SLA Policies",
        compute="_compute_sla_ids",
        compute_sudo=True,
        search="_search_sla_ids",
        groups=READERS,
    )
    sla_deadline = fields.Datetime(
        string="SLA Deadline",
        compute="_compute_sla_deadline",
        compute_sudo=True,
        store=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The nearest deadline of a promise that is open. None while it waits.",
    )
    sla_fail = fields.Boolean(
        string="SLA Failed",
        compute="_compute_sla_state",
        compute_sudo=True,
        search="_search_sla_fail",
        groups="base.group_user",
        help="A promise was broken, whether it was kept later or not.",
    )
    sla_state = fields.Selection(
        STATES,
        string="SLA",
        compute="_compute_sla_state",
        compute_sudo=True,
        search="_search_sla_state",
        groups="base.group_user",
    )
    sla_left = fields.Char(
        string="Promise",
        compute="_compute_sla_left",
        compute_sudo=True,
        groups="base.group_user",
        help="Working hours that are left, or past the deadline.",
    )

    # === COMPUTE METHODS === #

    @api.depends("sla_since", "sla_status_ids.active")
    def _compute_sla_promises(self):
        measured = self.filtered("sla_since")
        (self - measured).sla_promise_ids = (self - measured).sla_withdrawn_ids = False
        for ticket in measured:
            every = ticket.with_context(active_test=False).sla_status_ids
            ticket.sla_promise_ids = every.filtered("active")
            ticket.sla_withdrawn_ids = every - ticket.sla_promise_ids

    @api.depends("sla_status_ids.active", "sla_status_ids.sla_id")
    def _compute_sla_ids(self):
        for ticket in self:
            ticket.sla_ids = ticket._get_promises().sla_id

    @api.model
    def _search_sla_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain("sla_status_ids.sla_id", operator, value)

    @api.depends(
        "sla_status_ids.active",
        "sla_status_ids.deadline",
        "sla_status_ids.paused_since",
        "sla_status_ids.reached_datetime",
    )
    def _compute_sla_deadline(self):
        for ticket in self:
            running = ticket._get_promises(is_open=True).filtered(
                lambda status: status.deadline and not status.paused_since
            )
            ticket.sla_deadline = min(running.mapped("deadline"), default=False)

    @api.depends(
        "sla_deadline",
        "sla_status_ids.is_stopped_late",
        "sla_status_ids.warn_datetime",
    )
    def _compute_sla_state(self):
        """Same rule as the search below."""
        now = fields.Datetime.now()
        for ticket in self:
            promises = ticket._get_promises()
            still = ticket._get_promises(is_open=True)
            running = still.filtered(lambda status: not status.paused_since)
            ticket.sla_fail = any(status.status == "failed" for status in promises)
            if not still:
                kept = "missed" if ticket.sla_fail else "reached"
                ticket.sla_state = kept if promises else False
            elif any(status.status == "failed" for status in still):
                ticket.sla_state = "failed"
            elif any(s.warn_datetime and s.warn_datetime <= now for s in running):
                ticket.sla_state = "at_risk"
            else:
                ticket.sla_state = "ongoing" if running else "paused"

    @api.model
    def _search_sla_fail(self, operator, value):
        if operator != "in":
            return NotImplemented
        failed = Domain(
            "sla_status_ids",
            "any!",
            self.env["helpdesk.sla.status"]._domain_failed()
            & Domain("active", "=", True),
        )
        domains = {True: failed, False: ~failed}
        return Domain.OR(domains[bool(flag)] for flag in value)

    @api.model
    def _search_sla_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        Status = self.env["helpdesk.sla.status"]

        def some(domain):
            return Domain("sla_status_ids", "any!", domain)

        active = Domain("active", "=", True)
        still, running = some(Status._domain_open()), some(Status._domain_running())
        failed = some(Status._domain_open() & Status._domain_failed())
        risk = some(Status._domain_at_risk()) & ~failed
        missed = some(active & Status._domain_failed())
        domains = {
            "failed": failed,
            "at_risk": risk,
            "ongoing": running & ~risk & ~failed,
            "paused": still & ~running & ~failed,
            "missed": ~still & missed,
            "reached": some(active) & ~still & ~missed,
            False: ~some(active),
        }
        return Domain.OR(domains[key] for key in value if key in domains)

    @api.depends("sla_state")
    def _compute_sla_left(self):
        following = {ticket: ticket._get_next_promise() for ticket in self}
        promises = self.env["helpdesk.sla.status"].browse(
            status.id for status in following.values() if status
        )
        words = {status: status._get_words() for status in promises}
        for ticket, status in following.items():
            ticket.sla_left = words.get(status._origin, False)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        measured = tickets._filter_measured()
        for ticket in measured.sudo():
            ticket.sla_since = ticket._get_arrival()
        self.env["helpdesk.sla.status"]._follow(measured)
        return tickets

    def write(self, vals):
        triggers = self._get_sla_triggers() & vals.keys()
        measured = self._filter_measured() if triggers else self.browse()
        result = super().write(vals)
        if triggers:
            measured |= self._filter_measured()
            self.env["helpdesk.sla.status"]._follow(measured)
        return result

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if self._filter_measured() and self._is_from_customer(message):
            self.sudo()._end_waiting()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_sla_triggers(self):
        """Fields that decide what is promised for a ticket, or end it. Meant for
        override by addons with more conditions.

        :rtype: set[str]
        """
        return {
            "active",
            "first_response_date",
            "merged_into_id",
            "partner_id",
            "priority",
            "stage_id",
            "tag_ids",
            "team_id",
            "ticket_type_id",
        }

    def _get_ruled_fields(self):
        ruled = {"sla_deadline", "sla_ids", "sla_since", "sla_status_ids"}
        return super()._get_ruled_fields() | ruled

    def _filter_measured(self):
        """Tickets of teams that promise something."""
        return self.filtered(lambda ticket: ticket.sudo().team_id.use_sla)

    def _get_arrival(self):
        """When a new ticket came in: as its import says, else with its transaction,
        unless the clock was moved since, as tests do. One of another desk moves in now:
        nothing was promised here before.

        :rtype: datetime
        """
        if self._is_moving_in():
            return fields.Datetime.now()
        now, created = fields.Datetime.now(), self.create_date.replace(microsecond=0)
        begun = self.env.cr.now().replace(microsecond=0)
        is_moved = abs((now - begun).total_seconds()) > 3600
        return now if is_moved and created == begun else created

    def _get_promise_start(self, policy, now):
        """When a clock begins to count.

        :param policy: a ``helpdesk.sla`` that this ticket comes under
        :param datetime now: when it came under the policy
        :rtype: datetime
        """
        self.ensure_one()
        if policy.from_match or not (self.sla_since or self.create_date):
            return now
        return (self.sla_since or self.create_date).replace(microsecond=0)

    def _get_stage_begin(self, now):
        """When a ticket came to its stage of which nothing was noted so far.

        :param datetime now: what to take if nobody knows
        :rtype: datetime
        """
        self.ensure_one()
        begin = self.sla_since or self.date_last_stage_update or self.create_date or now
        return min(begin.replace(microsecond=0), now)

    def _ends_promises(self, policy):
        """Whether the promises of a policy end as this ticket is closed: they were kept
        then, in time or late. What is merged, archived or moved away keeps none.

        :rtype: bool
        """
        self.ensure_one()
        is_here = self.active and not self.merged_into_id and self.is_closed
        return is_here and self.team_id == policy.team_id and self.team_id.use_sla

    def _end_waiting(self):
        """The customer answered: a ticket that waits for that goes back to where it came
        from."""
        for ticket in self.filtered("team_id.sla_resume_on_answer"):
            waiting = ticket.sla_status_ids.filtered("paused_since")
            if ticket.is_closed or not waiting:
                continue
            excluded = {
                ref for status in waiting for ref in status.excluded_stages or ()
            }
            stays = self.env["helpdesk.sla.stay"].search(
                [("ticket_id", "=", ticket.id)]
            )
            former = stays.filtered(
                lambda stay, refs=excluded: (
                    not stay.is_closed and stay.stage_ref not in refs
                )
            )[-1:]
            pipeline = ticket.team_id._get_pipeline().filtered(lambda s: not s.fold)
            stage = pipeline.filtered(lambda s, stay=former: s.id == stay.stage_ref)
            others = pipeline.filtered(lambda s, refs=excluded: s.id not in refs)
            if stage or others:
                ticket.stage_id = (stage or others)[0]

    def _get_promises(self, is_open=False):
        """Promises of this ticket.

        :param bool is_open: only those not kept yet
        :rtype: helpdesk.sla.status
        """
        if not self.sla_since:
            return self.env["helpdesk.sla.status"]
        promises = self.sla_status_ids
        found = promises.filtered(
            lambda s: s.active and not (is_open and s.reached_datetime)
        )
        return found.with_prefetch(promises._prefetch_ids)

    def _get_next_promise(self):
        """The promise that is to be kept next, empty for none.

        :rtype: helpdesk.sla.status
        """
        still = self._get_promises(is_open=True)
        running = still.filtered(lambda status: not status.paused_since)
        return (running or still).sorted(
            lambda s: (not s.deadline, s.deadline or s.id)
        )[:1]

    def _get_sla_users(self, broken):
        """Who is to know of a promise that is at risk, or broken.

        :param bool broken: it is broken
        :rtype: res.users
        """
        self.ensure_one()
        team = self.team_id
        users = self.user_id or team.sla_user_id or team._get_assignable_members()[:1]
        users |= team.sla_user_id if broken else users.browse()
        return users.filtered(lambda user: user.active and user.has_group(AGENTS))

    def _drop_sla_activities(self):
        """Take back the to-dos of promises."""
        self.activity_unlink(["helpdesk_sla.mail_activity_sla"])

    def _get_promises_for_customer(self):
        """What a customer may read of the promises of this ticket, with superuser
        rights: the first response and the solution, no stage.

        :return: ``label`` and ``text`` of each
        :rtype: list[dict]
        """
        self.ensure_one()
        if not self.team_id.show_sla or self.merged_into_id:
            return []
        promises = self._get_promises().filtered(lambda s: s.target != "stage")
        found = []
        for target, status in promises.grouped("target").items():
            last = status.sorted("id")[-1:]
            if target == "first_response":
                label = self.env._("First Response")
            else:
                label = self.env._("Solution")
            found.append({"label": label, "text": last._get_customer_text()})
        return found

    @api.model
    def _get_next_order(self):
        """The nearest promise comes first; tickets without one come after those."""
        return f"sla_deadline, {super()._get_next_order()}"
