from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """The stock method hands tickets over by SQL, behind the back of what follows
        from their customer, and forgets the followers that it cannot move."""
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        of_contact = tickets.search([("partner_id", "in", src_partners.ids)])
        of_company = tickets.search([("commercial_partner_id", "in", src_partners.ids)])
        as_on_file = of_contact._filter_as_on_file()
        self._move_ticket_followers(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        for (name, source), own in as_on_file.items():
            if dst_partner[source]:  # else it gets that of the merged contact
                own.write({name: dst_partner[source]})
        of_company.modified(["commercial_partner_id"])
        dst_partner._follow_to_company()
        return result

    def _move_ticket_followers(self, src_partners, dst_partner):
        """Who follows a ticket as a contact that is merged goes on following it."""
        followers = (
            self.env["mail.followers"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "helpdesk.ticket"),
                    ("partner_id", "in", (src_partners | dst_partner).ids),
                ],
                order="id",
            )
        )
        known = followers.filtered(lambda row: row.partner_id == dst_partner)
        ticket_ids = set(known.mapped("res_id"))
        doubled = moving = followers.browse()
        for follower in followers - known:
            if follower.res_id in ticket_ids:
                doubled |= follower
            else:
                ticket_ids.add(follower.res_id)
                moving |= follower
        doubled.unlink()
        moving.write({"partner_id": dst_partner.id})
