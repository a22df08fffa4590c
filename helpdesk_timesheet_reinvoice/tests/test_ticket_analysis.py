from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .invoice_common import InvoiceCommon

MEASURES = {
    "total_hours_spent": "spent",
    "hours_to_invoice": "to_invoice",
    "hours_invoiced": "invoiced",
    "hours_covered": "covered",
}


@tagged("post_install", "-at_install")
class TestTicketAnalysis(InvoiceCommon):
    """Tickets Analysis sums up the hours that the tickets show."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack = cls._new_item(cls.customer_a, cls.prepaid, 20.0)
        cls.pack_ticket, cls.pack_ticket_2 = (
            cls.ticket.copy({"name": name, "sale_line_id": cls.pack.id})
            for name in ("Pack", "Pack again")
        )
        cls._log(cls.pack_ticket, 2.5)
        cls._log(cls.pack_ticket_2, 3.0)
        cls._log(cls.ticket_b, 1.25)
        cls._log(cls.ticket_a2, 2.0).action_write_off(2.0, "Goodwill")
        cls._bill(cls.order_a, end=date(2026, 1, 31))
        cls.tickets = (
            cls.ticket | cls.ticket_a2 | cls.ticket_b | cls.pack_ticket
        ) | cls.pack_ticket_2

    def _read_sums(self, measures, user=None, by="partner_id"):
        self.env.flush_all()
        tickets = self.env["helpdesk.ticket"].with_user(user or self.agent)
        return tickets._read_group(
            [("id", "in", self.tickets.ids)], [by], [f"{name}:sum" for name in measures]
        )

    def test_sums_are_the_figures_of_the_tickets(self):
        groups = self._read_sums(MEASURES)
        self.assertEqual(len(groups), len(self.tickets.partner_id))
        for partner, *sums in groups:
            tickets = self.tickets.filtered(
                lambda ticket, partner=partner: ticket.partner_id == partner
            )
            hours = tickets._read_hours()
            for (name, key), shown in zip(MEASURES.items(), sums, strict=True):
                expected = sum(hours[ticket.id][key] for ticket in tickets)
                self.assertAlmostEqual(shown or 0.0, expected, 6, name)
                self.assertAlmostEqual(sum(tickets.mapped(name)), expected, 6, name)
        self.assertEqual(sum(sums[1] for _partner, *sums in groups), 6.0 + 1.25)

    def test_a_pack_counts_once(self):
        ((_team, left),) = self._read_sums(["remaining_hours_so"], by="team_id")
        self.assertAlmostEqual(left, 20.0 - 2.5 - 3.0)
        self.assertAlmostEqual(self.pack_ticket.remaining_hours_so, left)

    def test_screens_offer_the_measures(self):
        fields = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .fields_get([*MEASURES, "remaining_hours_so"], ["aggregator"])
        )
        self.assertEqual({field["aggregator"] for field in fields.values()}, {"sum"})

    def test_customers_read_no_sums(self):
        with self.assertRaises(AccessError):
            self._read_sums(["total_hours_spent"], self.portal_a)

    def test_one_query_however_many(self):
        self._read_sums(MEASURES)
        with self.assertQueryCount(1):
            self._read_sums(MEASURES)
