import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class HelpdeskTicket(models.Model):
    """Tickets whose customer was answered and says nothing."""

    _inherit = "helpdesk.ticket"

    waiting_since = fields.Datetime(
        string="Waiting for Customer since",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="Our last answer, if nobody outside wrote after it.",
    )
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

    # === GATE AND MERGE === #

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | {"waiting_since", "idle_reminder_date"}

    def _merge_move(self, sources):
        """The last word may have come from a merged ticket."""
        result = super()._merge_move(sources)
        self._recompute_waits()
        return result

    # === WHO WROTE LAST === #

    @api.model
    def _domain_waiting(self):
        """Open tickets that wait for their customer: our answer was the last word.

        :rtype: odoo.fields.Domain
        """
        return Domain("is_closed", "=", False) & Domain("waiting_since", "!=", False)

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

    def _follow_conversation(self, message):
        """Our answer makes a ticket wait for its customer, until somebody outside writes.

        :param message: the ``mail.message`` that was posted
        """
        ticket = self.sudo()
        if message.message_type not in ("comment", "email"):
            return
        if not self._is_ours(message):
            if ticket.waiting_since or ticket.snoozed_until:
                ticket.write({"waiting_since": False, "snoozed_until": False})
        elif not message.is_internal and not message.subtype_id.internal:
            ticket.waiting_since = message.date

    def _recompute_waits(self):
        """Read from the messages since when these tickets wait: some were moved here, or
        were written before anybody asked."""
        messages = self.env["mail.message"].sudo()
        domain = self._domain_public_messages()
        groups = messages._read_group(
            domain & Domain("res_id", "in", self.ids), ["res_id"], ["id:max"]
        )
        lasts = messages.browse([last for _res_id, last in groups])
        since = {m.res_id: m.date for m in lasts if self._is_ours(m)}
        for ticket in self.sudo():
            if ticket.waiting_since != since.get(ticket.id, False):
                ticket.waiting_since = since.get(ticket.id, False)

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
