from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Tickets between two commits of the job.
_BATCH = 50


class HelpdeskTeam(models.Model):
    """Tickets that wait for a customer who says nothing are closed, after a reminder."""

    _inherit = "helpdesk.team"

    auto_close_days = fields.Integer(
        string="Close after (Days)",
        help="Days without a word of the customer since our last answer; working days, "
        "if the team has Working Hours. 0 closes nothing.",
    )
    auto_close_reminder_days = fields.Integer(
        string="Remind after (Days)",
        help="Days after which the customer is asked once whether anything is left. 0 "
        "sends no reminder.",
    )
    auto_close_from_stage_ids = fields.Many2many(
        "helpdesk.stage",
        relation="helpdesk_team_auto_close_stage_rel",
        column1="team_id",
        column2="stage_id",
        string="Waiting in Stages",
        domain="[('id', 'in', stage_ids), ('fold', '=', False)]",
        help="Tickets in these stages wait for the customer. No others are closed.",
    )
    auto_close_stage_id = fields.Many2one(
        "helpdesk.stage",
        string="Close into Stage",
        domain="[('id', 'in', stage_ids), ('fold', '=', True)]",
        ondelete="set null",
        help="Empty for the first closed stage of the team.",
    )

    _auto_close_days_positive = models.Constraint(
        "CHECK (auto_close_days >= 0 AND auto_close_reminder_days >= 0)",
        "Days of silence cannot be negative. Set 0 to switch this off.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("auto_close_days", "auto_close_reminder_days")
    def _check_auto_close_days(self):
        for team in self.filtered("auto_close_days"):
            if team.auto_close_reminder_days >= team.auto_close_days:
                raise ValidationError(
                    self.env._(
                        "The reminder comes before the ticket is closed: choose fewer"
                        " days for it."
                    )
                )

    @api.constrains("auto_close_days", "auto_close_from_stage_ids")
    def _check_auto_close_from_stages(self):
        for team in self.filtered("auto_close_days"):
            stages = team.sudo().auto_close_from_stage_ids
            if not stages or any(stage.fold for stage in stages):
                raise ValidationError(
                    self.env._(
                        "Choose the open stages in which tickets of “%(team)s” wait for"
                        " the customer: only these are closed.",
                        team=team.name,
                    )
                )

    @api.constrains("auto_close_stage_id", "stage_ids")
    def _check_auto_close_stage(self):
        for team in self.sudo().filtered("auto_close_stage_id"):
            stage = team.auto_close_stage_id
            if not stage.fold or stage not in team.stage_ids:
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” closes no ticket of “%(team)s”. Choose a closed"
                        " stage of the team.",
                        stage=stage.name,
                        team=team.name,
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _cron_auto_close(self):
        """Remind of and close the idle tickets of all teams, in small commits: a run
        that was stopped goes on where it was."""
        teams = self.search([("auto_close_days", ">", 0)])
        work = []
        for team in teams:
            work += team._get_idle_work()
        self.env["ir.cron"]._commit_progress(remaining=len(work))
        for start in range(0, len(work), _BATCH):
            batch = work[start : start + _BATCH]
            for ticket, step in batch:
                ticket._run_idle_step(step)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _get_idle_work(self):
        """What is due for idle tickets of this team.

        :return: pairs of a ``helpdesk.ticket`` and what to do, remind or close
        :rtype: list[tuple]
        """
        self.ensure_one()
        reminder_days = self.auto_close_reminder_days
        first = self._get_idle_since(reminder_days or self.auto_close_days)
        last = self._get_idle_since(self.auto_close_days)
        tickets = self.env["helpdesk.ticket"].search(
            Domain("team_id", "=", self.id)
            & Domain("stage_id", "in", self.auto_close_from_stage_ids.ids)
            & Domain("date_last_stage_update", "<", first)
            & Domain("waiting_since", "<", first)
            & self.env["helpdesk.ticket"]._domain_may_auto_close(),
            order="waiting_since, id",
        )
        # time enough to answer, also if the job was off when the reminder was due
        reminded_before = self._get_idle_since(self.auto_close_days - reminder_days)
        work = []
        for ticket in tickets:
            since = max(ticket.waiting_since, ticket.date_last_stage_update)
            reminded = ticket.idle_reminder_date
            if reminder_days and not (reminded and reminded >= since):
                work.append((ticket, "remind"))
            elif since < last and (not reminder_days or reminded < reminded_before):
                work.append((ticket, "close"))
        return work

    def _get_idle_since(self, days):
        """Before when a silence must have begun to last that many days now.

        :param int days: working days if the team has Working Hours, else days of 24
            hours; the day on which the silence begins is none of them
        :return: a time of UTC
        :rtype: datetime.datetime
        """
        self.ensure_one()
        now = fields.Datetime.now()
        calendar = self.sudo().resource_calendar_id
        if not calendar or calendar.flexible_hours or not days:
            return now - timedelta(days=days)
        zone = pytz.timezone(calendar.tz or "UTC")
        end = pytz.utc.localize(now)
        start = end - timedelta(days=days * 7 + 30)
        intervals = calendar._work_intervals_batch(start, end, tz=zone)[False]
        dates = sorted({begin.date() for begin, _end, _meta in intervals}, reverse=True)
        if len(dates) < days:
            return start.replace(tzinfo=None)
        morning = zone.localize(
            fields.Datetime.to_datetime(dates[days - 1]), is_dst=False
        )
        return morning.astimezone(pytz.utc).replace(tzinfo=None)
