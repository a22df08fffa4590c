from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.helpdesk_timesheet_reinvoice.tests.test_down_payments import (
    DownPaymentCommon,
)


@tagged("post_install", "-at_install")
class TestStatementOfInvoices(DownPaymentCommon):
    """The figures where invoices are unusual: beside down payments, on credit notes
    that bill, and from the former invoicing app."""

    def assertStatement(self, billed, opened, credited=0.0):
        self.env.flush_all()
        self.env.invalidate_all()
        statement = self.env["helpdesk.time.statement"].browse(self.item.id)
        statement = statement.with_user(self.seller)
        self.assertAlmostEqual(statement.billed_hours, billed, 2)
        self.assertAlmostEqual(statement.open_hours, opened, 2)
        self.assertAlmostEqual(statement.credited_hours, credited, 2)
        self.assertFalse(statement.alarm)

    def test_percentage_paid_beforehand(self):
        self._pay_down("percentage", amount=30.0)
        self._post(self._bill(end=date(2026, 1, 31)))
        self.assertStatement(billed=4.0, opened=6.0)
        self._bill()
        self.assertStatement(billed=10.0, opened=0.0)

    def test_more_was_paid_than_is_delivered(self):
        """The order makes a credit note, which bills the hours."""
        self._pay_down("fixed", fixed_amount=1500.0)
        self.assertStatement(billed=0.0, opened=10.0)
        note = self._bill()
        self.assertStatement(billed=10.0, opened=0.0)
        self._post(note)
        late = self._log(self.ticket, 3.0)
        invoice = self._post(self._bill())
        self.assertBilled(invoice, late)
        self._credit(invoice, [1.0])
        self.assertStatement(billed=12.0, opened=0.0, credited=1.0)

    def test_correction_outside_of_the_period(self):
        self._pay_down("fixed", fixed_amount=1500.0)
        self._log(self.ticket, -3.0, date=date(2026, 3, 2))
        self._bill(end=date(2026, 1, 31))
        self.assertStatement(billed=4.0, opened=3.0)

    def test_former_invoicing_app(self):
        """Its invoices are cancelled entries that count as paid."""
        invoice = self._post(self._bill())
        self.env.flush_all()
        for statement in (
            "UPDATE account_move SET state = 'cancel',"
            " payment_state = 'invoicing_legacy' WHERE id = %s RETURNING id",
            "UPDATE account_move_line SET parent_state = 'cancel'"
            " WHERE move_id = %s RETURNING id",
        ):
            self.env.execute_query(SQL(statement, invoice.id))
        self.env.invalidate_all()
        self._log(self.ticket, 2.0)
        self._bill(start=date(2026, 1, 1))
        self.assertStatement(billed=12.0, opened=0.0)
