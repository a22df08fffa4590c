from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import format_hours

# Tickets and leaks that a mail lists; the rest is a number and a link.
LISTED = 10


class ResUsers(models.Model):
    """What leads are told once a week."""

    _inherit = "res.users"

    helpdesk_digest_week = fields.Date(
        copy=False,
        readonly=True,
        export_string_translation=False,
        groups="base.group_system",
        help="Monday of the last week in which this lead was told what waits.",
    )

    @api.model
    def _cron_digest_to_leads(self):
        """Tell the leads once a week what waits and what leaks; goes on where it
        stopped."""
        today = fields.Date.context_today(self)
        monday = today - timedelta(days=today.weekday())
        companies = self.env["res.company"].sudo()
        companies = companies.search([("helpdesk_digest_to_leads", "=", True)])
        group = self.env.ref("helpdesk_base.group_helpdesk_manager")
        leads = self.sudo().search(
            [
                ("all_group_ids", "in", group.ids),
                ("company_id", "in", companies.ids),
                ("email", "!=", False),
                ("share", "=", False),
                "|",
                ("helpdesk_digest_week", "=", False),
                ("helpdesk_digest_week", "<", monday),
            ]
        )
        for place, lead in enumerate(leads, 1):
            lead._send_digest_to_lead()
            lead.helpdesk_digest_week = monday
            self.env["ir.cron"]._commit_progress(1, remaining=len(leads) - place)

    def _send_digest_to_lead(self):
        """Send this lead one mail, none if nothing waits and nothing leaks.

        :return: whether there was something to tell
        :rtype: bool
        """
        self.ensure_one()
        digest = self._read_digest_to_lead()
        template = self.env.ref(
            "helpdesk_billing_run.mail_template_digest_to_lead",
            raise_if_not_found=False,
        )
        if not template or not (digest["waiting"] or digest["leaks"]):
            return False
        template.sudo().with_context(helpdesk_digest=digest).send_mail(self.id)
        return True

    def _read_digest_to_lead(self):
        """What waits and what leaks in the teams of this lead, oldest first: those of
        which the lead is a member, else all.

        :return: rows ``waiting`` and ``leaks``, their ``waiting_count`` and
            ``leak_count``
        :rtype: dict
        """
        lang = self.lang or self.env.lang
        env = self.with_context(lang=lang, allowed_company_ids=self.company_id.ids).env
        teams = self.sudo().helpdesk_team_ids.filtered(
            lambda team: team.company_id == self.company_id
        )
        waiting = self._read_waiting_of_teams(env, teams)
        leaks = self._read_leaks_of_teams(env, teams)
        return {
            "waiting": waiting[:LISTED],
            "waiting_count": len(waiting),
            "leaks": leaks[:LISTED],
            "leak_count": len(leaks),
        }

    def _read_waiting_of_teams(self, env, teams):
        """Tickets with hours that wait, the oldest first."""
        Line = env["account.analytic.line"].sudo()
        domain = Domain("helpdesk_ticket_id", "!=", False)
        domain &= Domain("company_id", "=", self.company_id.id)
        domain &= Line._domain_time("waiting")
        if teams:
            domain &= Domain("helpdesk_ticket_id.team_id", "in", teams.ids)
        if domain.is_false():
            return []
        groups = Line._read_group(
            domain,
            ["helpdesk_ticket_id"],
            ["date:min", "billable_hours:sum"],
            order="date:min",
        )
        today = fields.Date.context_today(self)
        return [
            {
                "name": ticket.display_name,
                "url": f"/odoo/all-tickets/{ticket.id}",
                "hours": format_hours(env, hours),
                "days": (today - day).days,
            }
            for ticket, day, hours in groups
        ]

    def _read_leaks_of_teams(self, env, teams):
        """Leaks that the lead may see, the oldest first; what waits is told apart."""
        leaks = env["helpdesk.leak"].with_user(self)
        domain = Domain("kind", "!=", "waiting")
        domain &= Domain("company_id", "=", self.company_id.id)
        if teams:
            domain &= Domain("team_id", "in", [False, *teams.ids])
        kinds = dict(leaks._fields["kind"]._description_selection(env))
        return [
            {
                "kind": kinds[leak.kind],
                "name": (leak.ticket_id or leak.sale_line_id).display_name or "",
                "customer": leak.partner_id.display_name or "",
                "hours": format_hours(env, leak.hours or 0.0),
                "days": leak.age_days or 0,
            }
            for leak in leaks.search(domain).sudo()
        ]
