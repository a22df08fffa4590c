"""Time recorded in the browser: how many clicks it takes, and what a timer shows."""

import itertools

import pytest

from helpers.clicks import Clicks
from helpers.desk import ROLES
from helpers.rpc import Rpc
from helpers.web import EACH_SIZE, SIZES

_numbers = itertools.count(1)
ROW = ".o_time_entry"
SYSTRAY = ".o_helpdesk_timer_systray"
DIALOG = ".o_helpdesk_timer_stop"


class Agent:
    """An agent with tickets of the own team, and the clicks that were made."""

    def __init__(self, served, browser, tickets=1):
        number = next(_numbers)
        self.served, self.browser, self.clicked = served, browser, 0
        self.admin = Rpc(served.url, served.database, "admin")
        self.login = f"timer_{number}"
        # the bot would greet, over the page of a phone
        values = {"tz": "Europe/Brussels", "odoobot_state": "disabled"}
        self.rpc = self.admin.new_user(self.login, ROLES["agent"], **values)
        self.admin.create("hr.employee", {"name": self.login, "user_id": self.rpc.uid})
        team = self.admin.create(
            "helpdesk.team",
            {
                "name": f"Clock {number}",
                "use_helpdesk_timesheet": True,
                "use_helpdesk_sale_timesheet": True,
                "member_ids": [(6, 0, [self.rpc.uid])],
            },
        )
        values = {"team_id": team, "user_id": self.rpc.uid}
        names = [f"Oven {number}.{index}" for index in range(tickets)]
        self.tickets = self.admin.create(
            "helpdesk.ticket", [{"name": name, **values} for name in names]
        )

    def sit_down(self, size):
        page = self.browser.page(self.served, self.login, size=SIZES[size])
        return page, Clicks(self.browser, page, f"timer-{size}")

    def open_ticket(self, clicks, number=0):
        clicks.open(f"/odoo/all-tickets/{self.tickets[number]}")
        clicks.page.locator(".o_form_view").wait_for()

    def click(self, clicks, selector):
        """Click, and count it."""
        self.clicked += 1
        clicks.page.locator(f"{selector}:visible").first.click()
        clicks.settle()

    def read_time(self):
        return self.rpc.search_read(
            "account.analytic.line",
            [("helpdesk_ticket_id", "in", self.tickets)],
            ["name", "unit_amount", "helpdesk_ticket_id"],
            order="id",
        )

    def move_clock(self, hours):
        """Let the timers have started earlier."""
        self.served.query(
            f"UPDATE helpdesk_timer SET begun_at = begun_at - interval '{hours} hours',"
            f" running_since = running_since - interval '{hours} hours'"
            f" WHERE user_id = {self.rpc.uid} RETURNING id"
        )


@pytest.fixture
def agent(served, browser):
    return Agent(served, browser)


@EACH_SIZE
def test_two_clicks_record_an_hour(agent, size):
    """From the open ticket: the tab, text, hours, Log."""
    page, clicks = agent.sit_down(size)
    agent.open_ticket(clicks)
    agent.click(clicks, ".o_notebook .nav-link[name=timesheets]")
    if size == "phone":
        page.locator(f"{ROW} .o_time_entry_text").focus()  # a tap into the text
    page.keyboard.type("Reset the password")
    page.keyboard.press("Tab")
    page.keyboard.type("90m")
    page.get_by_text("1:30. Not billable: ticket has no sales order item").wait_for()
    agent.click(clicks, f"{ROW} .o_time_entry_log")
    page.locator(".o_field_widget[name=timesheet_ids]").get_by_text(
        "Reset the password"
    ).wait_for()
    clicks.shot("row")
    assert agent.clicked == 2
    [line] = agent.read_time()
    assert (line["name"], line["unit_amount"]) == ("Reset the password", 1.5)
    assert page.locator(f"{ROW} .o_time_entry_text").input_value() == ""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0]


@pytest.mark.deep
def test_twelve_tickets_without_the_mouse(served, browser):
    agent = Agent(served, browser, tickets=12)
    page, clicks = agent.sit_down("desktop")
    clicks.open("/odoo/all-tickets")
    clicks.search(agent.rpc.login.replace("timer_", "Oven ") + ".")
    page.keyboard.press("ArrowDown")
    page.locator(".o_data_row").nth(11).wait_for()
    page.locator(".o_data_row .o_data_cell[name=name]").first.click()
    page.locator(".o_form_view").wait_for()
    clicks.settle()
    page.keyboard.press("Alt+Shift+L")
    for number in range(12):
        page.wait_for_function(
            "document.activeElement.classList.contains('o_time_entry_text')"
        )
        page.keyboard.type(f"Work {number}")
        page.keyboard.press("Tab")
        page.keyboard.type("0:10")
        page.keyboard.press("Enter")
        cells = page.locator(".o_field_widget[name=timesheet_ids]")
        cells.get_by_text(f"Work {number}", exact=True).wait_for()
        clicks.settle()
        if number < 11:
            title = page.title()
            page.keyboard.press("Alt+N")
            page.wait_for_function("title => document.title !== title", arg=title)
            clicks.settle()
    lines = agent.read_time()
    assert [line["name"] for line in lines] == [
        f"Work {number}" for number in range(12)
    ]
    assert len({line["helpdesk_ticket_id"][0] for line in lines}) == 12


