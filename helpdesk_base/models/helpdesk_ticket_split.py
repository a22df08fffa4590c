from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import clean_context, email_normalize


class HelpdeskTicket(models.Model):
    """Messages about something else become a ticket of their own."""

    _inherit = "helpdesk.ticket"

    # === ACTION METHODS === #

    def action_open_split(self, message_ids=None):
        """Open the wizard that makes a new ticket of chosen messages.

        :param list message_ids: ids of ``mail.message`` to propose; none for the last
            message of the customer
        :return: a window action on ``helpdesk.ticket.split``
        :rtype: dict
        :raise ValidationError: if it is no list of ids
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_split_action"
        )
        action["context"] = {"default_ticket_id": self.id}
        if message_ids:
            ids = self.env["helpdesk.ticket.split"]._clean_value(
                "message_ids", message_ids
            )
            action["context"]["default_message_ids"] = ids
        return action

    # === HOOKS === #

    def _get_split_values(self, messages):
        """Values of the ticket that is made of some messages of this one. Meant for
        override by addons whose fields should come along. Time is never moved.

        :param messages: the chosen ``mail.message``, oldest first
        :rtype: dict
        """
        self.ensure_one()
        return {
            "team_id": self.team_id.id,
            "user_id": self.user_id.id,
            "priority": self.priority,
            "description": messages[0].body,
            **self._get_split_customer(messages),
        }

    # === BUSINESS METHODS === #

    def _split(self, messages, values=None):
        """Make a new ticket of some messages of this one. They are copied with author,
        date and attachments, and stay here, too; both tickets point to each other.

        :param messages: ``mail.message`` of this ticket
        :param dict values: what the new ticket gets besides, such as its name
        :return: the new ticket
        :rtype: helpdesk.ticket
        :raise UserError: if nothing, or something else, is chosen
        :raise AccessError: if the user may not write this ticket
        """
        self.ensure_one()
        self.check_access("write")
        messages.check_access("read")
        # what a window proposes for itself is nothing for the new ticket
        self = self.with_context(clean_context(self.env.context))
        messages = messages.with_env(self.env).sudo().sorted("id")
        self._check_split(messages)
        ticket = self.create({**self._get_split_values(messages), **(values or {})})
        ticket.sudo()._copy_messages(messages)
        self._link_split(ticket)
        return ticket

    def _check_split(self, messages):
        """Refuse what cannot be split off.

        :param messages: the chosen ``mail.message``, with superuser rights
        :raise UserError: with a sentence that tells what to do
        """
        self.ensure_one()
        if not messages:
            raise UserError(self.env._("Choose the messages of the new ticket."))
        if any(
            (message.model, message.res_id) != (self._name, self.id)
            or message.message_type not in ("comment", "email")
            for message in messages
        ):
            raise UserError(
                self.env._("Choose messages and notes of this ticket, and no others.")
            )
        writers = {
            message.author_id.commercial_partner_id
            or email_normalize(message.email_from)
            for message in messages
            if not self._is_ours(message)
        }
        own = self.commercial_partner_id or email_normalize(self.partner_email)
        is_read_by_others = writers - {own} and not all(
            message.is_internal
            or message.subtype_id.internal
            or not self._is_ours(message)
            for message in messages
        )
        if len(writers) > 1 or is_read_by_others:
            raise UserError(
                self.env._(
                    "The messages are from different customers. One of them would read"
                    " the other's: choose the messages of one."
                )
            )

    def _get_split_customer(self, messages):
        """The customer of the new ticket: who wrote the first message of somebody
        outside, else the customer of this one."""
        names = ("partner_id", "partner_name", "partner_email", "partner_phone")
        for message in messages:
            if self._is_ours(message):
                continue
            author = message.author_id
            if author:
                return {"partner_id": author.id}
            return {"partner_id": False, "partner_email": message.email_from}
        if self.partner_id:
            return {"partner_id": self.partner_id.id}
        return {name: self[name] or False for name in names}

    def _copy_messages(self, messages):
        """Copy messages to this ticket; nobody is told of them again.

        :param messages: ``mail.message``, with superuser rights
        """
        self.ensure_one()
        for message in messages:
            attachments = self.env["ir.attachment"]
            for attachment in message.attachment_ids:
                attachments |= attachment.copy(
                    {"res_model": self._name, "res_id": self.id}
                )
            self.env["mail.message"].create(
                {
                    "model": self._name,
                    "res_id": self.id,
                    "author_id": message.author_id.id,
                    "email_from": message.email_from,
                    "reply_to": message.reply_to,
                    "date": message.date,
                    "subject": message.subject,
                    "body": message.body,
                    "message_type": message.message_type,
                    "subtype_id": message.subtype_id.id,
                    "is_internal": message.is_internal,
                    "attachment_ids": [Command.set(attachments.ids)],
                }
            )

    def _link_split(self, ticket):
        """Say on both where the messages came from and went to."""
        here, there = self.sudo(), ticket.sudo()
        here.related_ticket_ids = [Command.link(ticket.id)]
        texts = (
            (here, there, self.env._("Messages were split off into %(ticket)s.")),
            (there, here, self.env._("Split off from %(ticket)s.")),
        )
        for record, other, text in texts:
            link = other._get_html_link()
            record._message_log(body=Markup(text) % {"ticket": link})
