from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.helpdesk_base.models.helpdesk_ticket import TICKET_PRIORITY

from ..models.helpdesk_sla import TARGETS


class HelpdeskSlaReport(models.Model):
    """What became of promises, each once: kept in time counts 100 %, broken 0 %, and
    those that run are left out of the rate."""

    _name = "helpdesk.sla.report"
    _description = "SLA Analysis"
    _auto = False
    _order = "start_datetime desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    sla_id = fields.Many2one("helpdesk.sla", string="SLA Policy", readonly=True)
    target = fields.Selection(TARGETS, readonly=True)
    team_id = fields.Many2one("helpdesk.team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned to", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    ticket_type_id = fields.Many2one(
        "helpdesk.ticket.type", string="Type", readonly=True
    )
    priority = fields.Selection(TICKET_PRIORITY, readonly=True)
    start_datetime = fields.Datetime(string="Counts from", readonly=True)
    deadline = fields.Datetime(readonly=True)
    reached_datetime = fields.Datetime(string="Reached on", readonly=True)
    status = fields.Selection(
        [("ongoing", "Ongoing"), ("reached", "Reached"), ("failed", "Failed")],
        readonly=True,
    )
    success_rate = fields.Float(
        string="Kept in Time (%)",
        aggregator="avg",
        readonly=True,
        help="Share of kept promises in kept and broken ones.",
    )
    reached_count = fields.Integer(string="Kept", readonly=True)
    failed_count = fields.Integer(string="Broken", readonly=True)
    ongoing_count = fields.Integer(string="Ongoing", readonly=True)
    late_hours = fields.Float(string="Hours Late", readonly=True)
    paused_hours = fields.Float(string="Hours Waited", readonly=True)

    @property
    def _table_query(self):
        """One row a promise that was not withdrawn; broken ones as of now."""
        return SQL(
            """
            SELECT clock.id, clock.ticket_id, clock.sla_id, clock.target,
                   clock.start_datetime, clock.deadline, clock.reached_datetime,
                   clock.late_hours, clock.paused_hours, clock.status,
                   CASE clock.status WHEN 'reached' THEN 100.0 WHEN 'failed' THEN 0.0
                        END AS success_rate,
                   (clock.status = 'reached')::integer AS reached_count,
                   (clock.status = 'failed')::integer AS failed_count,
                   (clock.status = 'ongoing')::integer AS ongoing_count,
                   %(ticket_columns)s
              FROM (SELECT *, %(status)s AS status FROM helpdesk_sla_status
                     WHERE active) AS clock
              JOIN helpdesk_ticket AS ticket ON ticket.id = clock.ticket_id
            """,
            ticket_columns=self._get_ticket_columns(),
            status=self._get_status_sql(),
        )

    # === BUSINESS METHODS === #

    @api.model
    def _get_status_sql(self):
        """The status as :meth:`HelpdeskSlaStatus._compute_status` has it."""
        return SQL(
            """CASE WHEN is_stopped_late THEN 'failed'
                    WHEN reached_datetime IS NOT NULL THEN 'reached'
                    WHEN paused_since IS NULL AND deadline < %s THEN 'failed'
                    ELSE 'ongoing' END""",
            fields.Datetime.now(),
        )

    @api.model
    def _get_ticket_columns(self):
        """What the ticket tells. Meant for extension by addons with more of it."""
        return SQL(
            """ticket.team_id, ticket.company_id, ticket.user_id, ticket.partner_id,
               ticket.commercial_partner_id, ticket.ticket_type_id, ticket.priority"""
        )
