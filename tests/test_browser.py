"""The documented steps, clicked by four people in a real browser, and what the customer
sees of them.

Every word a reader of the manual looks for is looked for here by that word. Pictures of
each step are kept; ``HELPDESK_DOC_IMAGES=1`` also renews those of the README and of docs/.
"""

import os
import shutil

import pytest

from devtools import paths
from helpers.clicks import Clicks
from helpers.desk import Desk
from helpers.web import EACH_SIZE, SIZES

SUBJECT = "Printer on fire"
ANSWER = "The fire is out. Please keep paper away from the heater."


@pytest.fixture(scope="module")
def desk(served):
    desk = Desk(served)
    # Whoever edits the settings of a project needs the right to.
    desk.grant("boss", "project.group_project_manager")
    return desk


class Story:
    """The people of the steps, at one size of screen, and what they work on."""

    def __init__(self, desk, browser, served, size):
        self.desk, self.browser, self.served, self.size = desk, browser, served, size
        word = {"desktop": "", "phone": " on the Road"}[size]
        if desk.admin.search("res.partner", [("name", "=", f"Blue Office{word}")]):
            word += f" {desk.tag}"
        self.team, self.project = f"Postpaid Support{word}", f"Support Hours{word}"
        self.customer = f"Blue Office{word}"
        self.product = desk.admin.read("product.product", desk.product, ["name"])[
            "name"
        ]
        desk.boss.create("helpdesk.team", {"name": self.team})
        desk.admin.create(
            "project.project", {"name": self.project, "allow_timesheets": True}
        )
        self.partner = desk.admin.create(
            "res.partner", {"name": self.customer, "is_company": True}
        )

    def sit_down(self, role):
        """Put a role in front of a screen."""
        login = f"{self.desk.tag}_{role}"
        page = self.browser.page(self.served, login, size=SIZES[self.size])
        clicks = Clicks(self.browser, page, f"{self.size}-{role}")
        clicks.open("/odoo")
        return clicks

    def keep_image(self, picture, name):
        """Renew a picture of docs/ and of the Apps page when asked to."""
        if self.size == "desktop" and os.environ.get("HELPDESK_DOC_IMAGES"):
            (shown,) = paths.ROOT.glob(f"*/static/description/{name}.png")
            shutil.copyfile(picture, shown)

    # === CONFIGURATION === #

    def configure(self):
        """Turn on both options and choose the project, which is billable then."""
        boss = self.sit_down("boss")
        boss.menu("Helpdesk", "Configuration", "Helpdesk Teams")
        boss.open_row(self.team)
        boss.tick("use_helpdesk_timesheet", "Timesheet on Ticket")
        boss.tick("use_helpdesk_sale_timesheet", "Time Reinvoicing")
        boss.label("Project")
        boss.choose("project_id", self.project)
        self.keep_image(boss.shot("team"), "team")
        boss.save()
        boss.open_record("project_id")
        assert boss.shows("name", self.project)
        boss.tab("Settings")
        assert boss.is_ticked("allow_billable", "Billable"), "Time Reinvoicing does it"
        boss.shot("project")

    # === CREATE A SALES ORDER === #

    def sell(self):
        """Quote the service to the ticket's customer and confirm; return the order."""
        sales = self.sit_down("sales")
        sales.menu("Sales")
        sales.press("New")
        sales.label("Customer")
        sales.choose("partner_id", self.customer)
        sales.tab("Order Lines")
        sales.press("Add a product", "Add product")
        self._add_product(sales)
        sales.button("Confirm")
        sales.shot("order")
        if not sales.phone:
            assert sales.state() == "Sales Order"
        [order] = self.desk.sales.search(
            "sale.order", [("partner_id", "=", self.partner), ("state", "=", "sale")]
        )
        return self.desk.sales.read("sale.order", order, ["name"])["name"]

    def _add_product(self, sales):
        if sales.phone:
            product = sales.field("product_id", ".modal")
            sales.choose("product_id", self.product, within=product)
            sales.type("price_unit", "80", ".modal")
            sales.dialog_button("Save & Close")
            return
        row = ".o_field_x2many .o_selected_row"
        product = sales.page.locator(f"{row} [name='product_template_id']")
        sales.choose("product_template_id", self.product, within=product)
        sales.page.locator(f"{row} [name='product_uom_qty'] input").fill("10")
        sales.page.locator(f"{row} [name='price_unit'] input").fill("80")
        sales.save()
        sales.cell("price_subtotal", "800.00")

    # === RECORD A TIMESHEET, LINK THE ORDER === #

    def find_ticket(self):
        """Get to the ticket from the team's card and from the project's card."""
        agent = self.sit_down("agent")
        agent.menu("Helpdesk")
        agent.card_link(self.team, "Tickets")
        assert SUBJECT in agent.text()
        self.keep_image(agent.shot("tickets"), "tickets")
        boss = self.sit_down("boss")
        boss.menu("Project")
        boss.card_link(self.project, "Tickets")
        assert SUBJECT in boss.text()
        boss.shot("tickets-of-project")
        agent.open_row(SUBJECT)
        return agent

    def record(self, agent):
        """Record two and a half hours on the Timesheets tab."""
        agent.tab("Timesheets")
        if agent.phone:
            agent.press("Add Timesheets")
            agent.type("name", "Put it out", ".modal")
            agent.type("unit_amount", "2:30", ".modal")
            agent.dialog_button("Save & Close")
        else:
            agent.press("Add a line")
            row = ".o_field_x2many .o_selected_row"
            # A new line starts in its text.
            agent.page.locator(f"{row} [name='name'] input:focus").wait_for()
            agent.page.locator(f"{row} [name='name'] input").fill("Put it out")
            agent.page.locator(f"{row} [name='unit_amount'] input").fill("2:30")
        agent.save()
        agent.shot("time")

    def link_order(self, agent, order):
        """Choose the Sales Order Item."""
        agent.label("Sales Order Item")
        agent.choose("sale_line_id", order)
        agent.shot("item")
        agent.save()
        agent.tab("Timesheets")
        self.keep_image(agent.shot("linked"), "ticket")
        if not agent.phone:
            agent.cell("so_line_reason", "Ticket's item")
        assert agent.shows("total_hours_spent", "02:30")
        assert agent.shows("hours_to_invoice", "02:30")
        # No sales rights, no button to the order.
        assert not agent.page.locator("button[name=action_view_sale_order]").count()

    # === CREATE THE INVOICE === #

    def bill(self, order):
        """Go from the ticket to its order, compare Delivered, create the invoice."""
        sales = self.sit_down("sales")
        sales.menu("Sales")
        sales.search(order)
        sales.open_row(order)
        sales.smart_button("Tickets")
        if not sales.on_form():
            sales.open_row(SUBJECT)
        sales.smart_button("Sales Order")
        assert order in sales.text()
        assert self._read_delivered(sales) == "2.50"
        self.keep_image(sales.shot("delivered"), "order")
        if not sales.phone:
            self._read_statement(sales)
        sales.button("Create Invoice")
        sales.shot("create-invoice")
        sales.dialog_button("Create Draft")
        sales.shot("invoice")
        assert "200.00" in sales.text()
        if not sales.phone:
            sales.cell("quantity", "2.50")
        sales.smart_button("Tickets")
        assert SUBJECT in sales.text()

    def _read_statement(self, sales):
        """The time statement of the order says the same, and leads back."""
        sales.smart_button("Time Statement")
        sales.page.locator(".o_helpdesk_time_statement").filter(
            has_text="It adds up"
        ).wait_for()
        assert sales.shows("open_hours", "02:30")
        sales.page.locator(".o_back_button").click()
        sales.settle()

    def _read_delivered(self, sales):
        if not sales.phone:
            return sales.column("Delivered", self.product)
        sales.open_row(self.product)
        dialog = sales.page.locator(".modal:visible")
        dialog.locator("label").filter(has_text="Delivered").first.wait_for()
        shown = sales.value("qty_delivered", ".modal")
        sales.shot("delivered-line")
        sales.dialog_button("Discard")
        return shown

    # === WHAT THE CUSTOMER SEES === #

    def invite_customer(self, team):
        """Give the customer a login and show the team's time to customers."""
        self.desk.boss.write("helpdesk.team", team, {"portal_show_timesheets": True})
        login = f"{self.desk.tag}_{self.size}_customer"
        values = {
            "name": "Cora Customer",
            "login": login,
            "password": login,
            "email": f"{login}@example.com",
            "group_ids": [(6, 0, [self.desk.admin.ref("base.group_portal")])],
        }
        user = self.desk.admin.create("res.users", values)
        partner = self.desk.admin.read("res.users", user, ["partner_id"])["partner_id"]
        self.desk.admin.write("res.partner", partner[0], {"parent_id": self.partner})
        return login

    def look_as_customer(self, login, ticket):
        """From the portal's first page to the ticket, its time and its answer."""
        answer = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self.desk.agent.call(
            "helpdesk.ticket", "message_post", [ticket], body=ANSWER, **answer
        )
        page = self.browser.page(self.served, login, size=SIZES[self.size])
        page.goto("/my")
        page.get_by_role("link", name="Tickets").first.click()
        page.get_by_role("link", name=SUBJECT).first.wait_for()
        self.browser.shot(page, f"{self.size}-customer-01-tickets")
        page.get_by_role("link", name=SUBJECT).first.click()
        page.get_by_text("Put it out").first.wait_for()
        page.get_by_text(ANSWER).first.wait_for()
        picture = self.browser.shot(page, f"{self.size}-customer-02-ticket")
        self.keep_image(picture, "portal")
        text = page.locator("main").inner_text()
        assert "2:30" in text and "80.00" not in text


@EACH_SIZE
def test_the_documented_steps(desk, browser, served, size):
    story = Story(desk, browser, served, size)
    story.configure()
    [team] = desk.boss.search("helpdesk.team", [("name", "=", story.team)])
    ticket = desk.new_ticket(team, story.partner, SUBJECT, sale_line_id=False)
    order = story.sell()
    agent = story.find_ticket()
    story.record(agent)
    assert desk.hours(ticket)["total_hours_spent"] == 2.5
    story.link_order(agent, order)
    hours = desk.hours(ticket)
    assert hours["hours_to_invoice"] == 2.5 and hours["hours_non_billable"] == 0
    story.bill(order)
    assert desk.hours(ticket)["hours_invoiced"] == 2.5
    [invoice] = desk.sales.read("helpdesk.ticket", ticket, ["invoice_ids"])[
        "invoice_ids"
    ]
    assert desk.billed(invoice)["quantity"] == 2.5
    assert desk.billed(invoice)["amount_untaxed"] == 200.0
    story.look_as_customer(story.invite_customer(team), ticket)
