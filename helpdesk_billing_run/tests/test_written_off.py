import ast

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestWrittenOff(RunCommon):
    """What was written off is listed with its reason, by person, customer and ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line_1.action_write_off(1.5, "Goodwill")
        cls.line_b.action_write_off(3.0, "Too slow")
        cls.written_off = cls.line_1 | cls.line_b

    def _list(self, user):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_billing_run.account_analytic_line_action_written_off"
        )
        lines = self.env["account.analytic.line"].with_user(user)
        return lines, [
            *ast.literal_eval(action["domain"]),
            ("id", "in", (self.written_off | self.line_2).ids),
        ]

    def test_hours_by_reason(self):
        lines, domain = self._list(self.lead)
        self.assertEqual(
            dict(
                lines._read_group(
                    domain, ["billable_hours_reason"], ["hours_written_off:sum"]
                )
            ),
            {"Goodwill": 1.5, "Too slow": 3.0},
        )

    def test_who_sees_it(self):
        for user, count in ((self.lead, 2), (self.agent, 2), (self.agent_2, 0)):
            lines, domain = self._list(user)
            self.assertEqual(lines.search_count(domain), count, user.login)
        with self.assertRaises(AccessError):
            self.line_2.with_user(self.lead).read(["name"])
