from lxml import etree

from odoo.tests import tagged

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invoice_common import InvoiceCommon


@tagged("post_install", "-at_install")
class TestServicePeriod(InvoiceCommon):
    """Electronic invoices say from when to when it was worked, line by line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        country = cls.env.ref("base.be")
        partners = cls.customer_a | cls.company.partner_id
        partners.write(
            {"country_id": country.id, "vat": "BE0477472701", "city": "Ghent"}
        )
        cls.invoice = cls._post(cls._bill())

    def _export(self, model, invoice):
        content = self.env[model]._export_invoice(invoice)[0]
        return etree.fromstring(content)

    def _texts(self, tree, path):
        names = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}
        return [node.text for node in tree.xpath(path, namespaces=names)]

    def test_ubl(self):
        for model in ("account.edi.xml.ubl_21", "account.edi.xml.ubl_bis3"):
            with self.subTest(model):
                tree = self._export(model, self.invoice)
                days = self._texts(tree, "//cac:InvoiceLine/cac:InvoicePeriod/*")
                self.assertEqual(days, ["2026-01-15", "2026-02-16"])
                days = self._texts(tree, "//cbc:ActualDeliveryDate")
                self.assertEqual(days, ["2026-02-16"])

    def test_credit_note(self):
        note = self._post(self.invoice._create_time_credit(self.line_2, "Mistake"))
        tree = self._export("account.edi.xml.ubl_bis3", note)
        days = self._texts(tree, "//cac:CreditNoteLine/cac:InvoicePeriod/*")
        self.assertEqual(days, ["2026-02-16", "2026-02-16"])

    def test_cii(self):
        tree = self._export("account.edi.xml.cii", self.invoice)
        line = "//ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod"
        days = self._texts(tree, f"{line}//udt:DateTimeString")
        self.assertEqual(days, ["20260115", "20260216"])
        head = "//ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod"
        first, last = self._texts(tree, f"{head}//udt:DateTimeString")
        self.assertLessEqual(first, "20260115")
        self.assertGreaterEqual(last, "20260216")
