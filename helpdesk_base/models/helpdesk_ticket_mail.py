import logging
import re
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize, formataddr
from odoo.tools.mail import (
    email_escape_char,
    email_split_and_format,
    parse_contact_from_email,
)

from ..tools import Private, read_private
from .mail_thread import MAX_COPIES, MAX_SUBJECT

_logger = logging.getLogger(__name__)

_CUSTOMER_MESSAGES = ("comment", "email")
# ``(#123)`` or ``#123``, as the name of a ticket shows its number
_SUBJECT_REF = re.compile(r"(?<!\w)#([\w/-]{1,64})")


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    # === MAIL GATEWAY === #

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        custom_values = dict(custom_values or {})
        team = self.env["helpdesk.team"].browse(custom_values.get("team_id"))
        subject = (msg_dict.get("subject") or "").strip()[:MAX_SUBJECT]
        customer = self._get_customer_of_mail(msg_dict, team)
        values = {
            "name": subject or self.env._("No Subject"),
            "description": msg_dict.get("body") or False,
            "partner_id": customer.id,
            "email_cc": ", ".join(self._get_copied_emails(msg_dict)),
            **custom_values,
        }
        ticket = super().message_new(msg_dict, values)
        ticket._subscribe_copied_partners(msg_dict)
        # the mail itself is posted next, on the record that is returned here
        return ticket.with_context(helpdesk_mail_of_description=Private(True))

    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        for ticket in self:
            ticket._subscribe_copied_partners(msg_dict)
        return result

    @api.model
    def _get_customer_of_mail(self, msg_dict, team):
        """The known contact that wrote the mail, unless of another company."""
        partner = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        if self._get_shared_emails(partner.email_normalized):
            return self.env["res.partner"]  # whose it is, is for a person to say
        if partner.company_id and team and partner.company_id != team.company_id:
            return self.env["res.partner"]
        return partner

    @api.model
    def _get_copied_emails(self, msg_dict):
        """Formatted addresses the sender wrote to besides our own aliases."""
        # the gateway takes out what it filtered once the first ticket is made
        copied = (msg_dict.get(f"{x}_filtered", msg_dict.get(x)) for x in ("to", "cc"))
        addresses = ",".join(filter(None, copied))
        emails, length = [], 0
        for email in dict.fromkeys(email_split_and_format(addresses)):
            length += len(email) + 2
            if length > MAX_COPIES:
                break  # the mail itself is attached, see message_parse
            emails.append(email)
        return self._without_own_addresses(emails)

    @api.model
    def _without_own_addresses(self, emails):
        """Leave out addresses that lead to this database: nobody to send a copy to.

        :param list[str] emails: formatted addresses
        :rtype: list[str]
        """
        plain = {email: email_normalize(email) for email in emails}
        own = self._find_untagged_aliases(plain.values()).keys()
        own |= self._find_own_addresses(plain.values())
        return [email for email in emails if plain[email] not in own]

    def _subscribe_copied_partners(self, msg_dict):
        """Colleagues of the customer and of ours in copy follow; others never do."""
        self.ensure_one()
        emails = self._get_copied_emails(msg_dict)
        if not emails:
            return
        partners = self._partner_find_from_emails_single(emails, no_create=True)
        company = self.commercial_partner_id
        partners = partners.filtered(
            lambda p: (
                not p.partner_share or (company and p.commercial_partner_id == company)
            )
        )
        self.message_subscribe(partners.ids)

    def _mail_cc_sanitized_raw_dict(self, cc_string):
        copies = super()._mail_cc_sanitized_raw_dict(cc_string)
        kept = set(self._without_own_addresses(list(filter(None, copies))))
        return {email: copy for email, copy in copies.items() if email in kept}

    @api.model
    def _find_named_in_subject(self, message_dict, values):
        """Ticket that a mail without references names in its subject, if its sender is
        the customer of it.

        :param dict message_dict: the parsed values of the mail
        :param dict values: what the address gives to new tickets, its team above all
        :return: the ticket, or the one it was merged into; empty for none
        :rtype: helpdesk.ticket
        """
        tickets = self.sudo()
        refs = _SUBJECT_REF.findall(message_dict.get("subject") or "")
        if not refs:
            return tickets
        email = email_normalize(message_dict.get("email_from"))
        author = self.env["res.partner"].sudo()
        author = author.browse(message_dict.get("author_id") or [])
        tickets = tickets.search(
            [
                ("ticket_ref", "in", refs),
                ("team_id", "=", (values or {}).get("team_id")),
            ]
        )
        tickets = tickets.filtered(
            lambda ticket: (
                (email and email == email_normalize(ticket.partner_email))
                or author.commercial_partner_id & ticket.commercial_partner_id
            )
        )[:1]
        return tickets.merged_into_id or tickets

    @api.model
    def _is_above_mail_limit(self, email):
        """Whether the mail gateway would make no more tickets for a sender, who came
        another way now: the same limits as in ``_detect_loop_sender``, which answers by
        mail.

        :param str email: address of the sender
        :rtype: bool
        """
        email = email_normalize(email)
        known = self.env["mail.gateway.allowed"].sudo()
        if not email or known.search_count([("email_normalized", "=", email)], limit=1):
            return False
        get_param = self.env["ir.config_parameter"].sudo().get_param
        minutes = int(get_param("mail.gateway.loop.minutes", 120))
        threshold = int(get_param("mail.gateway.loop.threshold", 20))
        since = self.env.cr.now() - timedelta(minutes=minutes)
        domain = Domain(self._detect_loop_sender_domain(email))
        domain &= Domain("create_date", ">=", since)
        tickets = self.sudo().with_context(active_test=False)
        return tickets.search_count(domain, limit=threshold) >= threshold

    def _get_customer_information(self):
        values = super()._get_customer_information()
        for ticket in self.filtered("partner_email"):
            name, email = parse_contact_from_email(ticket.partner_email)
            values.setdefault(email or ticket.partner_email, {}).update(
                name=ticket.partner_name or name or email,
                phone=ticket.partner_phone or False,
                company_id=ticket.company_id.id,
            )
        return values

    # === POSTING === #

    def message_post(self, **kwargs):
        """Answers of our people leave from the team's address, under their name."""
        self.ensure_one()
        if self._is_answer_to_nobody(kwargs):
            members = self.team_id.sudo().member_ids.partner_id
            kwargs["partner_ids"] = [*(kwargs.get("partner_ids") or []), *members.ids]
        alias = self.team_id.sudo().alias_email
        if alias and not kwargs.get("email_from"):
            author = self.env.user.partner_id
            if kwargs.get("author_id"):
                author = self.env["res.partner"].browse(kwargs["author_id"])
            if not author.sudo().partner_share:
                kwargs["author_id"] = author.id
                kwargs["email_from"] = formataddr((author.sudo().name, alias))
        return super().message_post(**kwargs)

    def _is_answer_to_nobody(self, values):
        """Whether a customer writes on a ticket that nobody at work would be told of:
        its assignee has left, say. New tickets wait on the team's board.

        :param dict values: what is given to :meth:`message_post`
        :rtype: bool
        """
        if read_private(self.env, "helpdesk_mail_of_description"):
            return False
        if values.get("message_type") not in _CUSTOMER_MESSAGES or self.merged_into_id:
            return False
        author = self.env["res.partner"].sudo().browse(values.get("author_id") or [])
        if not author and not values.get("email_from"):
            author = self.env.user.partner_id
        if author and not author.partner_share:
            return False
        ticket = self.sudo()
        people = ticket.user_id | ticket.message_partner_ids.user_ids
        return not people.filtered(lambda user: user.active and not user.share)

    def _message_post_after_hook(self, message, msg_vals):
        self._show_mail_images(message)
        self._link_new_customer(message)
        self._note_response(message)
        if self._is_customer_answer(message):
            self.sudo()._reopen()
        self._follow_conversation(message)
        return super()._message_post_after_hook(message, msg_vals)

    def _show_mail_images(self, message):
        """Images of the mail a ticket was made from are attachments by now: show the
        body that has them. Any other mail leaves the description alone."""
        if (
            read_private(self.env, "helpdesk_mail_of_description")
            and message.message_type == "email"
            and message.attachment_ids
            and not message.is_internal
            and 'src="cid:' in (self.description or "")
        ):
            self.sudo().description = message.body

    def _link_new_customer(self, message):
        """The sender became a contact when answered: link the sender's tickets."""
        if self.partner_id or not self.partner_email or not message.partner_ids:
            return
        email = parse_contact_from_email(self.partner_email)[1]
        partner = message.partner_ids.filtered(lambda p: p.email_normalized == email)[
            :1
        ]
        if email and partner:
            self.sudo().search(
                [
                    ("partner_id", "=", False),
                    # an exact match: _ and % would stand for anything
                    ("partner_email", "=ilike", email_escape_char(email)),
                    ("company_id", "=", self.company_id.id),
                    ("is_closed", "=", False),
                ]
            ).write({"partner_id": partner.id})

    def _is_customer_answer(self, message):
        """Whether somebody outside wrote on a ticket that is already closed."""
        return (
            self.is_closed
            and not self.merged_into_id
            and self._is_from_customer(message)
            and self.team_id.sudo().reopen_on_answer
        )

    @api.model
    def _is_from_customer(self, message):
        """Whether somebody outside wrote a message that is no note.

        :param message: a ``mail.message``
        :rtype: bool
        """
        if message.is_internal or message.message_type not in _CUSTOMER_MESSAGES:
            return False
        author = message.sudo().author_id
        return not author or author.partner_share

    def _reopen(self):
        """Put closed tickets back into the first open stage of their team."""
        for ticket in self.filtered("is_closed"):
            stage = ticket.team_id._get_first_stage()
            if not stage.fold:
                ticket.stage_id = stage.id
                ticket.sudo().waiting_since = False

    # === NOTIFICATIONS === #

    def _creation_subtype(self):
        """Post the creation only where a follower of the team asked to hear of it.

        A ticket without creation subtype is logged with its whole batch at once;
        posting each one costs many queries a ticket.
        """
        if self.sudo().team_id.has_creation_followers:
            return self.env.ref("helpdesk_base.mt_ticket_new")
        return super()._creation_subtype()

    def _creation_message(self):
        self.ensure_one()
        return self.env._(
            "Ticket created in the team %(team)s", team=self.team_id.sudo().name
        )

    def _track_subtype(self, initial_values):
        if "stage_id" in initial_values:
            return self.env.ref("helpdesk_base.mt_ticket_stage")
        return super()._track_subtype(initial_values)

    def _message_track_post_template(self, changes):
        """A template that cannot be rendered, perhaps for one customer only, stops
        neither the customer's mail nor the move: the ticket says that it was not
        sent."""
        if not changes or not self.stage_id.sudo().template_id:
            return super()._message_track_post_template(changes)
        try:
            with self.env.cr.savepoint():
                return super()._message_track_post_template(changes)
        except OperationalError:
            raise  # Odoo tries the whole call again
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.warning("No mail of the stage was sent for %s", self, exc_info=True)
        body = self.env._(
            "The e-mail of this stage could not be sent. Check its template, and write "
            "to the customer."
        )
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        return True

    def _track_template(self, changes):
        result = super()._track_template(changes)
        ticket = self[0]
        template = ticket.stage_id.sudo().template_id
        if "stage_id" in changes and template and not ticket.merged_into_id:
            result["stage_id"] = (
                template,
                {
                    "auto_delete_keep_log": False,
                    "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id(
                        "mail.mt_note"
                    ),
                    "email_layout_xmlid": "mail.mail_notification_light",
                },
            )
        return result

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Answers to a ticket go to the alias of its team."""
        result = {}
        for ticket in self:
            alias = ticket.sudo().team_id.alias_email
            if alias:
                result[ticket.id] = ticket._notify_get_reply_to_formatted_email(
                    alias, author_id=author_id
                )
        others = self.filtered(lambda ticket: ticket.id not in result)
        if others or not self:
            result.update(
                super(HelpdeskTicket, others)._notify_get_reply_to(
                    default=default, author_id=author_id
                )
            )
        return result

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Customers get a link to the portal where the team shows its tickets."""
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if not self:
            return groups
        portal = self.team_id.sudo().privacy_visibility == "portal"
        for name, _method, data in groups:
            if name in ("portal_customer", "portal"):
                data["has_button_access"] = portal
        return groups

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        """Say that stage mails are automatic, so that no machine answers them."""
        if message.message_type == "auto_comment":
            values = dict(additional_values or {})
            headers = {"Auto-Submitted": "auto-generated", **values.get("headers", {})}
            additional_values = {**values, "headers": headers}
        return super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional_values
        )

    def _notify_by_email_prepare_rendering_context(
        self,
        message,
        msg_vals=False,
        model_description=False,
        force_email_company=False,
        force_email_lang=False,
        force_record_name=False,
    ):
        context = super()._notify_by_email_prepare_rendering_context(
            message,
            msg_vals=msg_vals,
            model_description=model_description,
            force_email_company=force_email_company,
            force_email_lang=force_email_lang,
            force_record_name=force_record_name,
        )
        if self.ticket_ref:
            context["subtitles"].append(
                self.env._("Ticket: #%(number)s", number=self.ticket_ref)
            )
        return context

    def _get_template_email_from(self):
        """Sender of the stage mails: the team's address, else the company's.

        :return: formatted address
        :rtype: str
        """
        self.ensure_one()
        team = self.team_id.sudo()
        if team.alias_email:
            return formataddr((team.name, team.alias_email))
        return team.company_id.email_formatted or self.env.user.email_formatted
