from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import HelpdeskCommon, TourCase


class VisitorTour(HelpdeskCommon, TourCase):
    def _walk_through_the_form(self):
        self.team.write(
            {
                "is_published": True,
                "website_form_properties": True,
                "ticket_properties": [
                    {"name": "aa01", "string": "Since", "type": "date"},
                    {"name": "bb02", "string": "Floor", "type": "integer"},
                    {
                        "name": "cc03",
                        "string": "Doors",
                        "type": "tags",
                        "tags": [["a", "North", 1], ["b", "South", 2]],
                    },
                ],
            }
        )
        self.start_tour(self.team.website_url, "helpdesk_website_tour", login=None)
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "Gate is open")])
        self.assertEqual(ticket.partner_email, "vera@visit.example")
        values = {
            item["name"]: item.get("value")
            for item in ticket.read(["properties"])[0]["properties"]
        }
        self.assertEqual(values["aa01"], "2030-02-28")
        self.assertFalse(values["bb02"])
        self.assertEqual(sorted(values["cc03"]), ["a", "b"])


@tagged("post_install", "-at_install")
class TestTour(VisitorTour):
    """The visitor's path in a browser; console errors fail it."""

    browser_size = "1366,900"

    def test_visitor(self):
        self._walk_through_the_form()


@tagged("post_install", "-at_install", "deep")
class TestPhone(VisitorTour):
    """The same on a phone."""

    browser_size = "390,844"
    touch_enabled = True

    def test_visitor(self):
        self._walk_through_the_form()
