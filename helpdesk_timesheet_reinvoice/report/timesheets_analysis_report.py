from odoo import api, fields, models


class TimesheetsAnalysisReport(models.Model):
    _inherit = "timesheets.analysis.report"

    # Agents analyse the hours of their tickets. Costs and prices are for those to whom
    # the menus of this report belong.
    amount = fields.Monetary(groups="hr_timesheet.group_hr_timesheet_approver")
    timesheet_revenues = fields.Monetary(
        groups="hr_timesheet.group_hr_timesheet_approver"
    )
    margin = fields.Monetary(groups="hr_timesheet.group_hr_timesheet_approver")
    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket", string="Ticket", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )

    @api.model
    def _select(self):
        # Prices are in the currency of the order, costs in that of the company.
        rate = "COALESCE(NULLIF(sale.currency_rate, 0), 1)"
        select = super()._select()
        for price in ("SOL.price_subtotal", "SOL.price_unit"):
            select = select.replace(price, f"({price} / {rate})")
        return (
            select
            + """,
            A.helpdesk_ticket_id AS helpdesk_ticket_id,
            COALESCE(
                A.helpdesk_commercial_partner_id, customer.commercial_partner_id
            ) AS commercial_partner_id
        """
        )

    @api.model
    def _from(self):
        return (
            super()._from()
            + """
            LEFT JOIN sale_order sale ON sale.id = SOL.order_id
            LEFT JOIN res_partner customer ON customer.id = A.partner_id
        """
        )
