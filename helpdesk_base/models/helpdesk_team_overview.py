import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.date_utils import start_of
from odoo.tools.misc import format_date

_TREND_WEEKS = 8


class HelpdeskTeam(models.Model):
    """What a lead and an agent look at each morning. Each figure opens its list."""

    _inherit = "helpdesk.team"

    waiting_ticket_count = fields.Integer(
        string="Waiting for Customer", compute="_compute_waiting_ticket_count"
    )
    trend_graph = fields.Text(
        string="Trend",
        compute="_compute_trend_graph",
        export_string_translation=False,
        help="Tickets that were opened and closed in each of the last 8 weeks.",
    )

    # === COMPUTE METHODS === #

    def _compute_waiting_ticket_count(self):
        tickets = self.env["helpdesk.ticket"]
        counts = dict(
            tickets._read_group(
                tickets._domain_waiting() & Domain("team_id", "in", self.ids),
                ["team_id"],
                ["__count"],
            )
        )
        for team in self:
            team.waiting_ticket_count = counts.get(team._origin, 0)

    def _compute_trend_graph(self):
        """In two queries for all teams."""
        weeks = self._get_trend_weeks()
        opened = self._read_weeks("create_date", weeks)
        closed = self._read_weeks("close_date", weeks)
        labels = [format_date(self.env, week, date_format="d MMM") for week in weeks]
        for team in self:
            key = team._origin.id
            team.trend_graph = json.dumps(
                {
                    "labels": labels,
                    "series": [
                        {
                            "label": label,
                            "data": [counts.get((key, week), 0) for week in weeks],
                        }
                        for label, counts in (
                            (self.env._("Opened"), opened),
                            (self.env._("Closed"), closed),
                        )
                    ],
                }
            )

    # === ACTION METHODS === #

    def action_view_trend(self):
        """Open the analysis of these teams, week by week.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action_analysis"
        )
        since = fields.Date.to_string(self._get_trend_weeks()[0])
        action["domain"] = [("team_id", "in", self.ids), ("create_date", ">=", since)]
        return action

    @api.model
    def get_my_figures(self):
        """What the user has to do and did today.

        :return: for each figure its ``name``, ``label``, ``value``, a text of what it
            counts (``title``), and an ``icon``
        :rtype: list[dict]
        :raise AccessError: for who does not work on tickets
        """
        tickets = self.env["helpdesk.ticket"]
        tickets.check_access("read")
        return [
            {
                "name": figure["name"],
                "label": figure["label"],
                "title": figure["title"],
                "icon": figure["icon"],
                "value": tickets.search_count(figure["domain"]),
            }
            for figure in self._get_my_figures()
        ]

    @api.model
    def action_view_my_figure(self, name):
        """Open the tickets behind a figure.

        :param str name: see :meth:`get_my_figures`
        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        :raise ValidationError: if there is no such figure
        """
        figures = {figure["name"]: figure for figure in self._get_my_figures()}
        if not isinstance(name, str) or name not in figures:
            raise self._get_no_figure_error(figures)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        action.update(
            display_name=figures[name]["label"],
            domain=list(figures[name]["domain"]),
            context={"create": False},
        )
        return action

    # === HOOKS === #

    @api.model
    def _get_my_figures(self):
        """Figures on top of the overview. Meant for override by addons that count
        something else an agent has to do.

        :return: for each its ``name``, ``label``, ``title``, ``icon`` and the ``domain``
            of the tickets
        :rtype: list[dict]
        """
        mine = Domain("user_id", "=", self.env.uid)
        today = fields.Datetime.to_string(self._get_start_of_today())
        closed = Domain("is_closed", "=", True) & Domain("close_date", ">=", today)
        return [
            {
                "name": "todo",
                "label": self.env._("To Do"),
                "title": self.env._("My open tickets that wait for nobody else"),
                "icon": "fa-inbox",
                "domain": mine & self.env["helpdesk.ticket"]._domain_next(),
            },
            {
                "name": "assigned",
                "label": self.env._("Assigned Today"),
                "title": self.env._("My tickets that got their first assignee today"),
                "icon": "fa-user-plus",
                "domain": mine & Domain("assign_date", ">=", today),
            },
            {
                "name": "answered",
                "label": self.env._("Answered Today"),
                "title": self.env._("Tickets that I answered today"),
                "icon": "fa-reply",
                "domain": Domain("message_ids", "any", self._domain_my_answers(today)),
            },
            {
                "name": "closed",
                "label": self.env._("Closed Today"),
                "title": self.env._("My tickets that were closed today"),
                "icon": "fa-check",
                "domain": mine & closed,
            },
        ]

    # === BUSINESS METHODS === #

    @api.model
    def _domain_my_answers(self, since):
        return Domain(
            [
                ("author_id", "=", self.env.user.partner_id.id),
                ("date", ">=", since),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            ]
        )

    @api.model
    def _get_start_of_today(self):
        """Midnight of the user, in UTC."""
        zone = self.env.tz
        now = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = zone.localize(start_of(now.replace(tzinfo=None), "day"))
        return (midnight - midnight.utcoffset()).replace(tzinfo=None)

    @api.model
    def _get_no_figure_error(self, figures):
        return ValidationError(
            self.env._(
                "There is no such figure. Choose one of %(names)s.",
                names=", ".join(figures),
            )
        )

    @api.model
    def _get_trend_weeks(self):
        """First days of the last weeks, this one included, as grouping by week has
        them."""
        today = fields.Date.context_today(self)
        first_day = int(
            self.env["res.lang"]._get_data(code=self.env.lang).week_start or 1
        )
        week = today - timedelta(days=(today.isoweekday() - first_day) % 7)
        return [week - timedelta(weeks=n) for n in reversed(range(_TREND_WEEKS))]

    def _read_weeks(self, name, weeks):
        """Tickets by team and week.

        :param str name: the date that counts
        :param list weeks: see :meth:`_get_trend_weeks`
        :rtype: dict[tuple, int]
        """
        groups = self.env["helpdesk.ticket"]._read_group(
            Domain("team_id", "in", self.ids)
            & Domain(name, ">=", fields.Date.to_string(weeks[0])),
            ["team_id", f"{name}:week"],
            ["__count"],
        )
        return {(team.id, week.date()): count for team, week, count in groups}
