from odoo import api, fields, models

from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.helpdesk_ticket import (
    INVOICE_READERS,
)


class SaleOrder(models.Model):
    """The time statements of an order's items."""

    _inherit = "sale.order"

    time_statement_ids = fields.One2many(
        comodel_name="helpdesk.time.statement",
        inverse_name="order_id",
        string="Time Statements",
        groups=INVOICE_READERS,
    )
    time_statement_alarm = fields.Boolean(
        string="Time Does Not Add Up",
        compute="_compute_time_statement_alarm",
        groups=INVOICE_READERS,
        help="The time on an item of this order does not match what is delivered and "
        "billed. See its time statement.",
    )

    # === COMPUTE METHODS === #

    @api.depends("order_line.qty_delivered", "order_line.qty_invoiced", "state")
    def _compute_time_statement_alarm(self):
        alarms = self.env["helpdesk.time.statement"].search(
            [("order_id", "in", self.ids)]
        )
        orders = alarms.filtered("alarm").order_id
        for order in self:
            order.time_statement_alarm = order._origin in orders

    # === ACTION METHODS === #

    def action_view_time_statement(self):
        """Open what became of the hours on the items of these orders.

        :return: a window action on ``helpdesk.time.statement``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_statement.helpdesk_time_statement_action"
        )
        action["display_name"] = self.env._("Time Statement")
        statements = self.env["helpdesk.time.statement"].search(
            [("order_id", "in", self.ids)]
        )
        action["domain"] = [("order_id", "in", self.ids)]
        action["context"] = {}
        if len(statements) == 1:
            action.update(
                view_mode="form", views=[[False, "form"]], res_id=statements.id
            )
        return action
