from datetime import timedelta
from random import choice

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Somebody who is at lunch is on duty, somebody who has gone home is not.
_DUTY_WITHIN = timedelta(hours=2)
# How far the next day of work of a team is looked for.
_OPENS_WITHIN = timedelta(days=14)


class HelpdeskTeam(models.Model):
    """Who gets a new ticket: somebody who is there and has room for it."""

    _inherit = "helpdesk.team"

    lead_id = fields.Many2one(
        "res.users",
        string="Team Lead",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        check_company=True,
        help="Gets the to-do for a ticket that nobody can take.",
    )
    max_open_tickets = fields.Integer(
        string="Open Tickets per Member",
        help="Who has as many open tickets of this team gets no more by itself. 0 for "
        "no limit.",
    )
    assignment_rule_ids = fields.One2many(
        "helpdesk.assignment.rule",
        "team_id",
        string="Assignment Rules",
        copy=True,
        help="Tickets of a type or with a tag go to these members first.",
    )

    _max_open_tickets_positive = models.Constraint(
        "CHECK (max_open_tickets >= 0)",
        "The limit of open tickets cannot be negative. Set 0 for no limit.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("lead_id")
    def _check_lead_id(self):
        for team in self.sudo():
            if team.lead_id.share:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no internal user and cannot lead a team. Choose a"
                        " colleague.",
                        user=team.lead_id.name,
                    )
                )

    # === BUSINESS METHODS === #

    def _get_leads(self):
        """Who looks after this team: its lead, else administrators of the helpdesk who
        are members, else the members. Meant for to-dos that a rule of the team makes.

        :return: active users, with superuser rights
        :rtype: res.users
        """
        self.ensure_one()
        members = self._get_assignable_members()
        lead = self.sudo().lead_id.filtered("active")
        return lead or (
            members.filtered(lambda user: user._manages_helpdesk()) or members
        )

    def _get_assignable_members(self):
        """Members that may get tickets: active internal users of the company."""
        self.ensure_one()
        company = self.company_id
        return self.sudo().member_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )

    def _pick_assignees(self, count, wishes=None):
        """Choose who gets the next tickets of the team.

        To be extended for other methods.

        :param int count: number of new tickets
        :param list wishes: for each ticket the members to ask first, see
            :meth:`helpdesk.assignment.rule._get_wishes`; where the team assigns by hand,
            nobody else is asked
        :return: one user per ticket, empty users when nobody is to be assigned, or
            nobody is there who has room
        :rtype: list
        """
        self.ensure_one()
        nobody = self.env["res.users"]
        wishes = wishes or [nobody] * count
        if not count or (self.assign_method == "manual" and not any(wishes)):
            return [nobody] * count
        members = self._filter_present(self._get_assignable_members())
        loads = self._get_loads(members)
        picked = []
        for wished in wishes:
            user = self._pick_assignee(loads, wished)
            if user:
                loads[user] += 1
            picked.append(user)
        return picked

    def _pick_assignee(self, loads, wished):
        """Choose for one ticket.

        :param dict loads: number of open tickets by ``res.users`` that is there
        :param wished: the members to ask first
        :rtype: res.users
        """
        limit = self.max_open_tickets
        free = [user for user in loads if not limit or loads[user] < limit]
        first = [user for user in free if user in wished]
        if not first and self.assign_method == "manual":
            free = []
        free = first or free
        if not free:
            return self.env["res.users"]
        if self.assign_method == "randomly":
            return choice(free)
        return min(free, key=lambda user: (loads[user], user.id))

    def _get_loads(self, members):
        """Open tickets of the team that each member has; snoozed ones are work, too.

        :rtype: dict[res.users, int]
        """
        loads = dict.fromkeys(members, 0)
        if members:
            groups = (
                self.env["helpdesk.ticket"]
                .sudo()
                ._read_group(
                    Domain("team_id", "=", self.id)
                    & Domain("user_id", "in", members.ids)
                    & Domain("is_closed", "=", False),
                    ["user_id"],
                    ["__count"],
                )
            )
            loads.update(groups)
        return loads

    # === WHO IS THERE === #

    def _filter_present(self, users):
        """Those of these users who can take a ticket now: not on leave, and, where the
        team has Working Hours, on duty by their own working hours. What arrives while
        the team does not work is for those who are there when it opens.

        Meant for override by addons that know better who is there.

        :param users: ``res.users``, with superuser rights
        :rtype: res.users
        """
        self.ensure_one()
        resources = users.resource_ids.filtered(
            lambda res: not res.company_id or res.company_id == self.company_id
        )
        if not resources:
            return users
        start = self._get_duty_start()
        absent = self._get_resources_on_leave(resources, start)
        if self.resource_calendar_id:
            absent |= self._get_resources_off_duty(resources - absent, start)
        return users - absent.user_id

    def _get_duty_start(self):
        """When somebody of the team looks at what arrives now: at once, or when the
        Working Hours begin.

        :return: a time of UTC
        :rtype: datetime.datetime
        """
        now = pytz.utc.localize(fields.Datetime.now())
        calendar = self.sudo().resource_calendar_id
        if not calendar or calendar.flexible_hours:
            return now
        found = calendar._work_intervals_batch(now, now + _OPENS_WITHIN)[False]
        start = next((begin for begin, _end, _meta in found), now)
        return start.astimezone(pytz.utc)

    def _get_resources_on_leave(self, resources, start):
        """Resources with a leave of their own; days off of the company are up to the
        Working Hours of the team."""
        moment = start.replace(tzinfo=None)
        leaves = self.env["resource.calendar.leaves"].sudo()
        leaves = leaves.search(
            Domain("resource_id", "in", resources.ids)
            & Domain("time_type", "=", "leave")
            & Domain("date_from", "<=", moment)
            & Domain("date_to", ">", moment)
        )
        return leaves.resource_id

    def _get_resources_off_duty(self, resources, start):
        """Resources whose working hours have no minute of work soon; who works flexible
        hours is always on duty."""
        fixed = resources.filtered(lambda resource: not resource._is_flexible())
        if not fixed:
            return fixed
        intervals = fixed._get_valid_work_intervals(start, start + _DUTY_WITHIN)[0]
        return fixed.filtered(lambda resource: not intervals[resource.id])
