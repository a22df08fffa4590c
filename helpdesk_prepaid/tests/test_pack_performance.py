from odoo.tests import tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPackPerformance(PrepaidCommon):
    """What packs cost on top of recording time."""

    def _count(self, record):
        """Queries of recording time, everything warm."""
        for _time in range(2):  # what is known of packs, too
            self._count_queries(record)
        return self._count_queries(record)

    def test_a_line_inside_a_pack(self):
        self.pack.product_uom_qty = 1000.0
        plain = self._count_without_dealing()
        inside = self._count(lambda: self._log(self.ticket, 0.1))
        self.assertLessEqual(inside, plain + 2)

    def test_a_split(self):
        plain = self._count_without_dealing()
        packs = [self._new_pack(1.0) for _index in range(3)]
        for pack in packs:
            pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        tickets = [self._new_ticket("T", partner_id=self.customer_a.id) for _p in packs]
        for ticket, pack in zip(tickets, packs, strict=True):
            ticket.sale_line_id = pack
        todo = iter(tickets)
        split = self._count(lambda: self._log(next(todo), 2.0))
        # a plain line does not read of its item what a pack is asked for
        self.assertLessEqual(split, plain + 12)

    def test_what_waits_is_looked_at_at_once(self):
        """Not once for each line that waits."""
        self._log(self.ticket, 5.0)
        costs = []
        for _index in range(2):
            for _line in range(10):
                last = self._log(self.ticket, 0.5)
            hours = iter((0.25, 0.75, 0.5))
            costs.append(
                self._count(
                    lambda line=last, h=hours: line.write({"unit_amount": next(h)})
                )
            )
        self.assertLessEqual(costs[1], costs[0] + 5)

    def _count_without_dealing(self):
        """Queries on a pack that simply goes below zero, as it does without the addon."""
        at_end, self.pack.pack_at_end = self.pack.pack_at_end, "continue"
        plain = self._count(lambda: self._log(self.ticket, 0.1))
        self.pack.pack_at_end = at_end
        return plain