@EACH_SIZE
def test_two_clicks_with_the_timer(agent, size):
    """Start and Stop; the text, and Enter."""
    page, clicks = agent.sit_down(size)
    if size == "phone":  # the buttons are on the card
        clicks.open("/odoo/all-tickets")
        card = f".o_kanban_record:has-text('{agent.admin.read('helpdesk.ticket', agent.tickets[0], ['name'])['name']}')"
    else:
        agent.open_ticket(clicks)
        card = ".o_form_statusbar"
    agent.click(clicks, f"{card} .o_helpdesk_timer_toggle")
    page.locator(SYSTRAY).wait_for()
    assert not agent.read_time()
    agent.move_clock(0.5)
    page.reload()
    clicks.settle()
    assert "0:30" in page.locator(SYSTRAY).inner_text()
    agent.click(clicks, f"{card} .o_helpdesk_timer_stop_button")
    page.wait_for_function(
        "document.activeElement.classList.contains('o_time_entry_text')"
    )
    assert page.locator(f"{DIALOG} .o_time_entry_hours").input_value() == "0:30"
    page.keyboard.type("Looked into it")
    clicks.shot("stop")
    page.keyboard.press("Enter")
    page.locator(SYSTRAY).wait_for(state="detached")
    assert agent.clicked == 2
    [line] = agent.read_time()
    assert (line["name"], line["unit_amount"]) == ("Looked into it", 0.5)


def test_two_devices_show_the_same(served, browser):
    """Started at the desk, seen and paused on the phone, stopped from anywhere."""
    agent = Agent(served, browser, tickets=2)
    page, clicks = agent.sit_down("desktop")
    phone, on_phone = agent.sit_down("phone")
    agent.open_ticket(clicks)
    on_phone.open("/odoo/all-tickets")
    assert not phone.locator(SYSTRAY).count()
    page.keyboard.press("Alt+Shift+P")
    phone.locator(f"{SYSTRAY} .fa-play-circle").wait_for()
    agent.rpc.call("helpdesk.ticket", "action_timer_start", [agent.tickets[1]])
    phone.locator(SYSTRAY).click()
    phone.locator(".o_helpdesk_timer_item").nth(1).wait_for()
    on_phone.shot("paused")
    phone.locator(".o_helpdesk_timer_item .fa-pause").click()
    page.locator(f"{SYSTRAY} .fa-pause-circle-o").wait_for()
    page.locator(".o_form_statusbar .o_helpdesk_timer_toggle .fa-play").wait_for()
    assert not agent.read_time()


def test_forgotten_timer_is_asked_about(agent):
    """On the next screen, once; nothing is recorded by itself."""
    agent.rpc.call("helpdesk.ticket", "action_timer_start", [agent.tickets[0]])
    agent.move_clock(11)
    page, clicks = agent.sit_down("desktop")
    clicks.open("/odoo/discuss")
    page.locator(DIALOG).get_by_text("more than 10:00").wait_for()
    assert "11:00" in page.locator(SYSTRAY).inner_text()
    clicks.shot("forgotten")
    assert page.locator(f"{DIALOG} .o_time_entry_hours").input_value() == "10:00"
    page.get_by_role("button", name="Keep Running", exact=True).click()
    clicks.open("/odoo/all-tickets")
    assert not page.locator(DIALOG).count()
    page.keyboard.press("Alt+Shift+O")
    page.locator(f"{DIALOG} .o_time_entry_hours").fill("2")
    page.locator(f"{DIALOG} .o_time_entry_hours").press("Enter")
    page.locator(SYSTRAY).wait_for(state="detached")
    [line] = agent.read_time()
    assert line["unit_amount"] == 2


@EACH_SIZE
def test_time_with_an_answer(agent, size):
    """One line with the agent's words, or nothing at all."""
    page, clicks = agent.sit_down(size)
    agent.open_ticket(clicks)
    page.locator("button.o-mail-Chatter-logNote").first.click()
    page.locator(".o-mail-Composer-input:visible").fill("It works again, dear customer")
    row = page.locator(".o_helpdesk_timer_composer")
    row.locator(".o_time_entry_text").fill("Mail")
    row.locator(".o_time_entry_hours").fill("90")
    with agent.browser.expect_errors("."):
        page.locator(".o-mail-Composer-send").click()
        row.locator(".text-danger").get_by_text("more than a day").wait_for()
    clicks.shot("refused")
    assert not page.locator(".o-mail-Message").get_by_text("dear customer").count()
    row.locator(".o_time_entry_hours").fill("5m")
    page.locator(".o-mail-Composer-send").click()
    page.locator(".o-mail-Message").get_by_text("dear customer").wait_for()
    [line] = agent.read_time()
    assert (line["name"], round(line["unit_amount"] * 60)) == ("Mail", 5)


def test_running_timer_ends_with_the_answer(agent):
    agent.rpc.call("helpdesk.ticket", "action_timer_start", [agent.tickets[0]])
    agent.move_clock(1)
    page, clicks = agent.sit_down("desktop")
    agent.open_ticket(clicks)
    page.locator("button.o-mail-Chatter-logNote").first.click()
    row = page.locator(".o_helpdesk_timer_composer")
    row.get_by_text("The timer ends with it").wait_for()
    assert row.locator(".o_time_entry_hours").input_value() == "1:00"
    page.locator(".o-mail-Composer-input:visible").fill("Done")
    page.keyboard.press("Control+Enter")
    page.locator(SYSTRAY).wait_for(state="detached")
    [line] = agent.read_time()
    assert line["unit_amount"] == 1
