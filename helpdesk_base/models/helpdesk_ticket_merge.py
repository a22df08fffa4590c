from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import is_html_empty


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    def _merge(self, sources):
        """Merge tickets into this one, which survives.

        Conversation, attachments, activities, followers and tags move here; the
        others are closed and point here.

        :param sources: the ``helpdesk.ticket`` records to merge
        :raise UserError: when the tickets cannot be merged, see ``_merge_check``
        :raise AccessError: when the user may not write one of them
        """
        self.ensure_one()
        sources -= self
        self._merge_check(sources)
        (self | sources).check_access("write")
        target = self.sudo()
        target._merge_move(sources.sudo())
        target._merge_log(sources.sudo())
        target._merge_close(sources.sudo())

    # === HOOKS === #

    def _merge_check(self, sources):
        """Refuse to merge tickets that do not belong together.

        Addons that hang records on tickets extend this method to refuse a merge
        their records would not survive. Nothing has changed yet when it is called.

        :param sources: the tickets that would be merged into this one
        :raise UserError: with a sentence that tells what to do
        """
        self.ensure_one()
        if not sources:
            raise UserError(self.env._("Choose at least two tickets to merge."))
        if self.merged_into_id or any(ticket.merged_into_id for ticket in sources):
            raise UserError(
                self.env._("One of the tickets was merged before. Leave it out.")
            )
        if len((self | sources).company_id) > 1:
            raise UserError(
                self.env._("Tickets of different companies cannot be merged.")
            )
        customers = (self | sources).commercial_partner_id
        if len(customers) > 1:
            raise UserError(
                self.env._(
                    "The tickets belong to different customers: %(customers)s. One of"
                    " them would read the other's messages. Merge tickets of one"
                    " customer only.",
                    customers=", ".join(customers.mapped("display_name")),
                )
            )

    def _merge_move(self, sources):
        """Move what hangs on the merged tickets to this one.

        Addons extend this method to move their own records. It runs with superuser
        rights; rights and ``_merge_check`` were checked before.

        :param sources: the tickets merged into this one, still open
        """
        self.ensure_one()
        links = [("model", "=", self._name), ("res_id", "in", sources.ids)]
        # the log of changes stays behind: time in stage is computed from it
        self.env["mail.message"].search(
            [
                *links,
                ("message_type", "!=", "user_notification"),
                ("tracking_value_ids", "=", False),
            ]
        ).write({"res_id": self.id})
        links = [("res_model", "=", self._name), ("res_id", "in", sources.ids)]
        self.env["ir.attachment"].search([*links, ("res_field", "=", False)]).write(
            {"res_id": self.id}
        )
        self.env["mail.activity"].search(links).write({"res_id": self.id})
        self._merge_people(sources)

    # === BUSINESS METHODS === #

    def _merge_people(self, sources):
        """Followers, copies, tags and, if it is missing, the customer."""
        values = {"tag_ids": [Command.link(tag.id) for tag in sources.tag_ids]}
        if not self.partner_id and sources.partner_id:
            values["partner_id"] = sources.partner_id[0].id
        copies = {}
        for ticket in self | sources:
            copies.update(self._mail_cc_sanitized_raw_dict(ticket.email_cc))
        values["email_cc"] = ", ".join(copies.values()) or False
        self.write(values)
        self.message_subscribe(sources.message_partner_ids.ids)

    def _merge_log(self, sources):
        """Tell on this ticket what was merged, with the texts that would be lost."""
        body = Markup()
        for ticket in sources:
            body += Markup("<p>%s</p>") % self.env._(
                "%(ticket)s was merged into this ticket.",
                ticket=ticket._get_html_link(),
            )
            if not is_html_empty(ticket.description):
                body += Markup("<blockquote>%s</blockquote>") % ticket.description
        self._message_log(body=body)
        bodies = {
            ticket.id: self.env._(
                "Merged into %(ticket)s.", ticket=self._get_html_link()
            )
            for ticket in sources
        }
        sources._message_log_batch(bodies=bodies)

    def _merge_close(self, sources):
        """Close the merged tickets; those merged into them before follow."""
        earlier = self.search([("merged_into_id", "in", sources.ids)])
        (sources | earlier).write({"merged_into_id": self.id})
        for team, tickets in sources.grouped("team_id").items():
            stage = team._get_closing_stage()
            tickets.write({"stage_id": stage.id} if stage else {"active": False})
