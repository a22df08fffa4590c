from odoo.tests import TransactionCase, tagged

from ..tools import format_clock, format_hours, parse_duration, round_to_sum


@tagged("post_install", "-at_install")
class TestTools(TransactionCase):
    def test_rounded_hours_add_up(self):
        third = 1 / 3
        for values, total, rounded in (
            ([third] * 3, 1.0, [0.34, 0.33, 0.33]),
            ([third], 0.34, [0.34]),
            ([0.5, 0.25], 0.75, [0.5, 0.25]),
            ([1.0, 2.0], 2.99, [1.0, 1.99]),
            ([-2.0, 3.5], 1.5, [-2.0, 3.5]),
            ([], 0.0, []),
        ):
            with self.subTest(values=values, total=total):
                result = round_to_sum(values, total)
                self.assertEqual(result, rounded)
                self.assertAlmostEqual(sum(result), total)

    def test_hours_in_the_language_of_the_reader(self):
        for hours, text in (
            (1.5, "1.5"),
            (3, "3.0"),
            (0.3333, "0.33"),
            (-0.001, "0.0"),
        ):
            self.assertEqual(format_hours(self.env, hours), text)
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={"lang": "de_DE"})
        self.assertEqual(format_hours(german, 1234.25), "1.234,25")

    def test_durations_as_people_write_them(self):
        for value, hours in (
            ("1:30", 1.5),
            (":30", 0.5),
            (" 1.5 ", 1.5),
            ("1,5", 1.5),
            (".5h", 0.5),
            ("90m", 1.5),
            ("90 min", 1.5),
            ("1h 30m", 1.5),
            ("1h30", 1.5),
            ("2H", 2.0),
            ("90", 90.0),
            (0.25, 0.25),
            (-1, -1.0),
        ):
            with self.subTest(value=value):
                self.assertAlmostEqual(parse_duration(value), hours)
        for value in (
            *("", "abc", "1:75", "1:5", "-1:00", "1.2.3", "9" * 400, "1h90", "٣x"),
            *(None, False, True, [], {}, float("nan"), float("inf")),
        ):
            with self.subTest(value=value), self.assertRaises(ValueError):
                parse_duration(value)

    def test_clock(self):
        for hours, text in (
            (1.5, "1:30"),
            (0.3333, "0:20"),
            (-0.75, "-0:45"),
            (1.9999, "2:00"),
            (-0.001, "0:00"),
        ):
            self.assertEqual(format_clock(hours), text)
