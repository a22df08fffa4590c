from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import PORTAL, HelpdeskCommon


@tagged("post_install", "-at_install")
class TestGuardedFields(HelpdeskCommon):
    """What screens show read-only is not written by calls either."""

    def test_written_by_call(self):
        Ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = Ticket.create({"name": "Mine", "team_id": self.team.id})
        other = self.env["helpdesk.ticket"].search([("id", "!=", ticket.id)], limit=1)
        for name, value in (
            ("merged_into_id", other.id),
            ("access_token", "known"),
            ("ticket_ref", "00001"),
        ):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "written"):
                ticket.write({name: value})
        for name, value in (("merged_into_id", other.id), ("access_token", "known")):
            values = {"name": "New", "team_id": self.team.id}
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "written"):
                Ticket.create({**values, name: value})
            default = Ticket.with_context(**{f"default_{name}": value})
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "written"):
                default.create(values)

    def test_customers_are_no_assignees(self):
        customer = self._new_user("hd_no_agent", PORTAL, name="Pia Portal")
        ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = ticket.create({"name": "Mine", "team_id": self.team.id})
        with self.assertRaisesRegex(ValidationError, "no internal user"):
            ticket.user_id = customer
