from odoo import fields
from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import AGENT

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestBatch(ReinvoiceCommon):
    """Many lines in one call are what they are when they come one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        approver = "hr_timesheet.group_hr_timesheet_approver"
        cls.lead = cls._new_user("hd_lead", f"{AGENT},{approver}", name="Lee Lead")
        cls.employee_2.hourly_cost = 55.0
        cls.ticket.sale_line_id = cls.item_a
        cls.ticket_b.sale_line_id = cls.item_b
        cls.work = [
            (cls.ticket, cls.employee, 1.0),
            (cls.ticket, cls.employee, 1.0),
            (cls.ticket, cls.employee_2, 1.0),
            (cls.ticket_b, cls.employee_2, 2.5),
            (cls.ticket_b, cls.employee, -0.5),
            (None, cls.employee, 3.0),
        ]

    def _prepare_values(self):
        return [
            {
                "name": "Work",
                "date": fields.Date.today(),
                "employee_id": employee.id,
                "unit_amount": hours,
                **(
                    {"helpdesk_ticket_id": ticket.id}
                    if ticket
                    else {"project_id": self.project.id}
                ),
            }
            for ticket, employee, hours in self.work
        ]

    def _create(self, vals_list):
        return self.env["account.analytic.line"].with_user(self.lead).create(vals_list)

    def test_amounts(self):
        lines = self._create(self._prepare_values())
        self.assertEqual(
            lines.mapped("amount"), [-40.0, -40.0, -55.0, -137.5, 20.0, -120.0]
        )
        self.assertDelivered(self.item_a, 3.0)
        self.assertDelivered(self.item_b, 2.0)
        self.assertNotIn("helpdesk_amounts_later", lines.env.context)

    def test_same_as_one_by_one(self):
        names = [
            "account_id",
            "amount",
            "company_id",
            "currency_id",
            "employee_id",
            "order_id",
            "partner_id",
            "product_uom_id",
            "project_id",
            "so_line",
            "timesheet_invoice_type",
            "unit_amount",
            "user_id",
        ]
        values = self._prepare_values()
        together = self._create(values)
        alone = together.browse(self._create([vals]).id for vals in values)

        def read(lines):
            return [{name: line[name] for name in names} for line in lines.sudo()]

        self.assertEqual(read(together), read(alone))

    def test_amounts_follow_a_change_of_many_lines(self):
        lines = self._create(self._prepare_values())
        lines.write({"employee_id": self.employee_2.id})
        self.assertEqual(
            lines.mapped("amount"), [-55.0, -55.0, -55.0, -137.5, 27.5, -165.0]
        )
        lines.write({"unit_amount": 2.0})
        self.assertEqual(set(lines.mapped("amount")), {-110.0})
        self.assertDelivered(self.item_a, 6.0)
        self.assertDelivered(self.item_b, 4.0)
