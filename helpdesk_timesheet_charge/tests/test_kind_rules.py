from itertools import product
from math import ceil, floor

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .charge_common import ChargeCommon


@tagged("post_install", "-at_install")
class TestKindRules(ChargeCommon):
    """How many hours are billed for an entry of a kind."""

    def test_worked_hours_are_never_changed(self):
        line = self._log_kind(self.remote, 0.35)
        self.assertEqual(line.unit_amount, 0.35)
        self.assertBilled(line, 0.5)
        self.assertDelivered(self.item_a, 0.5)

    def test_quarter_of_an_hour_is_one_step(self):
        self.remote.minimum_minutes = 0
        self.assertBilled(self._log_kind(self.remote, 0.25), 0.25)
        self.assertBilled(self._log_kind(self.remote, 0.26), 0.5)
        self.assertBilled(self._log_kind(self.remote, 1 / 60), 0.25)

    def test_factor_comes_before_the_step(self):
        """7 minutes at 150 % are 10.5, and one step of 15."""
        self.remote.write({"factor": 1.5, "minimum_minutes": 0})
        self.assertBilled(self._log_kind(self.remote, 7 / 60), 0.25)
        self.assertBilled(self._log_kind(self.remote, 11 / 60), 0.5)

    def test_nearest_step(self):
        self.remote.write({"rounding": "nearest", "minimum_minutes": 0})
        self.assertBilled(self._log_kind(self.remote, 22 / 60), 0.25)
        self.assertBilled(self._log_kind(self.remote, 22.5 / 60), 0.5)

    def test_nothing_worked_is_nothing_charged(self):
        self.assertBilled(self._log_kind(self.remote, 0.0), 0.0)
        self.assertBilled(self._log_kind(self.remote, -0.1), -0.1)

    def test_free_and_internal_work_bills_nothing(self):
        free, internal = (
            self._log_kind(self.goodwill, 1.5),
            self._log_kind(self.meeting, 2.0),
        )
        self.assertBilled(free | internal, 0.0, 0.0)
        self.assertEqual(free.so_line, self.item_a)
        self.assertEqual(free.so_line_reason, "Free of charge. Ticket's item")
        self.assertFalse(internal.so_line)
        self.assertEqual(internal.so_line_reason, "Not billable: Meeting is internal")
        self.assertDelivered(self.item_a, 0.0)

    def test_changed_rule_moves_open_time_only(self):
        billed = self._log_kind(self.remote, 0.3)
        self._invoice(self.order_a)
        open_line = self._log_kind(self.remote, 0.3)
        self.remote.write({"step_minutes": 60, "minimum_minutes": 60})
        self.assertBilled(billed | open_line, 0.5, 1.0)
        self.assertDelivered(self.item_a, 1.5)

    def test_form_tells_what_a_changed_rule_moves(self):
        self._log_kind(self.remote, 0.3)
        self._log_kind(self.remote, 0.75)
        with Form(self.remote.with_user(self.manager)) as form:
            self.assertFalse(form.change_notice)
            form.minimum_minutes = 60
            self.assertIn(
                "2 open lines will be billed with +0:45 h", form.change_notice
            )
        self.assertFalse(self.remote.change_notice)

    def test_days_and_packs_count_hours_to_bill(self):
        in_days = self._new_item(
            self.customer_a, self._new_service("Day", "delivered_timesheet", self.day)
        )
        self.ticket_2.sale_line_id = in_days
        self._log_kind(self.remote, 3.9)
        self.assertDelivered(in_days, 0.5)
        pack = self._new_item(self.customer_a, self.prepaid)
        self.ticket_2.sale_line_id = pack
        self.remote.factor = 2.0
        self.assertDelivered(pack, 8.0)
        self.assertEqual(pack.remaining_hours, 2.0)

    # === BAD INPUT === #

    def test_refused_rules(self):
        for values, sentence in (
            ({"minimum_minutes": 20}, "multiple of the step"),
            ({"step_minutes": -5, "minimum_minutes": 0}, "between 0 and 1440"),
            ({"factor": -1}, "between 0 and 100"),
            ({"factor": float("nan")}, "."),
            ({"product_id": self.goods.id}, "is no service"),
        ):
            with self.assertRaisesRegex(ValidationError, sentence), self.cr.savepoint():
                self.remote.with_user(self.manager).write(values)

    def test_used_kind_is_archived_not_deleted(self):
        self._log_kind(self.remote, 1.0)
        with self.assertRaisesRegex(UserError, "Archive this kind"):
            self.remote.unlink()
        self.remote.active = False
        self.assertNotIn(self.remote, self.team._get_work_types())

    def test_kinds_are_set_up_by_administrators(self):
        self.remote.with_user(self.agent).read(["name", "factor"])
        with self.assertRaises(AccessError):
            self.remote.with_user(self.agent).factor = 2.0
        with self.assertRaises(AccessError):
            self.remote.with_user(self.salesman).factor = 2.0
        self.remote.with_user(self.manager).factor = 2.0

    # === PROPERTY === #

    def test_rule_over_all_combinations(self):
        """Never less than the minimum, a whole number of steps, less than one step above
        what the factor makes of it; more work never costs less."""
        kind = self.env["helpdesk.work.type"].new({"charge": "bill"})
        minutes = [-30, 0, 0.01, 1, 7, 14.99, 15, 15.01, 29, 30, 61, 100.5, 480, 1439]
        for step, times, factor, rounding in product(
            (0, 1, 5, 6, 15, 60), (0, 1, 2, 4), (0.5, 1.0, 1.5, 2.0), ("up", "nearest")
        ):
            minimum = times * (step or 10)
            kind.update(
                {
                    "step_minutes": step,
                    "minimum_minutes": minimum,
                    "factor": factor,
                    "rounding": rounding,
                }
            )
            former = None
            for worked in minutes:
                raw = kind._get_minutes(worked / 60)
                billed = kind._apply_rule(raw)
                where = (step, minimum, factor, rounding, worked)
                self.assertAlmostEqual(raw, worked * factor, delta=0.00501, msg=where)
                if worked <= 0:
                    self.assertEqual(billed, raw, where)
                elif step:
                    base = max(raw, minimum)
                    self.assertEqual(billed % step, 0, where)
                    count = base / step
                    near = (ceil(round(count, 6)), floor(round(count, 6) + 0.5))
                    self.assertEqual(billed, near[rounding != "up"] * step, where)
                else:
                    self.assertEqual(billed, max(raw, minimum), where)
                if former is not None:
                    self.assertGreaterEqual(billed, former, where)
                former = billed
