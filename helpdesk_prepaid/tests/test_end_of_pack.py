from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.helpdesk_prepaid import _let_packs_go

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestEndOfPack(PrepaidCommon):
    """Work that crosses the end of a pack is cut in two lines of the same work."""

    def _cross(self, hours=7.0, at_end="item", **values):
        """Record more hours than the pack has."""
        self.pack.write({"pack_at_end": at_end, **values})
        return self._log(self.ticket, hours)

    def test_the_rest_goes_to_the_named_item(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        self.assertTime([(5.0, self.pack), (2.0, self.item_a)])
        rest = line.split_line_ids
        self.assertEqual(rest.split_from_id, line)
        for name in ("name", "date", "employee_id", "user_id", "helpdesk_ticket_id"):
            self.assertEqual(rest[name], line[name], name)
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 2.0)
        self.assertEqual(self.pack.remaining_hours, 0.0)
        self.assertIn("used up", rest.so_line_reason)

    def test_the_rest_goes_to_the_packs_that_end_first(self):
        late = self._new_pack(5.0, pack_valid_until=self._day(90))
        soon = self._new_pack(1.0, pack_valid_until=self._day(30))
        self._cross(at_end="next")
        self.assertTime([(5.0, self.pack), (1.0, soon), (1.0, late)])

    def test_without_a_next_pack_the_rest_waits(self):
        line = self._cross(at_end="next")
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])
        self.assertDelivered(self.pack, 5.0)
        waits = line.split_line_ids
        self.assertIn("Waits for another pack", waits.so_line_reason)
        Line = self.env["account.analytic.line"]
        self.assertEqual(Line.search(Line._domain_time("waiting")), waits)
        self.assertEqual(self.ticket.hours_covered, 5.0)
        pack = self._new_pack(4.0)
        self.assertTime([(5.0, self.pack), (2.0, pack)])
        self.assertDelivered(pack, 2.0)

    def test_below_zero_where_it_may(self):
        self._cross(at_end="continue")
        self.assertTime([(7.0, self.pack)])
        self.assertEqual(self.pack.remaining_hours, -2.0)

    def test_a_full_pack_leaves_whole_entries_to_the_next(self):
        self._cross(5.0, pack_next_line_id=self.item_a.id)
        line = self._log(self.ticket, 1.5)
        self.assertTime([(5.0, self.pack), (1.5, self.item_a)])
        self.assertFalse(line.is_piece)

    def test_hours_of_the_first_line_are_those_of_the_work(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.with_user(self.agent).write({"unit_amount": 6.0})
        self.assertTime([(5.0, self.pack), (1.0, self.item_a)])
        line.with_user(self.agent).write({"unit_amount": 4.0})
        self.assertTime([(4.0, self.pack)])
        self.assertFalse(line.is_piece)
        line.with_user(self.agent).write({"unit_amount": 8.0})
        self.assertTime([(5.0, self.pack), (3.0, self.item_a)])

    def test_hours_and_text_in_one_go(self):
        """As a form sends them: hours of one line, text of all of them."""
        line = self._cross(pack_next_line_id=self.item_a.id)
        values = {"name": "Toner", "unit_amount": 6.0}
        line.with_user(self.agent).write(values)
        self.assertTime([(5.0, self.pack), (1.0, self.item_a)])
        values = {"name": "Drum", "unit_amount": 0.5}
        line.split_line_ids.with_user(self.agent).write(values)
        self.assertTime([(5.0, self.pack), (0.5, self.item_a)])
        self.assertEqual(set(self._lines().mapped("name")), {"Drum"})

    def test_a_part_that_was_waived_stays(self):
        line = self._cross(at_end="wait")
        waits = line.split_line_ids
        waits.with_user(self.manager).action_write_off(2.0, "Goodwill")
        line.with_user(self.agent).write({"unit_amount": 6.0})
        self.assertTime([(4.0, self.pack), (2.0, self.pack)])
        self.assertEqual(waits.hours_written_off, 2.0)
        self.assertDelivered(self.pack, 4.0)

    def test_a_whole_entry_that_leaves_makes_room_for_what_waits(self):
        """What a person said of it is not cut: it needs more than the pack has."""
        self.pack.pack_at_end = "wait"
        whole = self._log(self.ticket, 4.0)
        self._log(self.ticket, 2.0)
        self.assertTime([(4.0, self.pack), (1.0, self.pack), (1.0, self.pack, True)])
        self.manager.group_ids |= self.env.ref(
            "hr_timesheet.group_hr_timesheet_approver"
        )
        values = {"billable_hours": 8.0, "billable_hours_reason": "Agreed"}
        whole.with_user(self.manager).write(values)
        self.assertTime([(4.0, self.pack, True), (2.0, self.pack)])

    def test_what_waited_for_the_pack_of_a_rate_that_goes(self):
        """It is on the pack of its ticket now, as far as that has hours."""
        self.pack.pack_at_end = "wait"
        of_rate = self._new_pack(1.0, pack_at_end="wait")
        rates = self.env["project.sale.line.employee.map"]
        rate = rates.create(
            {
                "project_id": self.project.id,
                "employee_id": self.employee.id,
                "sale_line_id": of_rate.id,
            }
        )
        self._log(self.ticket, 1.0)
        self._log(self.ticket, 6.0)
        self.assertTime([(1.0, of_rate), (6.0, of_rate, True)])
        rate.unlink()
        self.env.cr.flush()  # as at the end of a request
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(of_rate, 0.0)
        self.assertEqual(sum(self._lines().mapped("unit_amount")), 7.0)

    def test_a_cancelled_order_gives_its_parts_back(self):
        self._cross(pack_next_line_id=self.item_a.id)
        self.order_a._action_cancel()
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])
        self.order_a.action_draft()
        self.order_a.action_confirm()
        self.assertTime([(5.0, self.pack), (2.0, self.item_a)])

    def test_hours_of_another_part_are_its_own(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.split_line_ids.with_user(self.agent).write({"unit_amount": 0.5})
        self.assertTime([(5.0, self.pack), (0.5, self.item_a)])

    def test_a_part_that_is_joined_by_what_was_written(self):
        """By call it is written, on a screen the whole work is shown in its place."""
        other = self._new_item(self.customer_a)
        for at_once in (False, True):
            line = self._cross(pack_next_line_id=self.item_a.id)
            part = line.split_line_ids.sudo()
            values = {"so_line": other.id, "is_so_line_edited": True}
            line.sudo().write(values)
            if at_once:
                shown = part.web_save(values, {"unit_amount": {}, "so_line": {}})
                whole = {"id": line.id, "unit_amount": 7.0, "so_line": other.id}
                self.assertEqual(shown, [whole])
            else:
                part.write(values)
            self.assertFalse(part.exists())
            self.assertTime([(7.0, other)])
            line.unlink()

    def test_parts_beside_one_that_was_written_off(self):
        """They are dealt one by one, and bill what they billed before."""
        follows = [self._new_pack(hours) for hours in (3.0, 2.0)]
        line = self._cross(12.0, at_end="next")
        line.sudo().action_write_off(2.5, "Goodwill")
        self.pack._deal_packs()
        self.env.flush_all()
        for pack in (self.pack, *follows):
            lines = self._lines().filtered(lambda x, item=pack: x.so_line == item)
            counted = lines.filtered(lambda x: not x.waits_for_pack)
            hours = sum(counted.mapped("billable_hours"))
            self.assertDelivered(pack, hours)
            self.assertLessEqual(hours, pack.product_uom_qty + 0.001)
        self.assertAlmostEqual(sum(self._lines().mapped("billable_hours")), 9.5)
        self.assertAlmostEqual(sum(self._lines().mapped("unit_amount")), 12.0)

    def test_a_pack_that_is_handed_to_another_customer(self):
        """Work that left it is dealt as if it had not been there."""
        self.ticket.sale_line_id = self.item_a
        rate = {
            "project_id": self.project.id,
            "employee_id": self.employee.id,
            "sale_line_id": self.pack.id,
        }
        self.env["project.sale.line.employee.map"].create(rate)
        other = self._new_item(self.customer_a)
        self._cross(pack_next_line_id=other.id)
        self.assertTime([(5.0, self.pack), (2.0, other)])
        self.pack.order_id.partner_id = self.customer_b
        self.assertTime([(7.0, self.item_a)])

    def test_a_pack_set_by_hand_ends_with_its_customer(self):
        """Its parts are one again on the ticket of another customer."""
        self.ticket.sale_line_id = self.item_a
        line = self._log(self.ticket, 7.0)
        line.with_user(self.agent).so_line = self.pack
        self.assertEqual(len(self._lines()), 2)
        other = self._new_ticket("Other", partner_id=self.customer_b.id)
        other.sale_line_id = self.item_b
        line.with_user(self.agent).helpdesk_ticket_id = other
        self.assertTime([(7.0, self.item_b)], other)
        self.assertTime([])

    def test_a_part_is_corrected_below_zero(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.with_user(self.agent).unit_amount = -2.0
        self.assertTime([(-2.0, self.pack)])

    def test_all_parts_are_given_to_no_item_at_once(self):
        self._new_pack(2.0)
        self._new_pack(3.0)
        self._log(self.ticket, 9.0)
        self._lines().with_user(self.agent).write({"so_line": False})
        self.assertTime([(9.0, self.env["sale.order.line"])])

    def test_a_part_of_no_hours(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.split_line_ids.with_user(self.agent).write({"unit_amount": 0.0})
        self.assertTime([(5.0, self.pack)])
        self.assertFalse(line.is_piece)

    def test_text_and_day_are_those_of_all_parts(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.with_user(self.agent).write({"name": "Toner", "date": self._day(-1)})
        self.assertEqual(set(self._lines().mapped("name")), {"Toner"})
        self.assertEqual(set(self._lines().mapped("date")), {self._day(-1)})

    def test_earlier_time_that_goes_makes_room(self):
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        first = self._log(self.ticket, 4.0)
        self._log(self.ticket, 3.0)
        self.assertTime([(4.0, self.pack), (1.0, self.pack), (2.0, self.item_a)])
        first.with_user(self.agent).unlink()
        self.assertTime([(3.0, self.pack)])
        self.assertDelivered(self.item_a, 0.0)

    def test_deleting_the_work_deletes_its_parts(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        line.with_user(self.agent).unlink()
        self.assertFalse(self._lines())

    def test_a_pack_that_grows_takes_its_work_back(self):
        self._cross(pack_next_line_id=self.item_a.id)
        self.pack.product_uom_qty = 6.0
        self.assertTime([(6.0, self.pack), (1.0, self.item_a)])
        self.pack.product_uom_qty = 10.0
        self.assertTime([(7.0, self.pack)])
        self.assertDelivered(self.item_a, 0.0)

    def test_a_pack_that_shrinks_lets_the_newest_go(self):
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        self._log(self.ticket, 2.0)
        self._log(self.ticket, 2.0)
        self.pack.product_uom_qty = 3.0
        self.assertTime([(2.0, self.pack), (1.0, self.pack), (1.0, self.item_a)])

    def test_billed_parts_stay(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        self._invoice(self.order_a)
        self.pack.product_uom_qty = 10.0
        self.assertTime([(5.0, self.pack), (2.0, self.item_a)])
        line.with_user(self.agent).write({"unit_amount": 9.0})
        self.assertTime([(7.0, self.pack), (2.0, self.item_a)])
        with self.assertRaisesRegex(UserError, "billed already"):
            line.with_user(self.agent).write({"unit_amount": 1.0})

    def test_what_an_invoice_lets_go_comes_back_to_its_pack(self):
        """However it does, once the pack has hours for it again."""
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        self._log(self.ticket, 5.0)
        self._log(self.ticket, 2.0)

        def delete(invoice):
            invoice.unlink()

        def take_off(invoice):
            invoice.invoice_line_ids.quantity = 0.0

        for let_go in (type(self.env["account.move"]).button_cancel, delete, take_off):
            invoice = self._invoice(self.order_a)
            self.pack.product_uom_qty = 10.0
            self.assertTime([(5.0, self.pack), (2.0, self.item_a)])
            let_go(invoice)
            self.env.cr.flush()  # as at the end of a request
            self.assertTime([(5.0, self.pack), (2.0, self.pack)])
            self.assertDelivered(self.item_a, 0.0)
            self.pack.product_uom_qty = 5.0
            self.assertTime([(5.0, self.pack), (2.0, self.item_a)])

    def test_work_that_goes_to_another_ticket_is_one_again(self):
        line = self._cross(pack_next_line_id=self.item_a.id)
        other = self._new_ticket("Other", partner_id=self.customer_a.id)
        other.sale_line_id = self.item_a
        line.with_user(self.agent).write({"helpdesk_ticket_id": other.id})
        self.assertTime([(7.0, self.item_a)], other)
        self.assertTime([])

    def test_a_ticket_that_gets_another_item_takes_all_along(self):
        self._cross(at_end="wait")
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])
        self.ticket.sale_line_id = self.item_a
        self.assertTime([(7.0, self.item_a)])
        self.ticket.sale_line_id = self.pack
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])

    def test_time_of_two_tickets_shares_a_pack(self):
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        other = self._new_ticket("Other", partner_id=self.customer_a.id)
        other.sale_line_id = self.pack
        self._log(self.ticket, 3.0)
        self._log(other, 3.0, user=self.agent_2)
        self.assertTime([(3.0, self.pack)])
        self.assertTime([(2.0, self.pack), (1.0, self.item_a)], other)

    def test_what_a_person_set_by_hand_waits(self):
        """A choice is kept: what the pack has no hours for waits on it."""
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        self.ticket.sale_line_id = self.item_a
        line = self._log(self.ticket, 7.0)
        line.with_user(self.agent).write({"so_line": self.pack.id})
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])
        self.assertTrue(all(self._lines().mapped("is_so_line_edited")))

    def test_what_waits_can_be_waived(self):
        self._cross(at_end="wait")
        waits = self._lines().filtered("waits_for_pack")
        waits.with_user(self.manager).action_write_off(2.0, "Goodwill")
        self.assertTime([(5.0, self.pack), (2.0, self.pack, False)])
        self.assertDelivered(self.pack, 5.0)

    def test_nothing_waits_once_the_addon_is_gone(self):
        self._cross(at_end="wait")
        _let_packs_go(self.env)
        self.assertTime([(5.0, self.pack), (2.0, self.pack)])
        self.assertDelivered(self.pack, 7.0)

    def test_packs_in_packs_of_hours(self):
        unit = self.env.ref("helpdesk_prepaid.uom_pack_5")
        product = self._new_service("Pack of 5", "ordered_prepaid", unit)
        product.pack_at_end = "wait"
        pack = self._new_pack(2.0, product=product)
        self.ticket.sale_line_id = pack
        self._log(self.ticket, 12.0)
        self.assertTime([(10.0, pack), (2.0, pack, True)])
        self.assertDelivered(pack, 2.0)

    def test_a_correction_gives_hours_back(self):
        self._cross(at_end="wait")
        self._log(self.ticket, -1.0)
        self.assertTime([(6.0, self.pack), (1.0, self.pack, True), (-1.0, self.pack)])

    def test_a_batch_is_dealt_as_one(self):
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        vals = {
            "helpdesk_ticket_id": self.ticket.id,
            "name": "Work",
            "unit_amount": 2.0,
        }
        Line = self.env["account.analytic.line"].with_user(self.agent)
        Line.create([dict(vals) for _index in range(4)])
        self.assertDelivered(self.pack, 5.0)
        self.assertDelivered(self.item_a, 3.0)
        self.assertEqual(sum(self._lines().mapped("unit_amount")), 8.0)

    def test_nobody_writes_how_it_is_dealt(self):
        line = self._cross(at_end="wait")
        for name, value in (("waits_for_pack", False), ("piece_hours", 9.0)):
            with self.assertRaises(UserError):
                self._lines().with_user(self.agent).write({name: value})
        self.assertTrue(line.split_line_ids.waits_for_pack)

    def test_a_pack_is_followed_by_items_of_the_customer(self):
        for item in (self.item_b, self.pack):
            with self.assertRaises(UserError):
                self.pack.write({"pack_next_line_id": item.id})

    def test_a_named_item_that_went_to_another_customer_bills_nothing(self):
        """Recording is not refused; the rest waits."""
        self.pack.write({"pack_at_end": "item", "pack_next_line_id": self.item_a.id})
        self.order_a.partner_id = self.customer_b
        self._log(self.ticket, 7.0)
        self.assertTime([(5.0, self.pack), (2.0, self.pack, True)])

    def test_a_ring_of_packs_ends(self):
        second = self._new_pack(1.0, pack_at_end="item")
        second.pack_next_line_id = self.pack
        self._cross(7.0, pack_next_line_id=second.id)
        self.assertTime([(5.0, self.pack), (1.0, second), (1.0, self.pack, True)])

    def test_an_order_with_a_pack_and_its_successor(self):
        order = self._new_order(self.customer_a, (self.prepaid, 1), (self.service, 1))
        pack, item = order.order_line
        order.with_user(self.salesman).write(
            {
                "order_line": [
                    Command.update(
                        pack.id, {"pack_at_end": "item", "pack_next_line_id": item.id}
                    )
                ]
            }
        )
        self.ticket.sale_line_id = pack
        self._log(self.ticket, 3.0)
        self.assertTime([(1.0, pack), (2.0, item)])
