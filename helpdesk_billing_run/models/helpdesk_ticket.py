from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.helpdesk_base.tools import format_hours

# Tickets that one notification names when many are closed at once.
NAMED = 3


class HelpdeskTicket(models.Model):
    """What of the work on a closed ticket does not become an invoice, and since when it
    needs no time."""

    _inherit = "helpdesk.ticket"

    leak_notice = fields.Text(
        string="Not Billed",
        compute="_compute_leak_notice",
        compute_sudo=True,
        export_string_translation=False,
        groups="base.group_user",
    )

    no_time_date = fields.Datetime(
        compute="_compute_no_time_date",
        store=True,
        groups="base.group_user",
        export_string_translation=False,
        help="When somebody said why there is no time: later answers are a leak again.",
    )

    # === COMPUTE METHODS === #

    @api.depends("close_without_time_reason")
    def _compute_no_time_date(self):
        now = fields.Datetime.now()
        for ticket in self:
            reason = (ticket.close_without_time_reason or "").strip()
            ticket.no_time_date = now if reason else False

    @api.depends("is_closed", "timesheet_ids.billable_hours", "timesheet_ids.so_line")
    def _compute_leak_notice(self):
        sentences = self.filtered("is_closed")._origin._get_leak_sentences()
        for ticket in self:
            ticket.leak_notice = "\n".join(sentences[ticket._origin.id]) or False

    # === CRUD METHODS === #

    def write(self, vals):
        """Who closes a ticket is told what of its time is not billed; nobody is kept
        from closing it."""
        closing = self._get_closing(vals)
        result = super().write(vals)
        if closing:
            closing._tell_of_leaks()
        return result

    # === LEAKS === #

    def _set_no_time_needed(self, reason):
        """Close the leak of tickets without time, until a colleague answers again.

        :param str reason: why there is none
        :raise UserError: without a reason
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why no time is needed."))
        same = self.filtered(lambda ticket: ticket.close_without_time_reason == reason)
        if same:  # said again, after new answers
            same.check_access("write")
            same.sudo().no_time_date = fields.Datetime.now()
        (self - same).write({"close_without_time_reason": reason})

    def _get_leak_sentences(self):
        """What of the work on these tickets does not become an invoice as it is, and
        what to do: only what an agent can mend. Meant for override by addons that know
        of more. Called with raised rights, in a constant number of queries.

        :return: sentences by ticket id
        :rtype: dict[int, list[str]]
        """
        result = defaultdict(list)
        if not self:
            return result
        Line = self.env["account.analytic.line"].sudo()
        lines = Line.search(Line._domain_of_tickets(self))
        by_ticket = lines.grouped("helpdesk_ticket_id")
        open_lines = lines.filtered(lambda line: line._is_not_billed())
        without = open_lines.filtered(
            lambda line: (
                not line.so_line and not line.is_so_line_edited and line.unit_amount
            )
        ).grouped("helpdesk_ticket_id")
        tasks = defaultdict(lambda: defaultdict(float))
        for line in open_lines:
            if line.so_line and (task := line._get_worker_task()):
                tasks[line.helpdesk_ticket_id][task] += line.billable_hours
        for ticket in self:
            team = ticket.team_id
            own = result[ticket.id]
            if ticket not in by_ticket and ticket._lacks_time():
                own.append(self.env._("Nobody recorded time on this ticket."))
            if ticket in without and team.use_helpdesk_sale_timesheet:
                hours = sum(without[ticket].mapped("unit_amount"))
                own.append(
                    self.env._(
                        "%(hours)s h have no sales order item: choose one.",
                        hours=format_hours(self.env, hours),
                    )
                )
            own += [
                self.env._(
                    "%(hours)s h wait. %(task)s",
                    hours=format_hours(self.env, hours),
                    task=task,
                )
                for task, hours in tasks[ticket].items()
            ]
        return result

    def _lacks_time(self):
        """Whether this ticket should have time: its team records it, and nobody said why
        there is none.

        :rtype: bool
        """
        reason = (self.close_without_time_reason or "").strip()
        return bool(self.team_id.use_helpdesk_timesheet and not reason)

    def _tell_of_leaks(self):
        """Show the user what of the time of these tickets, just closed, is not billed."""
        sentences = self.sudo()._get_leak_sentences()
        leaking = self.filtered(lambda ticket: sentences[ticket.id])
        if not leaking:
            return
        parts = [
            f"{ticket.display_name}: {' '.join(sentences[ticket.id])}"
            for ticket in leaking[:NAMED]
        ]
        if len(leaking) > NAMED:
            parts.append(
                self.env._("%(count)s more tickets", count=len(leaking) - NAMED)
            )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "title": self.env._("Closed, but not all of it is billed"),
                "message": " ".join(parts),
            },
        )
