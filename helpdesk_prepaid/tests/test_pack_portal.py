from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPackPortal(PrepaidCommon, HttpCase):
    """Customers see their packs, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls._new_pack(8.0, cls.customer_b)
        cls._log(cls.ticket, 1.5, name="Cleaned the drum")

    def _open(self, url, **values):
        if values:
            return self.url_open(url, data=values)
        return self.url_open(url)

    def test_own_packs(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        page = self._open("/my/packs").text
        self.assertIn(f"/my/packs/{self.pack.id}", page)
        self.assertNotIn(f"/my/packs/{self.foreign.id}", page)
        self.assertIn("3:30 left", page)
        page = self._open(f"/my/packs/{self.pack.id}").text
        for text in ("Bought", "05:00", "01:30", "03:30", "Cleaned the drum"):
            self.assertIn(text, page)

    def test_packs_of_others_are_none(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        for path in ("", "?report_type=html"):
            answer = self._open(f"/my/packs/{self.foreign.id}{path}")
            self.assertTrue(answer.url.endswith("/my/packs"))
            self.assertNotIn("8:00", answer.text)

    def test_the_statement_is_a_report(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        page = self._open(f"/my/packs/{self.pack.id}?report_type=html").text
        self.assertIn("Cleaned the drum", page)
        self.assertIn("Left", page)

    def test_the_statement_is_downloaded(self):
        self.authenticate(self.portal_a.login, self.portal_a.login)
        url = f"/my/packs/{self.pack.id}?report_type=pdf&download=true"
        with patch.object(
            type(self.env["ir.actions.report"]),
            "_render_qweb_pdf",
            lambda *args, **kwargs: (b"%PDF-", "pdf"),
        ):
            answer = self._open(url)
        self.assertEqual(answer.status_code, 200)
        name = answer.headers["Content-Disposition"]
        self.assertIn(self.pack.order_id.name, name)

    def test_ask_for_a_renewal(self):
        renewal = self.pack._get_renewal()
        self.assertEqual(renewal.state, "sent")
        item = renewal.order_line
        self.assertEqual((item.product_id, item.product_uom_qty), (self.prepaid, 5.0))
        self.assertEqual(item.pack_renews_id, self.pack)
        self.assertEqual(self.pack._get_renewal(), renewal, "one is enough")
        renewal.action_confirm()
        self.assertNotEqual(self.pack._get_renewal(), renewal)
