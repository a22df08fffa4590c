import logging

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# How often time is looked for after a ticket moved while others hold it.
SETTLE_TRIES = 3


class HelpdeskTicket(models.Model):
    """Time that is recorded while its ticket moves.

    Two transactions that do not see each other: one records time on a ticket, the other
    gives the ticket another customer, item or team, merges it, or switches billing off.
    Whoever records time holds the ticket and its team, shared with everybody else who
    does: if they changed since, PostgreSQL refuses, and Odoo carries the call out again
    on what is true now. Whoever moves a ticket waits for them, and looks again right
    after the commit for time that it could not see. So both orders end alike.
    """

    _inherit = "helpdesk.ticket"

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if {"merged_into_id", "sale_line_id", *self._get_moving_fields()} & vals.keys():
            self._settle_after_commit()
        return result

    # === BUSINESS METHODS === #

    def _hold_for_time(self):
        """Hold these tickets and their teams until the end of the transaction, together
        with all others who record time on them. The ORM knows exclusive locks only,
        with which colleagues would wait for each other.

        :raise psycopg2.errors.SerializationFailure: if one of them changed since this
            transaction began; Odoo tries the call again
        """
        if self.ids:
            self.env.execute_query(
                SQL(
                    "SELECT t.id FROM helpdesk_ticket t"
                    " JOIN helpdesk_team g ON g.id = t.team_id"
                    " WHERE t.id IN %s ORDER BY t.id FOR SHARE OF t, g",
                    tuple(self.ids),
                )
            )

    def _settle_after_commit(self, teams=()):
        """Look for time recorded meanwhile once this transaction is committed.

        :param teams: ``helpdesk.team`` whose tickets are concerned, too
        """
        registry, postcommit = self.env.registry, self.env.cr.postcommit
        if not registry.ready:
            return  # nobody records time while modules are installed
        moved = postcommit.data.get("helpdesk_settle")
        if moved is None:
            moved = postcommit.data["helpdesk_settle"] = (set(), set())
            postcommit.add(lambda: self._settle(registry, *moved))
        moved[0].update(self.ids)
        moved[1].update(team.id for team in teams)

    @staticmethod
    def _settle(registry, ticket_ids, team_ids):
        """Settle in a transaction that reads what is committed, again if others are in
        the way; what goes wrong here must not reach the user, whose change is saved."""
        for left in reversed(range(SETTLE_TRIES)):
            try:
                with registry.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    cr.execute("SET LOCAL lock_timeout = '10s'")
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    tickets = env["helpdesk.ticket"].browse(sorted(ticket_ids)).exists()
                    tickets._settle_time(sorted(team_ids))
                return
            except Exception as error:  # noqa: BLE001 pylint: disable=broad-except
                if left and isinstance(error, OperationalError):
                    continue
                _logger.warning(
                    "Time recorded while tickets %s of teams %s moved was not looked at.",
                    sorted(ticket_ids),
                    sorted(team_ids),
                    exc_info=True,
                )
                return

    def _settle_time(self, team_ids=()):
        """Bring open time to where these tickets are: survivor, project, company,
        customer and item. What is there already stays untouched.

        :param team_ids: ids of ``helpdesk.team`` whose tickets are concerned, too
        """
        Line = self.env["account.analytic.line"].sudo()
        merged = self.sudo().filtered("merged_into_id")
        stray = Line.search(Line._domain_of_tickets(merged)) if merged else Line
        for survivor, lines in stray.grouped(
            lambda line: line.helpdesk_ticket_id.merged_into_id
        ).items():
            survivor._merge_lines(lines)
        lines = Line.search(
            (
                Line._domain_of_tickets(self - merged)
                | Domain("helpdesk_ticket_id.team_id", "in", list(team_ids))
            )
            & ~Line._domain_helpdesk_billed()
        )
        lines._settle_on_ticket()
