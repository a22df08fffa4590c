from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import ReinvoiceCommon


@tagged("post_install", "-at_install")
class TestPortalTime(ReinvoiceCommon, HttpCase):
    """Two customers share one support project; each sees its own time only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.write({"privacy_visibility": "portal", "portal_show_timesheets": True})
        (cls.portal_a | cls.portal_b).write({"lang": "en_US"})
        for user in cls.portal_a | cls.portal_b:
            user.password = user.login
        cls.ticket.sale_line_id = cls.item_a
        cls.ticket_b.sale_line_id = cls.item_b
        cls.line_a = cls._log(cls.ticket, 2.25, name="Alpha work")
        cls.line_b = cls._log(cls.ticket_b, 4.5, name="Beta work")
        cls.env.flush_all()

    # === HELPERS === #

    def _get(self, url, user=None):
        """Page as a portal user, or as a visitor without login."""
        self.authenticate(user.login if user else None, user.login if user else None)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response.text

    def assertShows(self, page, *texts):
        for text in texts:
            self.assertIn(text, page)

    def assertHides(self, page, *texts):
        for text in texts:
            self.assertNotIn(text, page)

    # === TICKET === #

    def test_ticket_lists_its_time(self):
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertShows(page, "Time Spent", "Alpha work", "02:15", "Ada Agent")
        self.assertHides(page, "Beta work", "04:30")

    def test_ticket_tells_what_is_billed_otherwise(self):
        self.line_a.with_user(self.manager).action_write_off(0.5, "Trainee")
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertShows(page, "02:15", "billed:", "01:45", "Trainee")

    def test_ticket_tells_no_money(self):
        """Neither cost (40 an hour) nor price (100 an hour), nor why it is billed."""
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertHides(page, "90.0", "225.0", "100.0", "Ticket&#39;s item", "so_line")

    def test_ticket_hides_its_time_by_default(self):
        self.assertFalse(self.env["helpdesk.team"].new().portal_show_timesheets)
        self.team.portal_show_timesheets = False
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertShows(page, "Oven is cold")
        self.assertHides(page, "Time Spent", "Alpha work", "02:15")

    def test_ticket_of_another_customer(self):
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_b)
        self.assertHides(page, "Oven is cold", "Alpha work")

    def test_signed_link(self):
        """The link of a mail shows the time of its ticket, and of no other."""
        page = self._get(self.ticket.get_portal_url())
        self.assertShows(page, "Oven is cold", "Alpha work", "02:15")
        token = self.ticket.access_token
        page = self._get(f"/my/ticket/{self.ticket_b.id}?access_token={token}")
        self.assertHides(page, "Lift is stuck", "Beta work")
        page = self._get(f"/my/ticket/{self.ticket.id}?access_token=wrong")
        self.assertHides(page, "Alpha work")

    def test_time_billed_to_the_former_customer_is_hidden(self):
        self._invoice(self.order_a)
        self.ticket.write({"partner_id": self.contact_b.id, "sale_line_id": False})
        line = self._log(self.ticket, 1.0, name="Handed over")
        self.assertEqual(line.partner_id, self.contact_b)
        self.assertEqual(self.line_a.partner_id, self.contact_a)
        self.env.flush_all()
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_b)
        self.assertShows(page, "Handed over")
        self.assertHides(page, "Alpha work", "02:15")

    def test_remaining_time_of_the_pack(self):
        pack = self._new_item(self.customer_a, self.prepaid, 3.0)
        self.ticket.sale_line_id = pack
        self.env.flush_all()
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertShows(page, "Time left on Support pack", "00:45")
        self.team.portal_show_timesheets = False
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertHides(page, "Time left on", "00:45")

    def test_no_pack_no_remaining_time(self):
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertHides(page, "Time left on")

    def test_description_is_escaped(self):
        self._log(self.ticket, 1.0, name="<script>alert(1)</script>")
        self.env.flush_all()
        page = self._get(f"/my/ticket/{self.ticket.id}", self.portal_a)
        self.assertHides(page, "<script>alert(1)")
        self.assertShows(page, "&lt;script&gt;alert(1)")

    # === LIST OF TICKETS === #

    def test_list_shows_hours(self):
        page = self._get("/my/tickets", self.portal_a)
        self.assertShows(page, "Hours Spent", "02:15", "Oven is cold")
        self.assertHides(page, "04:30", "Lift is stuck")

    def test_list_hides_hours_by_default(self):
        self.team.portal_show_timesheets = False
        page = self._get("/my/tickets", self.portal_a)
        self.assertShows(page, "Oven is cold")
        self.assertHides(page, "Hours Spent", "02:15")

    # === STOCK LISTS OF TIMESHEETS === #

    def test_timesheets_of_both_customers(self):
        page = self._get("/my/timesheets", self.portal_a)
        self.assertShows(page, "Alpha work", "Oven is cold", "02:15")
        self.assertHides(page, "Beta work", "Lift is stuck", "04:30")
        page = self._get("/my/timesheets", self.portal_b)
        self.assertShows(page, "Beta work", "Lift is stuck", "04:30")
        self.assertHides(page, "Alpha work", "Oven is cold", "02:15")

    def test_timesheets_in_every_grouping(self):
        """Whatever the list is grouped or sorted by, nothing of another customer."""
        groups = (
            "none", "date", "project_id", "parent_task_id", "task_id", "employee_id",
            "so_line", "timesheet_invoice_id", "helpdesk_ticket_id",
        )  # fmt: skip
        for group in groups:
            page = self._get(f"/my/timesheets?groupby={group}", self.portal_a)
            self.assertShows(page, "Alpha work", "Oven is cold")
            self.assertHides(page, "Beta work", "Lift is stuck", "04:30")
        for sorting in ("helpdesk_ticket_id", "so_line", "task_id"):
            page = self._get(f"/my/timesheets?sortby={sorting}", self.portal_a)
            self.assertShows(page, "Alpha work")
            self.assertHides(page, "Beta work")

    def test_timesheets_searched_by_ticket(self):
        self._log(self.ticket_a2, 1.0, name="Other ticket", so_line=self.item_a.id)
        self.env.flush_all()
        url = "/my/timesheets?search_in=helpdesk_ticket_id&search="
        page = self._get(url + "Oven", self.portal_a)
        self.assertShows(page, "Alpha work")
        self.assertHides(page, "Other ticket", "Beta work")
        page = self._get(url + "Lift", self.portal_a)
        self.assertHides(page, "Alpha work", "Beta work")

    def test_timesheets_of_an_order(self):
        url = f"/my/timesheets?search_in=so&search={self.order_a.name}"
        self.assertShows(self._get(url, self.portal_a), "Alpha work", "Oven is cold")
        self.assertHides(self._get(url, self.portal_b), "Alpha work", "Oven is cold")

    def test_timesheets_of_an_invoice(self):
        invoice = self._invoice(self.order_a)
        invoice.action_post()
        self._log(self.ticket, 1.0, name="After the invoice")
        self.env.flush_all()
        url = f"/my/timesheets?search_in=invoice&search={invoice.name}"
        page = self._get(url, self.portal_a)
        self.assertShows(page, "Alpha work", "Oven is cold")
        self.assertHides(page, "After the invoice")
        self.assertHides(self._get(url, self.portal_b), "Alpha work", "Oven is cold")

    def test_open_time_only_where_shown(self):
        """Until it is invoiced, time is the team's business unless it shows its time."""
        self._log(self.ticket, 0.5, name="Free", so_line=False, is_so_line_edited=True)
        self.env.flush_all()
        page = self._get("/my/timesheets", self.portal_a)
        self.assertShows(page, "Free", "Alpha work")
        self.team.portal_show_timesheets = False
        page = self._get("/my/timesheets", self.portal_a)
        self.assertHides(page, ">Free<", "Alpha work")
        invoice = self._invoice(self.order_a)
        self.env.flush_all()
        page = self._get("/my/timesheets", self.portal_a)
        self.assertHides(page, "Alpha work")
        invoice.action_post()
        self.env.flush_all()
        page = self._get("/my/timesheets", self.portal_a)
        self.assertHides(page, ">Free<")
        self.assertShows(page, "Alpha work")
        self.assertHides(self._get("/my/timesheets", self.portal_b), "Alpha work")

    def test_shared_project_shows_time_of_own_tickets_only(self):
        """A customer who works on the project in the portal reads its time there."""
        contacts = self.portal_a.partner_id | self.portal_b.partner_id
        self.project.message_subscribe(contacts.ids)
        self.project.privacy_visibility = "portal"
        self.project.collaborator_ids = [
            Command.create({"partner_id": contact.id}) for contact in contacts
        ]
        self.env.flush_all()

        def read():
            lines = self.env["account.analytic.line"].with_user(self.portal_a)
            return lines.search([("project_id", "=", self.project.id)]).sudo()

        self.assertEqual(read(), self.line_a)
        self.team.portal_show_timesheets = False
        self.env.flush_all()
        self.assertFalse(read())

    def test_order_and_invoice_pages(self):
        """The pages that link to the lists open for their customer only."""
        invoice = self._invoice(self.order_a)
        invoice.action_post()
        self.env.flush_all()
        for url in (f"/my/orders/{self.order_a.id}", f"/my/invoices/{invoice.id}"):
            self.assertShows(self._get(url, self.portal_a), "View Timesheets")
            self.assertHides(self._get(url, self.portal_b), "View Timesheets")

    def test_no_button_to_an_empty_list(self):
        self.team.portal_show_timesheets = False
        self.env.flush_all()
        page = self._get(f"/my/orders/{self.order_a.id}", self.portal_a)
        self.assertHides(page, "View Timesheets")
        self._invoice(self.order_a).action_post()
        self.env.flush_all()
        page = self._get(f"/my/orders/{self.order_a.id}", self.portal_a)
        self.assertShows(page, "View Timesheets")

    def test_project_page_without_time_of_others(self):
        """A follower of the shared project sees no time of the other customer."""
        self.project.message_subscribe(self.contact_b.ids)
        self.env.flush_all()
        page = self._get("/my/timesheets", self.portal_b)
        self.assertShows(page, "Beta work")
        self.assertHides(page, "Alpha work", "Oven is cold")
