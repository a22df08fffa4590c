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

    def test_emptied_by_call(self):
        merged, survivor = self.env["helpdesk.ticket"].create(
            [{"name": name, "team_id": self.team.id} for name in ("Gone", "Stays")]
        )
        survivor._merge(merged)
        survivor._portal_ensure_token()
        gone, stays = merged.with_user(self.agent), survivor.with_user(self.agent)
        for ticket, name in (
            (gone, "merged_into_id"),
            (stays, "access_token"),
            (stays, "ticket_ref"),
        ):
            for empty in (False, ""):
                if name == "merged_into_id" and empty == "":
                    continue
                with (
                    self.subTest(name=name, empty=empty),
                    self.assertRaisesRegex(ValidationError, "written"),
                ):
                    ticket.write({name: empty})
        self.assertEqual(merged.merged_into_id, survivor)
        stays.write({"ticket_ref": survivor.ticket_ref, "merged_into_id": False})

    def test_mail_of_a_team_stays_its_own(self):
        other = self.env["helpdesk.team"].search([("id", "!=", self.team.id)], limit=1)
        team = self.team.with_user(self.manager)
        for text in (f"{{'team_id': {other.id}}}", "{}", False):
            with (
                self.subTest(text=text),
                self.assertRaisesRegex(ValidationError, "tickets of that team"),
            ):
                team.alias_defaults = text
        team.alias_defaults = f"{{'team_id': {team.id}, 'priority': '2'}}"

    def test_customers_are_no_assignees(self):
        customer = self._new_user("hd_no_agent", PORTAL, name="Pia Portal")
        ticket = self.env["helpdesk.ticket"].with_user(self.agent)
        ticket = ticket.create({"name": "Mine", "team_id": self.team.id})
        with self.assertRaisesRegex(ValidationError, "no internal user"):
            ticket.user_id = customer
