from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestValidity(PrepaidCommon):
    """A pack bills work of its days; the others are used in their order."""

    def test_a_pack_is_valid_for_the_months_of_its_product(self):
        self.prepaid.pack_validity_months = 1
        pack = self._new_pack(5.0)
        self.assertEqual(pack.pack_valid_from, self.today)
        self.assertGreater(pack.pack_valid_until, self._day(26))
        self.assertFalse(self.pack.pack_valid_until)

    def test_every_process_hears_of_the_first_pack(self):
        """Also where this one was not asked before: others know that there is none."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET pack_at_end = 'continue', pack_valid_from = NULL,"
            " pack_valid_until = NULL, price_before_id = NULL"
        )
        self.env.invalidate_all()
        registry = self.env.registry
        for vals in ({"pack_at_end": "wait"}, {"pack_valid_until": self._day(9)}):
            registry.clear_cache()
            registry.cache_invalidated.clear()
            self.pack.write(vals)
            self.assertIn("default", registry.cache_invalidated, vals)

    def test_work_of_other_days_is_not_billed_on_it(self):
        self.pack.pack_valid_from = self._day(-10)
        self.pack.pack_valid_until = self._day(-5)
        line = self._log(self.ticket, 1.0, date=self._day(-5))
        late = self._log(self.ticket, 2.0)
        early = self._log(self.ticket, 3.0, date=self._day(-11))
        self.assertTime(
            [(1.0, self.pack), (2.0, self.pack.browse()), (3.0, self.pack.browse())]
        )
        self.assertFalse(line.split_line_ids)
        for outside in (late, early):
            self.assertIn("no pack of the customer is valid", outside.so_line_reason)

    def test_a_pack_sold_later_bills_them(self):
        self.pack.pack_valid_until = self._day(-5)
        self._log(self.ticket, 2.0)
        pack = self._new_pack(5.0)
        self.assertTime([(2.0, pack)])
        self.assertDelivered(pack, 2.0)

    def test_the_day_decides_not_the_day_of_recording(self):
        self.pack.pack_valid_until = self._day(-1)
        pack = self._new_pack(5.0)
        line = self._log(self.ticket, 1.0)
        self.assertTime([(1.0, pack)])
        line.with_user(self.agent).write({"date": self._day(-1)})
        self.assertTime([(1.0, self.pack)])
        self.assertDelivered(pack, 0.0)

    def test_changing_the_days_moves_open_time(self):
        other = self._new_pack(5.0)
        self._log(self.ticket, 1.0)
        self.pack.pack_valid_until = self._day(-1)
        self.assertTime([(1.0, other)])
        self.pack.pack_valid_until = False
        self.assertTime([(1.0, self.pack)])

    def test_changing_the_days_joins_what_was_cut(self):
        """Both parts of some work leave a pack that is not valid any more."""
        self._log(self.ticket, 3.0)
        self._log(self.ticket, 2.5)
        self.assertTime([(3.0, self.pack), (2.0, self.pack), (0.5, self.pack, True)])
        self.pack.pack_valid_until = self._day(-1)
        self.assertTime([(3.0, self.pack.browse()), (2.5, self.pack.browse())])
        self.pack.pack_valid_until = False
        self.assertTime([(3.0, self.pack), (2.0, self.pack), (0.5, self.pack, True)])

    def test_the_pack_that_ends_first_is_proposed(self):
        self.prepaid.pack_validity_months = 12
        self._new_pack(5.0)
        soon = self._new_pack(5.0, pack_valid_until=self._day(20))
        self._new_pack(5.0, pack_valid_until=self._day(-1), pack_valid_from=False)
        ticket = self._new_ticket("Scanner", partner_id=self.customer_a.id)
        self.assertEqual(ticket.sale_line_id, soon)

    def test_the_newest_is_proposed_where_none_ends(self):
        newest = self._new_pack(5.0)
        ticket = self._new_ticket("Scanner", partner_id=self.customer_a.id)
        self.assertEqual(ticket.sale_line_id, newest)

    def test_a_pack_that_has_ended_hides_no_other_item(self):
        self.pack.pack_valid_until = self._day(-1)
        ticket = self._new_ticket("Scanner", partner_id=self.customer_a.id)
        self.assertEqual(ticket.sale_line_id, self.item_a)

    def test_a_pack_of_other_teams_is_left_alone(self):
        product = self._new_service("Pack of the others", "ordered_prepaid")
        product.pack_team_ids = self.team_private
        foreign = self._new_pack(5.0, product=product)
        self._log(self.ticket, 7.0)
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])
        product.pack_team_ids |= self.team
        foreign.pack_valid_until = self._day(9)
        self.assertTime([(5.0, self.pack), (2.0, foreign)])

    def test_nobody_chooses_a_pack_that_is_not_valid(self):
        self.ticket.sale_line_id = self.item_a
        line = self._log(self.ticket, 1.0)
        self.pack.pack_valid_until = self._day(-1)
        with self.assertRaisesRegex(ValidationError, "bills no work of"):
            line.with_user(self.agent).write({"so_line": self.pack.id})

    def test_days_leave_no_chosen_time_out(self):
        self.ticket.sale_line_id = self.item_a
        line = self._log(self.ticket, 1.0)
        line.with_user(self.agent).write({"so_line": self.pack.id})
        with self.assertRaisesRegex(ValidationError, "by hand"):
            self.pack.pack_valid_until = self._day(-1)

    def test_a_renewal_starts_when_its_forerunner_ends(self):
        self.prepaid.write({"pack_start": "previous", "pack_validity_months": 1})
        first = self._new_pack(2.0)
        renewal = self._new_pack(2.0)
        self.assertGreater(renewal.pack_valid_from, first.pack_valid_until)
        self.assertEqual((renewal.pack_valid_from - first.pack_valid_until).days, 1)
        self.ticket.sale_line_id = first
        self.pack.product_uom_qty = 0.0
        self._log(self.ticket, 3.0)
        self.assertTime([(2.0, first), (1.0, renewal)])
        self.assertEqual(renewal.pack_valid_from, self.today)

    def test_asking_starts_no_renewal(self):
        self.prepaid.write({"pack_start": "previous", "pack_validity_months": 1})
        first = self._new_pack(2.0)
        renewal = self._new_pack(2.0)
        self.ticket.sale_line_id = first
        self.pack.product_uom_qty = 0.0
        start = renewal.pack_valid_from
        ticket = self.ticket.with_user(self.agent)
        text = ticket.preview_time({"name": "Work", "hours": 3})
        self.assertIn(renewal.order_id.name, text)
        self.assertEqual(renewal.pack_valid_from, start)

    def test_a_renewal_keeps_the_end_that_a_person_chose(self):
        self.prepaid.pack_start = "previous"
        end = self._day(60)
        renewal = self._new_pack(
            4.0, pack_valid_from=self._day(9), pack_valid_until=end
        )
        self._log(self.ticket, 7.0)
        self.assertTime([(5.0, self.pack), (2.0, renewal)])
        self.assertEqual(renewal.pack_valid_from, self.today)
        self.assertEqual(renewal.pack_valid_until, end)

    def test_days_in_the_wrong_order_are_refused(self):
        with self.assertRaises(UserError):
            self.pack.write(
                {"pack_valid_from": self.today, "pack_valid_until": self._day(-1)}
            )
