from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    ticket_count = fields.Integer(
        string="Tickets",
        compute="_compute_ticket_count",
        groups="helpdesk_base.group_helpdesk_user",
    )

    def _compute_ticket_count(self):
        """Tickets of the contact and of the contacts below it."""
        counts = dict.fromkeys(self, 0)
        groups = self.env["helpdesk.ticket"]._read_group(
            self._get_tickets_domain(), ["partner_id"], ["__count"]
        )
        partners = self.browse([partner.id for partner, _count in groups])
        partners.sudo().fetch(["parent_id"])
        for partner, count in groups:
            ancestor = partner.sudo()
            while ancestor:
                own = ancestor.sudo(False)
                if own in counts:
                    counts[own] += count
                ancestor = ancestor.parent_id
        for partner in self:
            partner.ticket_count = counts[partner]

    # === CRUD METHODS === #

    def write(self, vals):
        """Documents of a person follow once, to the company the person is filed under."""
        if not {"is_company", "parent_id"} & vals.keys():
            return super().write(vals)
        people = self.filtered(
            lambda contact: (
                not contact.is_company and contact.commercial_partner_id == contact
            )
        )
        result = super().write(vals)
        people._follow_to_company()
        return result

    def unlink(self):
        """Documents of a contact that is deleted have its company no more."""
        documents = [
            (
                model.search(
                    Domain(name, "in", self.ids) | Domain("partner_id", "in", self.ids)
                ),
                name,
            )
            for model, name in self._get_customer_models()
        ]
        result = super().unlink()
        for records, name in documents:
            self.env.add_to_compute(records._fields[name], records)
            records.modified([name])
        return result

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets of the contact and of the contacts below it.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        action["domain"] = [("partner_id", "child_of", self.ids)]
        action["context"] = {"default_partner_id": self.id} if len(self) == 1 else {}
        return action

    # === BUSINESS METHODS === #

    def _get_tickets_domain(self):
        return Domain("partner_id", "child_of", self.ids)

    @api.model
    def _get_customer_documents(self):
        """Stored fields that keep the company a customer had when it was chosen, see
        ``helpdesk.customer.mixin``.

        Meant for override by addons that keep it on documents of their own.

        :return: field name by model name, in the order in which they are to follow
        :rtype: dict
        """
        return {"helpdesk.ticket": "commercial_partner_id"}

    def _follow_to_company(self):
        """Documents of these contacts go from no company to that of the contact: the
        customer is a person without company so far, or a contact that was merged into
        one with a company."""
        contacts = self.sudo()
        contacts = contacts.filtered(lambda c: c.commercial_partner_id != c)
        if not contacts:
            return
        for model, name in self._get_customer_models():
            documents = model.search([(name, "in", contacts.ids)])
            for contact, own in documents.grouped(name).items():
                own.write({name: contact.commercial_partner_id.id})

    @api.model
    def _get_customer_models(self):
        """Models of :meth:`_get_customer_documents` as superuser, archived records
        included, each with its field."""
        return [
            (self.env[model].sudo().with_context(active_test=False), name)
            for model, name in self._get_customer_documents().items()
        ]
