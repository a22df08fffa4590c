"""The month in the browser: a customer agrees, a lead approves, a run bills."""

import itertools

import pytest

from helpers.clicks import Clicks
from helpers.desk import Desk
from helpers.web import EACH_SIZE, SIZES

LINES = {"Printer": 1.5, "Router": 2.0, "Scanner": 0.25}
_numbers = itertools.count(1)


class Month:
    """A team whose time is approved and agreed to, with three lines on one ticket."""

    def __init__(self, served, browser, size, **options):
        self.served, self.browser, self.size = served, browser, size
        self.desk = Desk(served)
        self.number = next(_numbers)
        self.customer = self.desk.new_customer(
            f"Month {self.number}", email=f"month{self.number}@example.com"
        )
        self.team = self.desk.new_team()
        self.order, self.item = self.desk.new_order(self.customer)
        self.case = f"{self.desk.tag} on fire"
        self.ticket = self.desk.new_ticket(
            self.team, self.customer, self.case, sale_line_id=self.item
        )
        for name, hours in LINES.items():
            self.desk.log(hours, on=self.ticket, name=name)
        if options:
            self.desk.boss.write("helpdesk.team", self.team, options)

    def sit_down(self, login, name):
        page = self.browser.page(self.served, login, size=SIZES[self.size])
        return page, Clicks(self.browser, page, f"{name}-{self.size}")

    def read_states(self, field):
        lines = self.desk.admin.search_read(
            "account.analytic.line",
            [("helpdesk_ticket_id", "=", self.ticket)],
            ["name", field],
        )
        return {line["name"]: line[field] for line in lines}

    def ask(self):
        """Ask the customer, as the lead does.

        :return: the link of the mail
        """
        lines = self.desk.admin.search(
            "account.analytic.line", [("helpdesk_ticket_id", "=", self.ticket)]
        )
        self.desk.boss.call("account.analytic.line", "action_ask_customer", lines)
        [agreement] = self.desk.admin.search_read(
            "helpdesk.time.agreement",
            [("commercial_partner_id", "=", self.customer)],
            ["access_url", "access_token"],
        )
        return f"{agreement['access_url']}?access_token={agreement['access_token']}"

    def new_login(self):
        """The customer's contact gets an account; return its login."""
        login = f"month_{self.number}"
        self.desk.admin.create(
            "res.users",
            {
                "login": login,
                "password": login,
                "partner_id": self.desk.admin.create(
                    "res.partner",
                    {"name": "Cora Customer", "parent_id": self.customer},
                ),
                "group_ids": [(6, 0, [self.desk.admin.ref("base.group_portal")])],
            },
        )
        return login


@pytest.mark.parametrize(("size", "has_account"), [("desktop", True), ("phone", False)])
def test_customer_agrees(served, browser, size, has_account):
    """To one line, questions another, agrees to all that is left; by the signed link,
    with an account or without."""
    month = Month(served, browser, size, use_customer_approval=True)
    link = month.ask()
    page, clicks = month.sit_down(month.new_login() if has_account else None, "agree")
    page.goto(link)
    page.get_by_role("heading", name="Our time for").wait_for()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0]
    row = page.locator(".list-group-item")
    assert row.count() == 3
    assert "120.00" in row.filter(has_text="Printer").inner_text()
    clicks.shot("asked")
    row.filter(has_text="Printer").get_by_role("button", name="Agree").click()
    row.filter(has_text="Printer").get_by_text("Agreed").wait_for()
    questioned = row.filter(has_text="Router")
    questioned.get_by_text("Question", exact=True).click()
    questioned.locator("textarea").fill("Which router?")
    questioned.get_by_role("button", name="Send Question").click()
    questioned.get_by_text("In question").wait_for()
    clicks.shot("questioned")
    page.get_by_role("button", name="Agree to All").click()
    page.get_by_text("Thank you for your answer").wait_for()
    assert month.read_states("customer_state") == {
        "Printer": "agreed",
        "Router": "questioned",
        "Scanner": "agreed",
    }
    names = set(month.read_states("customer_answer_by").values())
    assert len(names) == 1
    assert ("Cora" in names.pop()) == has_account
    assert month.desk.delivered(month.item) == 1.75


@EACH_SIZE
def test_lead_approves_many_at_once(served, browser, size):
    """All lines of the list with one click, on a phone each with its own."""
    month = Month(served, browser, size, use_time_approval=True)
    page, clicks = month.sit_down(month.desk.boss.login, "approve")
    clicks.open("/odoo/time-to-approve")
    if size == "desktop":
        rows = page.locator(".o_data_row").filter(has_text=month.case)
        rows.nth(2).wait_for()
        for number in range(3):
            rows.nth(number).locator(".o_list_record_selector input").check()
        clicks.shot("list")
        page.get_by_role("button", name="Approve", exact=True).click()
        page.get_by_text("3 lines approved").wait_for()
    else:
        for name in LINES:
            card = page.locator(".o_kanban_record").filter(has_text=month.case)
            card = card.filter(has_text=name)
            card.get_by_role("button", name="Approve").click()
            clicks.settle()
        clicks.shot("cards")
    assert set(month.read_states("approval_state").values()) == {"approved"}
    assert month.desk.delivered(month.item) == sum(LINES.values())


@EACH_SIZE
def test_rehearse_leave_and_run(served, browser, size):
    """What is left stays open, all else is billed as it was rehearsed."""
    month = Month(served, browser, size)
    other_order, other_item = month.desk.new_order(month.customer)
    other = month.desk.new_ticket(
        month.team, month.customer, name="Server on fire", sale_line_id=other_item
    )
    month.desk.log(4.0, on=other, name="Put it out")
    run = month.desk.sales.create(
        "helpdesk.billing.run",
        {"partner_ids": [(6, 0, [month.customer])], "date_to": month.desk.today},
    )
    page, clicks = month.sit_down(month.desk.sales.login, "run")
    clicks.open(f"/odoo/billing-runs/{run}")
    clicks.button("Rehearse")
    read = month.desk.sales.search_read
    rows = read(
        "helpdesk.billing.run.line", [("run_id", "=", run)], ["sale_line_id", "amount"]
    )
    assert sorted(row["amount"] for row in rows) == [300.0, 320.0]
    clicks.shot("rehearsed")
    [left] = [row["id"] for row in rows if row["sale_line_id"][0] == other_item]
    if size == "desktop":
        order = month.desk.sales.read("sale.order", other_order, ["name"])["name"]
        line = page.locator(".o_data_row").filter(has_text=order)
        line.get_by_role("button", name="Leave").click()
        clicks.settle()
    else:
        month.desk.sales.call("helpdesk.billing.run.line", "action_leave", [left])
        page.reload()
        clicks.settle()
    clicks.button("Run")
    clicks.dialog_button("Ok")
    clicks.shot("running")
    month.desk.admin.call(
        "ir.cron",
        "method_direct_trigger",
        [month.desk.admin.ref("helpdesk_billing_run.ir_cron_run")],
    )
    [state] = read("helpdesk.billing.run", [("id", "=", run)], ["state", "error_count"])
    assert (state["state"], state["error_count"]) == ("done", 0)
    page.reload()
    clicks.settle()
    clicks.shot("done")
    assert month.desk.hours(other)["hours_to_invoice"] == 4.0
    assert month.desk.hours(month.ticket)["hours_invoiced"] == sum(LINES.values())
