from odoo.tests import TransactionCase, tagged

from ..tools import format_hours, round_to_sum


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
