from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.helpdesk_prepaid import _know_packs

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPackEndAndNotices(PrepaidCommon):
    """Hours that are left expire or roll over, and people are told in time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer_a.email = "alpha@customer.test"
        cls.pack.order_id.user_id = cls.salesman

    def _run(self, job):
        """Let a scheduled action run."""
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                f"helpdesk_prepaid.ir_cron_{job}_packs"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _end(self, days=30):
        """Let the pack be over since so many days, and the job run."""
        self.pack.pack_valid_until = self._day(-days)
        self._run("expire")

    def assertFigures(self, pack, **expected):
        """The statement of a pack, which adds up."""
        self.env.flush_all()
        figures = pack._get_pack_figures()
        for name, hours in expected.items():
            self.assertAlmostEqual(figures[name], hours, 4, name)
        self.assertAlmostEqual(
            figures["bought"] + figures["rolled_in"],
            sum(figures[name] for name in ("used", "expired", "rolled_out", "left")),
        )
        self.assertAlmostEqual(figures["left"], pack.remaining_hours)

    def test_hours_expire_after_the_days_of_grace(self):
        self._log(self.ticket, 2.0, date=self._day(-40))
        self._end(days=5)
        self.assertFigures(self.pack, bought=5.0, used=2.0, left=3.0)
        self._end(days=6)
        self.assertFigures(self.pack, used=2.0, expired=3.0, left=0.0)
        self._run("expire")
        self.assertEqual(len(self.pack.pack_movement_ids), 1)
        note = self.pack.order_id.message_ids[0].body
        self.assertIn("expired", note)

    def test_hours_of_a_pack_that_is_put_off_are_valid_again(self):
        self.prepaid.write({"pack_rollover": "limit", "pack_rollover_hours": 1.0})
        other = self._new_pack(4.0)
        self._end()
        self.assertFigures(self.pack, rolled_out=1.0, expired=4.0, left=0.0)
        pack = self.pack.with_user(self.salesman)
        pack.pack_valid_until = self._day(-20)
        self.assertFigures(self.pack, expired=4.0, left=0.0)
        pack.pack_valid_until = self._day(20)
        self.assertFigures(self.pack, rolled_out=1.0, expired=0.0, left=4.0)
        self.assertFigures(other, rolled_in=1.0, left=5.0)
        self.assertIn("valid again", self.pack.order_id.message_ids[0].body)
        self._log(self.ticket, 3.0)
        self.assertFigures(self.pack, used=3.0, left=1.0)

    def test_hours_roll_over_up_to_the_limit(self):
        self.prepaid.write({"pack_rollover": "limit", "pack_rollover_hours": 2.0})
        other = self._new_pack(4.0)
        self._end()
        self.assertFigures(self.pack, rolled_out=2.0, expired=3.0, left=0.0)
        self.assertFigures(other, bought=4.0, rolled_in=2.0, left=6.0)

    def test_all_hours_roll_over_and_are_used(self):
        self.prepaid.pack_rollover = "all"
        other = self._new_pack(1.0)
        self._log(self.ticket, 7.0)
        self.assertTime([(5.0, self.pack), (1.0, other), (1.0, self.pack, True)])
        self.pack.product_uom_qty = 5.0
        third = self._new_pack(5.0)
        self.assertTime([(5.0, self.pack), (1.0, other), (1.0, third)])

    def test_rolled_hours_serve_what_waits(self):
        self.prepaid.pack_rollover = "all"
        other = self._new_pack(1.0)
        self.ticket.sale_line_id = other
        self.pack.pack_valid_until = self._day(-30)
        self._log(self.ticket, 3.0)
        self.assertTime([(1.0, other), (2.0, other, True)])
        self._run("expire")
        self.assertTime([(3.0, other)])
        self.assertFigures(other, rolled_in=5.0, used=3.0, left=3.0)

    def test_without_a_next_pack_they_expire(self):
        self.prepaid.pack_rollover = "all"
        self._end()
        self.assertFigures(self.pack, expired=5.0, left=0.0)

    def test_time_that_waits_for_approval_is_not_lost(self):
        """Hours that are spoken for do not expire, whether they count yet or not."""
        line = self._log(self.ticket, 4.0, date=self._day(-40))
        self.env.cr.execute(
            "UPDATE account_analytic_line SET waits_for_pack = FALSE WHERE id = %s",
            [line.id],
        )
        self._end()
        self.assertFigures(self.pack, used=4.0, expired=1.0)

    def test_movements_are_nobodys_to_write(self):
        self._end()
        movement = self.pack.pack_movement_ids
        for user in (self.salesman, self.manager, self.agent):
            with self.assertRaises(AccessError):
                movement.with_user(user).write({"hours": 1.0})

    def test_figures_are_nobodys_to_write(self):
        pack = self.pack.with_user(self.salesman)
        for name, value in (
            ("pack_hours_moved", 99.0),
            ("pack_notified_level", 100),
            ("pack_renews_id", self.item_b.id),
            ("price_before_id", self.item_b.id),
        ):
            with self.assertRaises(ValidationError):
                pack.write({name: value})
            values = {"order_id": self.order_a.id, "product_id": self.prepaid.id}
            with self.assertRaises(ValidationError):
                pack.create({**values, name: value})
        pack.write({"pack_hours_moved": 0.0, "pack_valid_until": self._day(9)})
        self.assertEqual(pack.order_id.copy().order_line.pack_hours_moved, 0.0)

    # === TOLD IN TIME === #

    def _tell(self):
        """Let the job run.

        :return: mails and to-dos that it made
        """
        mails, todos = self.env["mail.mail"], self.env["mail.activity"]
        before = mails.search([]), todos.search([])
        self.env.flush_all()
        self._run("tell")
        new = mails.search([]) - before[0]
        told = new.filtered(lambda mail: self.customer_a in mail.recipient_ids)
        return told, todos.search([]) - before[1]

    def test_levels_are_told_once(self):
        self._log(self.ticket, 3.0)
        self.assertFalse(any(self._tell()))
        self._log(self.ticket, 1.0)
        mails, todos = self._tell()
        self.assertEqual(len(mails), 1)
        self.assertIn("1:00", mails.subject)
        self.assertEqual(todos.user_id, self.salesman)
        self.assertFalse(any(self._tell()))
        self._log(self.ticket, 1.0)
        self.assertTrue(all(self._tell()))

    def test_they_are_told_again_after_the_pack_has_grown(self):
        self._log(self.ticket, 4.0)
        self._tell()
        self.pack.product_uom_qty = 10.0
        self.assertFalse(any(self._tell()))
        self._log(self.ticket, 4.0)
        self.assertTrue(all(self._tell()))

    def test_packs_of_before_the_addon_are_no_news(self):
        self._log(self.ticket, 4.0)
        self.env.flush_all()
        _know_packs(self.env)
        self.assertFalse(any(self._tell()))
        self._log(self.ticket, 1.0)
        self.assertTrue(all(self._tell()))

    def test_the_end_is_told_before(self):
        self.prepaid.pack_notice_days = 10
        self.pack.pack_valid_until = self._day(11)
        self.assertFalse(any(self._tell()))
        self.pack.pack_valid_until = self._day(10)
        self.assertTrue(all(self._tell()))
        self.assertFalse(any(self._tell()))
        self.pack.pack_valid_until = self._day(9)
        self.assertTrue(all(self._tell()))

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.customer_a.lang = "de_DE"
        template = self.env.ref("helpdesk_prepaid.mail_template_pack")
        template.with_context(lang="de_DE").subject = "Ihre Stunden"
        self._log(self.ticket, 5.0)
        self.assertEqual(self._tell()[0].subject, "Ihre Stunden")

    def test_levels_are_whole_per_cents(self):
        for levels in ("0", "101", "many", "80; x"):
            with self.assertRaises(ValidationError):
                self.pack.pack_notice_levels = levels
        self.pack.pack_notice_levels = False
        self._log(self.ticket, 5.0)
        self.assertFalse(any(self._tell()))
