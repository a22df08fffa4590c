import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class HelpdeskTicket(models.Model):
    """Tickets whose customer was answered and says nothing."""

    _inherit = "helpdesk.ticket"

    idle_reminder_date = fields.Datetime(
        string="Reminded of Silence",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="When the customer was last asked whether anything is left.",
    )

    # === HOOKS === #

    @api.model
    def _domain_may_auto_close(self):
        """Tickets that may be closed because their customer says nothing. Meant for
        override by addons whose records wait for somebody else: a running timer, time
        that the customer questioned.

        What a person is asked before closing, see :meth:`_get_close_refusal`, is nobody's
        question here: nobody is there to answer it.

        :rtype: odoo.fields.Domain
        """
        return (
            Domain("is_closed", "=", False)
            & Domain("merged_into_id", "=", False)
            & Domain("activity_ids", "=", False)
            & Domain("kanban_state", "!=", "blocked")
        )

    # === WHO WROTE LAST === #

    @api.model
    def _domain_public_messages(self):
        """What customer and team said to each other: what we answered, and all that
        anybody outside wrote; no notes, no automatic mails, no log."""
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        outside = Domain("author_id", "=", False)
        outside |= Domain("author_id.partner_share", "=", True)
        answer = Domain("subtype_id", "=", comment) & Domain("is_internal", "=", False)
        return (
            Domain("model", "=", self._name)
            & Domain("message_type", "in", ("comment", "email"))
            & (answer | outside)
        )

    @api.model
    def _read_last_messages(self, domain):
        """Last public message of each ticket, in two queries.

        :param domain: domain of the tickets
        :return: the ``mail.message`` of each, tickets without any left out
        :rtype: dict[helpdesk.ticket, mail.message]
        """
        tickets = self.sudo().search(domain)
        messages = self.env["mail.message"].sudo()
        groups = messages._read_group(
            self._domain_public_messages() & Domain("res_id", "in", tickets.ids),
            ["res_id"],
            ["id:max"],
        )
        messages = messages.browse([last for _res_id, last in groups])
        by_ticket = {message.res_id: message for message in messages}
        return {t: by_ticket[t.id] for t in tickets if t.id in by_ticket}

    @api.model
    def _read_waits(self, domain):
        """Since when tickets wait for their customer: since our last answer, if nobody
        outside wrote after it, or since they came into their stage.

        :param domain: domain of the tickets
        :rtype: dict[helpdesk.ticket, datetime.datetime]
        """
        return {
            ticket: max(message.date, ticket.date_last_stage_update or message.date)
            for ticket, message in self._read_last_messages(domain).items()
            if ticket._is_ours(message)
        }

    @api.model
    def _is_ours(self, message):
        """Whether a colleague wrote a message, not the customer or a machine.

        :param message: ``mail.message``
        :rtype: bool
        """
        author = message.sudo().author_id
        return bool(author) and not author.partner_share

    # === STEPS === #

    def _run_idle_step(self, step):
        """Remind of or close one ticket; what goes wrong with one stops no other.

        :param str step: remind or close
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if step == "remind":
                    self._remind_of_silence()
                else:
                    self._close_as_idle()
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.warning("Idle ticket %s: %s failed", self, step, exc_info=True)

    def _remind_of_silence(self):
        """Ask the customer, in the customer's language, whether anything is left."""
        self.idle_reminder_date = fields.Datetime.now()
        template = self.env.ref(
            "helpdesk_base.mail_template_ticket_idle", raise_if_not_found=False
        )
        if template:
            self.message_post_with_source(
                template,
                subtype_xmlid="mail.mt_note",
                message_type="auto_comment",
                email_layout_xmlid="mail.mail_notification_light",
            )

    def _close_as_idle(self):
        stage = self.team_id.auto_close_stage_id or self.team_id._get_closing_stage()
        if stage:
            self.stage_id = stage.id
            self._message_log(
                body=self.env._("Closed: the customer did not answer any more.")
            )
