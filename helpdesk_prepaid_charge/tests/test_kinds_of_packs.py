from odoo.tests import tagged

from odoo.addons.helpdesk_prepaid.tests.prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestKindsOfPacks(PrepaidCommon):
    """Packs serve the kinds of work that their product names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = cls.env["helpdesk.work.type"].create(
            [{"name": "Remote"}, {"name": "On Site"}]
        )
        cls.remote, cls.on_site = kinds
        product = cls._new_service("Remote pack", "ordered_prepaid")
        product.pack_work_type_ids = cls.remote
        cls.second = cls._new_pack(5.0, product=product)

    def test_only_their_own_kinds(self):
        self._log(self.ticket, 5.0)
        self._log(self.ticket, 1.0, work_type_id=self.on_site.id)
        self._log(self.ticket, 2.0, work_type_id=self.remote.id)
        self.assertTime([(5.0, self.pack), (1.0, self.pack, True), (2.0, self.second)])

    def test_a_chosen_pack_bills_every_kind(self):
        self.ticket.sale_line_id = self.second
        self._log(self.ticket, 1.0, work_type_id=self.on_site.id)
        self.assertTime([(1.0, self.second)])
