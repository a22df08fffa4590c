from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools import read_private

_ANSWERS = ("comment", "email")
# date that must be there for the hours to mean anything
_DATE_OF_HOURS = {
    "assign_hours": "assign_date",
    "assign_working_hours": "assign_date",
    "close_hours": "close_date",
    "close_working_hours": "close_date",
    "first_response_hours": "first_response_date",
    "first_response_working_hours": "first_response_date",
}


class HelpdeskTicket(models.Model):
    """How long tickets wait for somebody, for an answer, and how long they take: by the
    clock, as the customer waits, and in the working hours of the team.

    The hours are kept as they were counted when it happened: a team that changes its
    working hours leaves the past alone.
    """

    _inherit = "helpdesk.ticket"

    first_response_date = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="First answer to the customer that a colleague wrote.",
    )
    assign_hours = fields.Float(
        string="Time to Assign (Hours)",
        compute="_compute_assign_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to its first assignment.",
    )
    assign_working_hours = fields.Float(
        string="Working Time to Assign (Hours)",
        compute="_compute_assign_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Working hours of the team until the first assignment.",
    )
    first_response_hours = fields.Float(
        string="Time to First Response (Hours)",
        compute="_compute_first_response_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to the first answer.",
    )
    first_response_working_hours = fields.Float(
        string="Working Time to First Response (Hours)",
        compute="_compute_first_response_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Working hours of the team until the first answer.",
    )
    close_hours = fields.Float(
        string="Time to Close (Hours)",
        compute="_compute_close_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to its closing.",
    )
    close_working_hours = fields.Float(
        string="Working Time to Close (Hours)",
        compute="_compute_close_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Working hours of the team until the closing.",
    )

    # === COMPUTE METHODS === #

    @api.depends("assign_date", "create_date")
    def _compute_assign_hours(self):
        self._set_hours_until("assign")

    @api.depends("first_response_date", "create_date")
    def _compute_first_response_hours(self):
        self._set_hours_until("first_response")

    @api.depends("close_date", "create_date")
    def _compute_close_hours(self):
        self._set_hours_until("close")

    # === REPORTING === #

    def _read_group_select(self, aggregate_spec, query):
        """Tickets that still wait have no time yet: leave them out of averages."""
        name, _separator, function = aggregate_spec.partition(":")
        expression = super()._read_group_select(aggregate_spec, query)
        if name not in _DATE_OF_HOURS or function != "avg":
            return expression
        date = self._field_to_sql(self._table, _DATE_OF_HOURS[name], query)
        return SQL("%s FILTER (WHERE %s IS NOT NULL)", expression, date)

    # === BUSINESS METHODS === #

    def _set_hours_until(self, event):
        """Count the hours from the creation of these tickets to an event, never
        negative; 0.0 if it has not come.

        :param str event: prefix of the fields: ``assign``, ``first_response``, ``close``
        """
        for team, tickets in self.grouped("team_id").items():
            date_name = _DATE_OF_HOURS[f"{event}_hours"]
            dated = tickets.filtered(
                lambda t, name=date_name: t.create_date and t[name]
            )
            hours = team._get_working_time()
            if dated:
                hours.cover(
                    min(dated.mapped("create_date")), max(dated.mapped(date_name))
                )
            for ticket in tickets:
                start, end = ticket.create_date, ticket[date_name]
                seconds = (end - start).total_seconds() if ticket in dated else 0.0
                ticket[f"{event}_hours"] = max(seconds / 3600, 0.0)
                ticket[f"{event}_working_hours"] = hours.count(start, end)

    def _set_opened(self, date):
        """Say when these tickets were opened at another desk; waiting times follow. The
        ORM notes the time of the transaction, which nobody can give.

        :param datetime date: a time of UTC
        :raise ValidationError: if it is yet to come
        """
        self._set_opened_each(dict.fromkeys(self, date))

    def _set_opened_each(self, dates):
        """Say when each of these tickets was opened, see :meth:`_set_opened`: as many
        queries for a thousand tickets as for one of each team.

        :param dict dates: a time of UTC per ticket of these
        :raise ValidationError: if one of them is yet to come
        """
        if max(dates.values(), default=datetime.min) > fields.Datetime.now():
            raise ValidationError(
                self.env._(
                    "A ticket cannot be opened in the future. Check the day it was "
                    "opened."
                )
            )
        tickets = self.browse(ticket.id for ticket in dates)
        tickets.check_access("write")
        tickets.flush_recordset()
        tickets.sudo()._write_multi(
            [{"create_date": dates[ticket]} for ticket in tickets]
        )
        tickets.invalidate_recordset(["create_date"])
        tickets.modified(["create_date"])
        for event in ("assign", "first_response", "close"):
            tickets._set_hours_until(event)  # new ones are not computed again

    def _is_response(self, message):
        """Whether a message is an answer to the customer that a colleague wrote: no
        note, no automatic mail, not the message that a ticket was made from, and nothing
        that the customer wrote, who may be a colleague, too.

        :param message: a ``mail.message`` of this ticket
        :rtype: bool
        """
        self.ensure_one()
        if read_private(self.env, "helpdesk_mail_of_description"):
            return False
        author = message.sudo().author_id
        return (
            message.message_type in _ANSWERS
            and message.subtype_id == self.env.ref("mail.mt_comment")
            and not message.is_internal
            and bool(author)
            and not author.partner_share
            and author != self.partner_id
            and author != self.env.ref("base.partner_root")
        )

    def _note_response(self, message):
        """Note when the first answer was written.

        :param message: a new ``mail.message`` of this ticket
        """
        if not self.first_response_date and self._is_response(message):
            self.sudo().first_response_date = fields.Datetime.now()
