from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    ticket_hours_to_invoice = fields.Float(
        string="Ticket Hours to Bill",
        compute="_compute_ticket_hours_to_invoice",
        compute_sudo=True,
        groups="sales_team.group_sale_salesman",
        help="Hours on tickets of this customer that the next invoices will bill. A "
        "contact shows the hours of its company, a salesperson those of the orders that "
        "person may see.",
    )

    # === COMPUTE METHODS === #

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_ticket_hours_to_invoice(self):
        """Sum the open ticket time of the commercial customer, in one query."""
        hours = dict.fromkeys(self.commercial_partner_id, 0.0)
        groups = self.env["account.analytic.line"]._read_group(
            self._domain_ticket_time_to_invoice(),
            ["helpdesk_commercial_partner_id"],
            ["billable_hours:sum"],
        )
        hours.update(groups)
        for partner in self:
            partner.ticket_hours_to_invoice = hours.get(
                partner.commercial_partner_id, 0.0
            )

    # === ACTION METHODS === #

    def action_view_tickets_to_invoice(self):
        """Open the tickets of these customers with time to bill.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_reinvoice.helpdesk_ticket_action_of_document"
        )
        action["display_name"] = self.env._("Tickets to Bill")
        action["domain"] = [
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("invoice_status", "=", "to invoice"),
        ]
        action["context"] = {"create": False}
        return action

    # === BUSINESS METHODS === #

    @api.model
    def _get_customer_documents(self):
        """Orders come before the tickets that they bill."""
        documents = super()._get_customer_documents()
        return {"sale.order": "helpdesk_commercial_partner_id", **documents}

    def _domain_ticket_time_to_invoice(self):
        """Open ticket time of these commercial customers, in the active companies.

        :rtype: Domain
        """
        Line = self.env["account.analytic.line"]
        return (
            Domain(
                "helpdesk_commercial_partner_id", "in", self.commercial_partner_id.ids
            )
            & Domain("helpdesk_ticket_id", "!=", False)
            & Domain("project_id", "!=", False)
            & Domain("company_id", "in", self.env.companies.ids)
            & self._domain_time_of_readable_orders()
            & Line._domain_time("open")
        )

    @api.model
    def _domain_time_of_readable_orders(self):
        """Time on orders that the user may see: many salespeople see their own only.

        :rtype: Domain
        """
        rules = self.env["ir.rule"].sudo(False)
        readable = Domain(rules._compute_domain("sale.order", "read"))
        return Domain("order_id", "any!", readable)
