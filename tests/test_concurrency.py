"""Many people, one order item: nobody is turned away, no hour is lost or billed twice.

The server runs with two workers. What it did in which time is printed and kept in
``concurrency.json`` among the artifacts.
"""

import contextlib
import json
import os
import time

import psutil
import psycopg2
import pytest

from devtools import paths
from devtools.served import Served, answers, free_port
from helpers.bench import SERVER_OPTIONS
from helpers.crowd import Crowd, OneTryRpc, call, together
from helpers.desk import Desk

CLIENTS = 6
LINES = int(os.environ.get("CROWD_LINES", "8"))
HOURS = 0.25
#: No single call may take longer, in seconds, even on a busy machine.
SLOWEST = 60.0
INVOICE = ("sale.advance.payment.inv", "create_invoices")
REFRESH = "sale_timesheet_contention.ir_cron_delivered_refresh"


class Busy(Served):
    """A database served by two workers."""

    def __init__(self, database, log):
        options = ["--workers=2", f"--gevent-port={free_port()}", *SERVER_OPTIONS]
        super().__init__(database.odoo, database.name, log, options=options)
        self.db = database

    def connect(self):
        """Open a connection of our own to the database."""
        env = self.odoo.server.env
        return psycopg2.connect(
            dbname=self.database,
            host=env.get("PGHOST"),
            port=env.get("PGPORT"),
            user=env.get("PGUSER"),
            password=env.get("PGPASSWORD"),
        )

    @contextlib.contextmanager
    def holding(self, item):
        """Hold the row of an order item, so that whoever writes it has to wait."""
        with contextlib.closing(self.connect()) as connection:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id FROM sale_order_line WHERE id = %s FOR UPDATE", [item]
                )
                yield

    def wait_for_waiting(self, seconds=60):
        """Return once a request waits for a row somebody holds."""
        end = time.monotonic() + seconds
        with contextlib.closing(self.connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                while time.monotonic() < end:
                    cursor.execute(
                        "SELECT 1 FROM pg_stat_activity WHERE datname = %s"
                        " AND wait_event_type = 'Lock'",
                        [self.database],
                    )
                    if cursor.fetchone():
                        return
                    time.sleep(0.05)
        pytest.fail("no request waits for the row")

    def kill_workers(self):
        """Kill every worker as a crash does; the server starts new ones."""
        for worker in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if "gevent" not in worker.cmdline():
                    worker.kill()

    def wait_until_ready(self, seconds=60):
        """Return once the server answers again."""
        end = time.monotonic() + seconds
        while not answers(self.url):
            assert time.monotonic() < end, "the server did not come back"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def busy(bench, artifacts):
    database = bench.database("busy", "addons")
    log = artifacts / "busy.log"
    log.unlink(missing_ok=True)
    with Busy(database, log) as server:
        yield server
    database.drop()


@pytest.fixture(scope="module")
def desk(busy):
    return Desk(busy)


@pytest.fixture(scope="module")
def crowd(desk):
    return Crowd(desk, CLIENTS)


@pytest.fixture
def bill(desk):
    """One order item of a new customer and a ticket for each agent billed on it."""
    customer = desk.new_customer("Busy")
    team = desk.new_team()
    order, item = desk.new_order(customer)
    values = [
        {"name": "Busy", "team_id": team, "partner_id": customer, "sale_line_id": item}
        for _client in range(CLIENTS)
    ]
    tickets = desk.agent.create("helpdesk.ticket", values)
    return {"order": order, "item": item, "tickets": tickets}


@pytest.fixture(scope="module")
def figures(artifacts):
    """Collect what is printed at the end."""
    found = {}
    yield found
    path = paths.ARTIFACTS / "concurrency.json"
    path.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


# === HELPERS === #


def summarize(calls, seconds):
    """Return the figures of calls: how many a second, the slowest, what failed."""
    return {
        "calls": len(calls),
        "accepted": sum(one.accepted for one in calls),
        "refused": sum(bool(one.refusal) for one in calls),
        "broken": sum(bool(one.broken) for one in calls),
        "lines per second": round(len(calls) / seconds, 1),
        "slowest ms": round(max(one.seconds for one in calls) * 1000),
    }


def read_item(desk, item):
    fields = ["qty_delivered", "qty_invoiced", "qty_to_invoice"]
    return desk.sales.read("sale.order.line", item, fields)


def refresh(desk):
    """What the scheduled action does soon after a crash."""
    cron = desk.admin.ref(REFRESH)
    desk.admin.call("ir.cron", "method_direct_trigger", [cron])


def assert_exact(desk, bill, calls):
    """Every accepted line is there once, no refused one, and the item is right."""
    lines = desk.lines(*bill["tickets"], fields=("name", "unit_amount", "so_line"))
    names = [line["name"] for line in lines]
    assert len(names) == len(set(names)), "a line is there twice"
    accepted = {one.name for one in calls if one.accepted}
    refused = {one.name for one in calls if one.refusal}
    assert accepted <= set(names), "an accepted line is missing"
    assert not refused & set(names), "a refused line is there"
    assert {line["so_line"][0] for line in lines} <= {bill["item"]}
    item = read_item(desk, bill["item"])
    total = sum(line["unit_amount"] for line in lines)
    assert item["qty_delivered"] == pytest.approx(total)
    assert item["qty_to_invoice"] == pytest.approx(total - item["qty_invoiced"])


def one_try(rpc):
    """A session of its own for the same user."""
    return OneTryRpc(rpc.url, rpc.database, rpc.login)


def new_wizard(desk, bill):
    values = {
        "sale_order_ids": [(6, 0, [bill["order"]])],
        "advance_payment_method": "delivered",
    }
    return desk.sales.create("sale.advance.payment.inv", values)


def invoices_of(desk, order):
    """Invoices of an order that count, with their quantities."""
    return desk.accounts.search_read(
        "account.move.line",
        [
            ("sale_line_ids.order_id", "=", order),
            ("parent_state", "!=", "cancel"),
        ],
        ["move_id", "quantity"],
    )


# === LOGGING === #


def test_six_people_log_on_one_item(desk, crowd, bill, figures):
    """Nothing fails for anybody, and the figures are exact."""
    start = time.monotonic()
    calls = crowd.log(bill["tickets"], HOURS, LINES)
    figures["six clients log"] = summary = summarize(calls, time.monotonic() - start)
    assert [one.refusal or one.broken for one in calls if not one.accepted] == []
    assert summary["slowest ms"] < SLOWEST * 1000
    assert len(calls) >= CLIENTS
    assert_exact(desk, bill, calls)
    assert not desk.admin.search("sale.delivered.refresh", [])


def test_people_correct_while_others_log(desk, crowd, bill, figures):
    """Editing and deleting beside the logging of others is exact as well."""
    first = crowd.log(bill["tickets"], HOURS, 3)
    mine = [
        [one.answer for one in first if one.name.startswith(f"{client.login} ")]
        for client in crowd.clients
    ]

    def correct(place):
        client, (edited, deleted, _kept) = crowd.clients[place], mine[place]
        ticket = bill["tickets"][place]
        values = {"name": f"late {place}", "helpdesk_ticket_id": ticket}
        values |= {"unit_amount": HOURS, "date": desk.today}
        model = "account.analytic.line"
        return [
            call("edit", lambda: client.write(model, edited, {"unit_amount": 2.0})),
            call("delete", lambda: client.unlink(model, [deleted])),
            call("log", lambda: client.create(model, values)),
        ]

    start = time.monotonic()
    lists = together(*(lambda place=place: correct(place) for place in range(CLIENTS)))
    calls = [one for calls in lists for one in calls]
    figures["six clients correct"] = summarize(calls, time.monotonic() - start)
    assert [one.refusal or one.broken for one in calls if not one.accepted] == []
    assert_exact(desk, bill, [])
    hours = CLIENTS * (2.0 + HOURS + HOURS)
    assert read_item(desk, bill["item"])["qty_delivered"] == pytest.approx(hours)


def test_people_log_on_plain_tasks(desk, crowd, figures):
    """Time without tickets takes turns, too, once two collided on the item: where stock
    gives up after five tries, nobody is refused, and the figure is exact."""
    customer = desk.new_customer("Plain")
    _order, item = desk.new_order(customer)
    project = desk.admin.create(
        "project.project",
        {
            "name": "Plain",
            "allow_billable": True,
            "partner_id": customer,
            "privacy_visibility": "employees",
        },
    )
    values = [
        {"name": "Plain", "project_id": project, "sale_line_id": item}
        for _client in range(CLIENTS)
    ]
    tasks = desk.admin.create("project.task", values)
    start = time.monotonic()
    calls = crowd.log(tasks, HOURS, 8, field="task_id")
    figures["plain tasks"] = summarize(calls, time.monotonic() - start)
    assert [one.refusal or one.broken for one in calls if not one.accepted] == []
    hours = read_item(desk, item)["qty_delivered"]
    assert hours == pytest.approx(len(calls) * HOURS)


# === INVOICING === #


@pytest.mark.parametrize("way", ["order", "ticket"])
def test_two_people_invoice_at_once(desk, bill, way):
    """There is one invoice; the other person reads why there is no second."""
    for ticket in bill["tickets"]:
        desk.log(1.5, ticket)
    wizards = [new_wizard(desk, bill) for _person in range(2)]
    sessions = [one_try(desk.sales) for _person in range(2)]

    def invoice(place):
        rpc = sessions[place]
        if way == "ticket" and place:
            return call(
                "ticket",
                lambda: rpc.call(
                    "helpdesk.ticket", "action_create_invoice", bill["tickets"]
                ),
            )
        return call("order", lambda: rpc.call(*INVOICE, [wizards[place]]))

    calls = together(lambda: invoice(0), lambda: invoice(1))
    assert sum(one.accepted for one in calls) == 1, calls
    [loser] = [one for one in calls if not one.accepted]
    assert loser.refusal and "Traceback" not in loser.refusal
    assert "invoice" in loser.refusal.lower() or "bill" in loser.refusal.lower()
    [line] = invoices_of(desk, bill["order"])
    assert line["quantity"] == pytest.approx(1.5 * CLIENTS)
    billed = desk.lines(*bill["tickets"], fields=["timesheet_invoice_id"])
    assert {row["timesheet_invoice_id"][0] for row in billed} == {line["move_id"][0]}


def test_log_while_somebody_invoices(desk, crowd, bill, figures):
    """What is logged meanwhile is on this invoice or open for the next, never both."""
    first = crowd.log(bill["tickets"], HOURS, 2)
    start = time.monotonic()
    results = together(
        lambda: crowd.log(bill["tickets"], HOURS * 2, 4),
        lambda: call("invoice", lambda: desk.invoice(bill["order"])),
    )
    calls, invoiced = results
    figures["log while invoicing"] = summarize(calls, time.monotonic() - start)
    assert invoiced.accepted, invoiced
    assert [one.refusal or one.broken for one in calls if not one.accepted] == []
    lines = desk.lines(*bill["tickets"], fields=["unit_amount", "timesheet_invoice_id"])
    assert len(lines) == len(first) + len(calls)
    billed = sum(line["unit_amount"] for line in lines if line["timesheet_invoice_id"])
    item = read_item(desk, bill["item"])
    assert item["qty_invoiced"] == pytest.approx(billed)
    assert item["qty_delivered"] == pytest.approx(
        sum(line["unit_amount"] for line in lines)
    )
    assert item["qty_to_invoice"] == pytest.approx(item["qty_delivered"] - billed)


# === CRASHES === #


def test_workers_killed_while_people_log(busy, desk, crowd, bill, figures):
    """A call cut off by a crash left its line whole or not at all."""
    killed = []

    def kill():
        for _time in range(2):
            time.sleep(1.5)
            busy.kill_workers()
            killed.append(True)

    start = time.monotonic()
    calls, _nothing = together(
        lambda: crowd.log(bill["tickets"], HOURS, 12, limit=30), kill
    )
    figures["workers killed"] = summarize(calls, time.monotonic() - start)
    busy.wait_until_ready()
    assert len(killed) == 2
    assert any(one.accepted for one in calls)
    assert [one.refusal for one in calls if one.refusal] == []
    refresh(desk)
    assert_exact(desk, bill, calls)


def test_worker_killed_before_the_figures_are_refreshed(busy, desk, crowd, bill):
    """A crash between saving a line and refreshing its item heals by itself."""
    client, ticket = crowd.clients[0], bill["tickets"][0]
    values = {"name": "cut off", "helpdesk_ticket_id": ticket}
    values |= {"unit_amount": 1.0, "date": desk.today}

    def crash():
        with busy.holding(bill["item"]):
            busy.wait_for_waiting()
            busy.kill_workers()

    cut_off, _nothing = together(
        lambda: call("cut off", lambda: client.create("account.analytic.line", values)),
        crash,
    )
    assert cut_off.broken
    busy.wait_until_ready()
    refresh(desk)
    assert_exact(desk, bill, [])
    second = crowd.log(bill["tickets"], HOURS, 1)
    assert_exact(desk, bill, second)


def test_worker_killed_while_invoicing(busy, desk, bill):
    """Half an invoice is none: nothing is linked, and it can be made again."""
    for ticket in bill["tickets"]:
        desk.log(1.0, ticket)
    wizard = new_wizard(desk, bill)
    seller = one_try(desk.sales)

    def crash():
        with busy.holding(bill["item"]):
            busy.wait_for_waiting()
            busy.kill_workers()

    cut_off, _nothing = together(
        lambda: call("cut off", lambda: seller.call(*INVOICE, [wizard])), crash
    )
    assert cut_off.broken
    busy.wait_until_ready()
    assert invoices_of(desk, bill["order"]) == []
    open_lines = desk.lines(*bill["tickets"], fields=["timesheet_invoice_id"])
    assert not any(line["timesheet_invoice_id"] for line in open_lines)
    assert read_item(desk, bill["item"])["qty_to_invoice"] == CLIENTS
    desk.invoice(bill["order"])
    [line] = invoices_of(desk, bill["order"])
    assert line["quantity"] == CLIENTS
