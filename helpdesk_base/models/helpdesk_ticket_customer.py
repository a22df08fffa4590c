from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.mail import parse_contact_from_email


class HelpdeskTicket(models.Model):
    """The customer of a ticket: who it is, follows and stops following."""

    _inherit = "helpdesk.ticket"

    # === COMPUTE METHODS === #

    @api.depends("partner_id")
    def _compute_partner_name(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_name = ticket.partner_id.name

    @api.depends("partner_id")
    def _compute_partner_email(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_email = ticket.partner_id.email

    @api.depends("partner_id")
    def _compute_partner_phone(self):
        for ticket in self.filtered("partner_id"):
            ticket.partner_phone = ticket.partner_id.phone

    # === BUSINESS METHODS === #

    @api.model
    def _fill_customer(self, vals_list):
        """Match the sender of new tickets to a known contact by e-mail address."""
        unknown = []
        for vals in vals_list:
            name, email = parse_contact_from_email(vals.get("partner_email") or "")
            if not email:
                continue
            vals["partner_email"] = email
            if vals.get("partner_id"):
                continue
            if name:
                vals.setdefault("partner_name", name)
            if "partner_id" not in vals:
                unknown.append(vals)
        emails = [vals["partner_email"] for vals in unknown]
        partners = self._mail_find_partner_from_emails(emails) if emails else []
        shared = self._get_shared_emails(*(p.email_normalized for p in partners))
        for vals, partner in zip(unknown, partners, strict=True):
            if partner.email_normalized in shared:
                continue
            company = partner.sudo().company_id
            team = self.env["helpdesk.team"].browse(vals.get("team_id"))
            if partner and company in (company.browse(), team.company_id):
                vals["partner_id"] = partner.id

    @api.model
    def _get_shared_emails(self, *emails):
        """Those addresses that contacts of several companies share: whose customer
        writes from there is not guessed.

        :param str emails: normalized addresses, or False
        :rtype: set[str]
        """
        wanted = list(filter(None, emails))
        if not wanted:
            return set()
        groups = (
            self.env["res.partner"]
            .sudo()
            ._read_group(
                [("email_normalized", "in", wanted)],
                ["email_normalized"],
                ["commercial_partner_id:count_distinct"],
            )
        )
        return {email for email, companies in groups if companies > 1}

    def _subscribe_customers(self, new=False):
        """Customers follow their tickets, to be told of the answers."""
        wanted = {(t.id, t.partner_id.id) for t in self if t.partner_id}
        if not wanted:
            return
        Followers = self.env["mail.followers"].sudo()
        if not new or self._may_follow_already():
            ids, partner_ids = zip(*wanted, strict=True)
            known = Followers.search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", ids),
                    ("partner_id", "in", partner_ids),
                ],
                ["res_id", "partner_id"],
            )
            wanted -= {(follower.res_id, follower.partner_id.id) for follower in known}
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        Followers.create(
            [
                {
                    "res_model": self._name,
                    "res_id": ticket_id,
                    "partner_id": partner_id,
                    "subtype_ids": [Command.set([comment])],
                }
                for ticket_id, partner_id in sorted(wanted)
            ]
        )

    def _filter_as_on_file(self):
        """What these tickets tell of their customer as the contact's file has it, so
        that nobody typed it.

        :return: tickets by field of the ticket and field of the contact
        :rtype: dict
        """
        pairs = (
            ("partner_name", "name"),
            ("partner_email", "email"),
            ("partner_phone", "phone"),
        )
        return {
            (name, source): self.filtered(lambda t: t[name] == t.partner_id[source])  # noqa: B023
            for name, source in pairs
        }

    def _may_follow_already(self):
        """Whether the customer of a new ticket may follow it: as a colleague who made
        it or got it, or as a follower of the team."""
        for ticket in self.sudo():
            customer = ticket.partner_id
            if not customer.partner_share:
                return True
            if customer in ticket.team_id.message_partner_ids:
                return True
        return False

    def _forget_customer(self, customer, company):
        """Cut the former customer off: followers, copies and signed links.

        :param customer: the ``res.partner`` that was the customer until now
        :param company: the company the ticket was worked for until now
        """
        self.ensure_one()
        gone = customer
        values = {}
        if company != self.commercial_partner_id:
            gone |= self.sudo().message_partner_ids.filtered(
                lambda p: p.commercial_partner_id == company and p.partner_share
            )
            values = {"access_token": False, "email_cc": False}
        gone -= self.partner_id | self.user_id.partner_id
        self.sudo().message_unsubscribe(gone.ids)
        if values:
            self.sudo().write(values)

    def _change_by_customer(self, close, author):
        """Close or reopen the ticket in the customer's name.

        :param bool close: whether to close it, else to reopen it
        :param author: ``res.partner`` who decided
        :raise UserError: when the team does not leave this to customers
        """
        self.ensure_one()
        if not self.team_id.allow_portal_ticket_closing or self.merged_into_id:
            raise UserError(
                self.env._("Answer the ticket instead: only the team may close it.")
            )
        self._track_set_author(author)
        if not close:
            self._reopen()
        elif not self.is_closed and self.team_id._get_closing_stage():
            self.stage_id = self.team_id._get_closing_stage().id
