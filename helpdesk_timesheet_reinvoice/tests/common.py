from odoo import fields
from odoo.fields import Command

from odoo.addons.helpdesk_base.tests.common import AGENT, MANAGER, HelpdeskCommon

TIMESHEET_USER = "hr_timesheet.group_hr_timesheet_user"
SALESMAN = "sales_team.group_sale_salesman"
SALES_ALL = "sales_team.group_sale_salesman_all_leads"


class ReinvoiceCommon(HelpdeskCommon):
    """The helpdesk world with time and money.

    Team Care records and bills time on its own project. The agents record their own
    time and have no sales, project or accounting rights; Sally sells and invoices.
    Customer Alpha has one confirmed order with an item billed on timesheets at 100 an
    hour, customer Beta has another one.
    """

    agent_groups = f"{AGENT},{TIMESHEET_USER}"
    manager_groups = f"{MANAGER},{TIMESHEET_USER}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = cls._new_user(
            "hd_sales", f"{SALESMAN},{SALES_ALL}", name="Sally Sales"
        )
        cls._set_up_employees()
        cls._set_up_products()
        cls.team.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
        )
        cls.project = cls.team.project_id
        cls.item_a = cls._new_item(cls.customer_a)
        cls.item_b = cls._new_item(cls.customer_b)
        cls.order_a = cls.item_a.order_id
        cls.order_b = cls.item_b.order_id

    @classmethod
    def _set_up_employees(cls):
        employees = cls.env["hr.employee"].create(
            [
                {"name": user.name, "user_id": user.id, "hourly_cost": 40.0}
                for user in (cls.agent, cls.agent_2, cls.manager)
            ]
        )
        cls.employee, cls.employee_2, cls.employee_manager = employees

    @classmethod
    def _set_up_products(cls):
        cls.hour = cls.env.ref("uom.product_uom_hour")
        cls.day = cls.env.ref("uom.product_uom_day")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.service = cls._new_service("Support", "delivered_timesheet")
        cls.prepaid = cls._new_service("Support pack", "ordered_prepaid")
        cls.milestones = cls._new_service("Rollout", "delivered_milestones")
        cls.manual = cls._new_service("Flat support", "delivered_manual")
        cls.goods = cls.env["product.product"].create(
            {"name": "Cable", "type": "consu", "list_price": 5.0, "taxes_id": []}
        )

    # === HELPERS === #

    @classmethod
    def _new_service(cls, name, policy, uom=None, price=100.0):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "service_policy": policy,
                "uom_id": (uom or cls.hour).id,
                "list_price": price,
                "taxes_id": [Command.clear()],
            }
        )

    @classmethod
    def _new_order(cls, partner, *lines, confirm=True, **values):
        """Order of ``(product, quantity)`` pairs, or dictionaries of line values."""
        commands = []
        for line in lines:
            if isinstance(line, tuple):
                product, quantity = line
                line = {"product_id": product.id, "product_uom_qty": quantity}
            commands.append(Command.create(line))
        order = cls.env["sale.order"].create(
            {"partner_id": partner.id, "order_line": commands, **values}
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _new_item(cls, partner, product=None, quantity=10.0, confirm=True, **values):
        order = cls._new_order(
            partner, (product or cls.service, quantity), confirm=confirm, **values
        )
        return order.order_line

    @classmethod
    def _log(cls, ticket, hours, user=None, **values):
        """Record time on a ticket as an agent would, by default as the first one."""
        lines = cls.env["account.analytic.line"].with_user(user or cls.agent)
        return (
            lines.create(
                {
                    "helpdesk_ticket_id": ticket.id,
                    "name": "Work",
                    "unit_amount": hours,
                    "date": fields.Date.today(),
                    **values,
                }
            )
            .with_user(cls.env.user)
            .sudo()
        )

    @classmethod
    def _invoice(cls, order, user=None, start=None, end=None, **values):
        """Invoice an order through the wizard, as a salesperson."""
        wizard = (
            cls.env["sale.advance.payment.inv"]
            .with_user(user or cls.salesman)
            .create(
                {
                    "sale_order_ids": [Command.set(order.ids)],
                    "advance_payment_method": "delivered",
                    "date_start_invoice_timesheet": start,
                    "date_end_invoice_timesheet": end,
                    **values,
                }
            )
        )
        orders = order.with_user(user or cls.salesman)
        return wizard._create_invoices(orders).with_user(cls.env.user).sudo()

    def assertDelivered(self, item, quantity, message=None):
        """The Delivered column of an item, in its unit, freshly computed."""
        self.env.flush_all()
        item.invalidate_recordset()
        self.assertAlmostEqual(item.qty_delivered, quantity, 4, message)


__all__ = ["AGENT", "MANAGER", "SALESMAN", "SALES_ALL", "ReinvoiceCommon"]
