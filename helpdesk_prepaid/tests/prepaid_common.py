from datetime import timedelta

from odoo import fields

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


class PrepaidCommon(ReinvoiceCommon):
    """The world of time and money with packs of hours: customer Alpha has one of five
    hours, and an item billed by time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.prepaid.write({"pack_at_end": "next", "pack_notice_levels": "80, 100"})
        cls.pack = cls._new_pack(5.0)
        cls.ticket = cls._new_ticket("Printer", partner_id=cls.customer_a.id)
        cls.ticket.sale_line_id = cls.pack

    @classmethod
    def _new_pack(cls, hours, partner=None, product=None, **values):
        """A pack of some hours that was sold; fields of its item in ``values``."""
        pack = cls._new_item(partner or cls.customer_a, product or cls.prepaid, hours)
        if values:
            pack.write(values)
        return pack

    @classmethod
    def _day(cls, days):
        """A day so many days from today."""
        return cls.today + timedelta(days=days)

    @classmethod
    def _lines(cls, *tickets):
        """Time on tickets, in the order in which it was recorded."""
        Line = cls.env["account.analytic.line"].sudo()
        tickets = tickets or (cls.ticket,)
        ids = [ticket.id for ticket in tickets]
        return Line.search([("helpdesk_ticket_id", "in", ids)], order="id")

    def assertTime(self, expected, *tickets):
        """Time on tickets: worked hours, item, and whether it waits for a pack."""
        self.env.flush_all()
        found = [
            (round(line.unit_amount, 4), line.so_line, line.waits_for_pack)
            for line in self._lines(*tickets)
        ]
        named = [(*row, False)[:3] for row in expected]
        self.assertEqual(found, named)
