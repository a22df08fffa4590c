from datetime import date

from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from .invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestTimeOnInvoice(InvoiceCommon):
    """The lines of work on the printed invoice, and the days it is about."""

    def _print(self, invoice, user=None):
        Report = self.env["ir.actions.report"].with_user(user or self.accountant)
        content = Report._render_qweb_html("account.report_invoice", invoice.ids)[0]
        return html.fromstring(content)

    def _rows(self, page, place):
        """Texts of the cells below an invoice line, or in the annex."""
        body = page.xpath(f"//*[@name='{place}']//tbody/tr")
        return [[cell.text_content().strip() for cell in row] for row in body]

    # === LINES OF WORK === #

    def test_printed_where_team_or_customer_want_it(self):
        invoice = self._bill()
        for team, customer, place in (
            ("none", False, None),
            ("below", False, "time_below"),
            ("annex", False, "time_annex"),
            ("below", "annex", "time_annex"),
            ("none", "below", "time_below"),
            ("annex", "none", None),
        ):
            with self.subTest(team=team, customer=customer):
                self.team.time_on_invoice = team
                self.customer_a.helpdesk_time_on_invoice = customer
                page = self._print(invoice)
                found = [
                    name
                    for name in ("time_below", "time_annex")
                    if self._rows(page, name)
                ]
                self.assertEqual(found, [place] if place else [])

    def test_date_person_text_and_hours(self):
        self.line_2.write({"name": "Cable replaced", "internal_note": "Rude caller"})
        self.line_2.with_user(self.manager).action_write_off(1.5, "Goodwill")
        self.team.time_on_invoice = "below"
        page = self._print(self._bill())
        rows = self._rows(page, "time_below")
        person = self.agent.name
        self.assertEqual(
            rows,
            [
                [self.ticket.display_name, "10.00", "8.50"],
                ["01/15/2026", person, "Work", "4.00", "4.00"],
                ["02/16/2026", person, "Cable replaced", "6.00", "4.50"],
            ],
        )
        self.assertNotIn("Rude caller", page.text_content())

    def test_rounded_hours_add_up_to_the_quantity(self):
        """Thirds of an hour, on two tickets."""
        item = self._new_item(self.customer_a)
        self.ticket_a2.sale_line_id = item
        other = self.ticket_a2.copy({"name": "Other"})
        other.sale_line_id = item
        for ticket in (self.ticket_a2, other):
            for _number in range(5):
                self._log(ticket, 1 / 3, date=date(2026, 2, 3))
        item.order_id.user_id = self.seller
        self.team.time_on_invoice = "below"
        invoice = self._bill(item.order_id)
        rows = self._rows(self._print(invoice), "time_below")
        quantity = self._product_lines(invoice).quantity
        hours = [float(row[-1]) for row in rows if len(row) == 4]
        self.assertEqual(len(hours), 10)
        self.assertAlmostEqual(sum(hours), quantity, 2)
        self.assertEqual(rows[-1], ["Total", f"{quantity:.2f}"])
        text = self._product_lines(invoice).name
        for name, total in (row for row in rows[:-1] if len(row) == 2):
            self.assertIn(f"{name}: {total} h", text)

    def test_each_ticket_below_its_line(self):
        self.team.write({"split_invoice_by_ticket": True, "time_on_invoice": "below"})
        self._log(self.ticket_a2, 2.0, name="Second", date=date(2026, 2, 17))
        page = self._print(self._bill())
        below = page.xpath("//tr[@name='time_below']")
        self.assertEqual(len(below), 2)
        self.assertIn("Second", below[1].text_content())
        self.assertNotIn("Second", below[0].text_content())

    def test_credit_note_and_what_is_left_of_the_invoice(self):
        self.team.time_on_invoice = "annex"
        invoice = self._post(self._bill())
        before = self._rows(self._print(invoice), "time_annex")
        note = invoice._create_time_credit(self.line_2, "Mistake")
        for state in ("draft", "posted"):
            if state == "posted":
                self._post(note)
            rows = self._rows(self._print(note), "time_annex")
            self.assertEqual(rows[0][-1], "6.00")
            self.assertEqual(len(rows), 2)
        self.assertEqual(self._rows(self._print(invoice), "time_annex"), before)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer_a.lang = "fr_FR"
        self.team.time_on_invoice = "below"
        rows = self._rows(self._print(self._bill()), "time_below")
        self.assertEqual(rows[1][0], "15/01/2026")
        self.assertEqual(rows[1][-1], "4,00")

    # === SERVICE PERIOD === #

    def test_service_period_and_delivery_date(self):
        invoice = self._bill()
        self.assertFalse(invoice.delivery_date)
        self._post(invoice)
        self.assertEqual(invoice.delivery_date, date(2026, 2, 16))
        page = self._print(invoice)
        period = page.xpath("//div[@name='service_period']")[0].text_content()
        self.assertEqual(
            period.split(), ["Service", "Period", "01/15/2026", "–", "02/16/2026"]
        )

    def test_delivery_date_follows_a_draft(self):
        invoice = self._post(self._bill())
        invoice.button_draft()
        self.assertFalse(invoice.delivery_date)
        self.line_2.action_remove_from_invoice()
        self.assertEqual(self._post(invoice).delivery_date, date(2026, 1, 15))

    def test_delivery_date_of_a_person_stays(self):
        invoice = self._bill()
        invoice.delivery_date = date(2026, 3, 1)
        self.assertEqual(self._post(invoice).delivery_date, date(2026, 3, 1))
        invoice.button_draft()
        self.assertEqual(invoice.delivery_date, date(2026, 3, 1))

    def test_invoice_without_ticket_time(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer_a.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5.0})],
            }
        )
        self._post(invoice)
        self.assertFalse(invoice.delivery_date)
        self.assertFalse(self._print(invoice).xpath("//div[@name='service_period']"))
