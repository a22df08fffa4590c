from odoo import api, fields, models
from odoo.tools import SQL

# date that must be there for the hours to mean anything
_DATE_OF_HOURS = {"assign_hours": "assign_date", "close_hours": "close_date"}


class HelpdeskTicket(models.Model):
    """How long tickets wait for somebody, and how long they take."""

    _inherit = "helpdesk.ticket"

    assign_hours = fields.Float(
        string="Time to Assign (Hours)",
        compute="_compute_assign_hours",
        store=True,
        precompute=True,
        aggregator="avg",
        groups="base.group_user",
        help="Hours from the creation of the ticket to its first assignment.",
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

    # === COMPUTE METHODS === #

    @api.depends("assign_date", "create_date")
    def _compute_assign_hours(self):
        for ticket in self:
            ticket.assign_hours = ticket._hours_since_creation(ticket.assign_date)

    @api.depends("close_date", "create_date")
    def _compute_close_hours(self):
        for ticket in self:
            ticket.close_hours = ticket._hours_since_creation(ticket.close_date)

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

    def _hours_since_creation(self, date):
        """Hours from the creation to ``date``, never negative; 0.0 without dates."""
        self.ensure_one()
        if not date or not self.create_date:
            return 0.0
        return max((date - self.create_date).total_seconds() / 3600, 0.0)
