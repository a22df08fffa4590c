"""From the team's settings to the posted invoice, through the public interfaces.

Each step is done by the user with the fewest rights that can do it, and its result is
read back by whoever looks at it in practice.
"""

import re
import xmlrpc.client

import pytest

from devtools import demo, paths
from helpers.desk import ROLES, Desk
from helpers.rpc import Json2, Rpc


@pytest.fixture(scope="module")
def desk(served):
    return Desk(served)


def assert_no_none(value, path="action"):
    """An answer that holds None cannot be sent over XML-RPC."""
    assert value is not None, f"{path} is None"
    if isinstance(value, dict):
        for key, item in value.items():
            assert_no_none(item, f"{path}[{key}]")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            assert_no_none(item, f"{path}[{number}]")


def refused(rpc, *call, **kwargs):
    """Call what must be refused; return the sentence."""
    with pytest.raises(xmlrpc.client.Fault) as fault:
        rpc.call(*call, **kwargs)
    assert "Traceback" not in fault.value.faultString
    return fault.value.faultString


# === THE STEPS, OVER XML-RPC === #


@pytest.fixture(scope="module")
def walk(desk):
    """Walk the steps once; the tests below look at what each one left."""
    done = {}
    done["customer"] = customer = desk.new_customer("Walk")
    done["team"] = team = desk.new_team(
        use_helpdesk_timesheet=False, use_helpdesk_sale_timesheet=False
    )
    done["ticket"] = ticket = desk.new_ticket(team, customer)
    desk.boss.write("helpdesk.team", team, {"use_helpdesk_timesheet": True})
    desk.boss.write("helpdesk.team", team, {"use_helpdesk_sale_timesheet": True})
    done["order"], done["item"] = desk.new_order(customer)
    done["lines"] = [desk.log(1.5, ticket), desk.log(2.25, ticket, name="Call")]
    done["unlinked"] = desk.hours(ticket), desk.delivered(done["item"])
    desk.agent.write("helpdesk.ticket", ticket, {"sale_line_id": done["item"]})
    done["linked"] = desk.hours(ticket), desk.delivered(done["item"])
    done["action"], done["invoices"] = desk.invoice(done["order"])
    done["drafted"] = desk.hours(ticket), desk.billed(done["invoices"][0])
    desk.accounts.call("account.move", "action_post", done["invoices"])
    return done


def test_switches_give_the_team_a_billable_project(desk, walk):
    team = desk.boss.read("helpdesk.team", walk["team"], ["project_id"])
    assert team["project_id"]
    project = desk.admin.read(
        "project.project",
        team["project_id"][0],
        ["allow_billable", "allow_timesheets", "company_id"],
    )
    assert project["allow_timesheets"] and project["allow_billable"]
    ticket = desk.agent.read("helpdesk.ticket", walk["ticket"], ["project_id"])
    assert ticket["project_id"] == team["project_id"], "older tickets get it, too"


def test_time_without_item_bills_nobody(walk):
    hours, delivered = walk["unlinked"]
    assert hours["total_hours_spent"] == 3.75
    assert hours["hours_non_billable"] == 3.75
    assert hours["invoice_status"] == "no"
    assert delivered == 0


def test_delivered_matches_the_hours_of_the_linked_ticket(desk, walk):
    hours, delivered = walk["linked"]
    assert delivered == hours["total_hours_spent"] == 3.75
    assert hours["hours_to_invoice"] == 3.75
    assert hours["hours_non_billable"] == 0
    assert hours["invoice_status"] == "to invoice"
    assert [line["so_line"][0] for line in desk.lines(walk["ticket"])] == [
        walk["item"]
    ] * 2


def test_invoice_bills_the_hours(desk, walk):
    assert len(walk["invoices"]) == 1
    hours, draft = walk["drafted"]
    assert draft["state"] == "draft"
    assert draft["quantity"] == 3.75
    assert draft["price_subtotal"] == draft["amount_untaxed"] == 300.0
    assert hours["hours_invoiced"] == 3.75 and hours["hours_to_invoice"] == 0
    assert "Printer on fire" in draft["name"], "the invoice says what was done"
    posted = desk.billed(walk["invoices"][0])
    assert posted["state"] == "posted"
    assert posted["amount_untaxed"] == 300.0


def test_links_lead_from_each_document_to_the_others(desk, walk):
    ticket = desk.sales.read(
        "helpdesk.ticket",
        walk["ticket"],
        ["sale_order_id", "invoice_ids", "invoice_count", "invoice_status"],
    )
    assert ticket["sale_order_id"][0] == walk["order"]
    assert ticket["invoice_ids"] == walk["invoices"] and ticket["invoice_count"] == 1
    assert ticket["invoice_status"] == "invoiced"
    order = desk.sales.read(
        "sale.order", walk["order"], ["ticket_ids", "ticket_count", "invoice_status"]
    )
    assert order["ticket_ids"] == [walk["ticket"]] and order["ticket_count"] == 1
    assert order["invoice_status"] == "invoiced"
    lines = desk.lines(walk["ticket"], fields=["timesheet_invoice_id"])
    assert {line["timesheet_invoice_id"][0] for line in lines} == set(walk["invoices"])


def test_actions_survive_xmlrpc_and_lead_there(desk, walk):
    ticket, order = [walk["ticket"]], [walk["order"]]
    project = desk.agent.read("helpdesk.ticket", walk["ticket"], ["project_id"])
    calls = {
        "order of the ticket": (desk.sales, "helpdesk.ticket", ticket,
                                "action_view_sale_order"),
        "invoices of the ticket": (desk.sales, "helpdesk.ticket", ticket,
                                   "action_view_invoices"),
        "tickets of the team": (desk.agent, "helpdesk.team", [walk["team"]],
                                "action_view_tickets"),
        "tickets of the project": (desk.boss, "project.project",
                                   [project["project_id"][0]], "action_view_tickets"),
        "tickets of the order": (desk.sales, "sale.order", order,
                                 "action_view_tickets"),
    }  # fmt: skip
    actions = {}
    for name, (user, model, ids, method) in calls.items():
        actions[name] = user.call(model, method, ids)
        assert_no_none(actions[name], name)
    assert actions["order of the ticket"]["res_model"] == "sale.order"
    assert actions["order of the ticket"]["res_id"] == walk["order"]
    assert records(desk.sales, actions["invoices of the ticket"]) == walk["invoices"]
    for name in ("tickets of the team", "tickets of the project"):
        assert records(desk.agent, actions[name]) == ticket
    assert records(desk.sales, actions["tickets of the order"]) == ticket
    assert_no_none(walk["action"], "the wizard's action")
    assert records(desk.sales, walk["action"]) == walk["invoices"]


def records(rpc, action):
    """Return the ids a window action shows to a user."""
    if action.get("res_id"):
        return [action["res_id"]]
    return rpc.search(action["res_model"], action["domain"])


def test_billed_time_is_frozen(desk, walk):
    [line, _other] = walk["lines"]
    for values in ({"unit_amount": 9}, {"helpdesk_ticket_id": False}):
        refused(desk.agent, "account.analytic.line", "write", [line], values)
    refused(desk.agent, "account.analytic.line", "unlink", [line])
    assert desk.hours(walk["ticket"])["hours_invoiced"] == 3.75
    assert desk.delivered(walk["item"]) == 3.75


def test_a_second_invoice_bills_new_time_only(desk, walk):
    desk.log(0.5, walk["ticket"], name="Afterwards")
    action = desk.sales.call(
        "helpdesk.ticket", "action_create_invoice", [walk["ticket"]]
    )
    assert_no_none(action)
    [invoice] = records(desk.sales, action)
    assert invoice not in walk["invoices"]
    assert desk.billed(invoice)["quantity"] == 0.5
    assert desk.billed(invoice)["amount_untaxed"] == 40.0
    assert desk.hours(walk["ticket"])["hours_invoiced"] == 4.25
    sentence = refused(
        desk.sales, "helpdesk.ticket", "action_create_invoice", [walk["ticket"]]
    )
    assert "no open time" in sentence


# === WHO MAY DO WHAT === #


def test_roles_cannot_do_what_is_not_theirs(desk, walk):
    refused(desk.agent, "helpdesk.team", "write", [walk["team"]], {"name": "Mine"})
    refused(desk.agent, "sale.order", "read", [walk["order"]], ["name"])
    refused(desk.agent, "helpdesk.ticket", "action_create_invoice", [walk["ticket"]])
    refused(desk.agent, "helpdesk.ticket", "action_view_sale_order", [walk["ticket"]])
    refused(desk.sales, "helpdesk.ticket", "write", [walk["ticket"]], {"name": "Mine"})
    refused(desk.agent, "helpdesk.ticket", "read", [walk["ticket"]], ["invoice_ids"])
    assert desk.hours(walk["ticket"])["total_hours_spent"] >= 3.75


def test_agent_finds_the_item_without_seeing_a_price(desk, walk):
    domain = [("order_partner_id.commercial_partner_id", "=", walk["customer"])]
    [(item, name)] = desk.agent.call(
        "sale.order.line", "name_search", "", domain=domain
    )
    assert item == walk["item"]
    assert "80" not in name
    refused(desk.agent, "sale.order.line", "read", [item], ["price_unit"])


# === FIVE WAYS TO THE SAME HOUR === #


@pytest.mark.parametrize("role", ["ticket", "task", "task and ticket"])
def test_time_on_ticket_and_task_is_the_same_time(desk, walk, role):
    customer = desk.new_customer(f"Task {role}")
    _order, item = desk.new_order(customer)
    ticket = desk.new_ticket(walk["team"], customer, sale_line_id=item)
    [project] = desk.lines(walk["ticket"], fields=["project_id"])[0:1]
    project = project["project_id"][0]
    task = desk.admin.create(
        "project.task", {"name": "Replace it", "project_id": project}
    )
    desk.admin.write("helpdesk.ticket", ticket, {"task_id": task})
    given = {
        "ticket": {"helpdesk_ticket_id": ticket},
        "task": {"task_id": task, "project_id": project},
        "task and ticket": {"task_id": task, "helpdesk_ticket_id": ticket},
    }[role]
    line = desk.log(2.0, **given)
    read = desk.admin.read(
        "account.analytic.line",
        line,
        ["helpdesk_ticket_id", "task_id", "project_id", "so_line", "partner_id"],
    )
    assert read["helpdesk_ticket_id"][0] == ticket
    assert read["task_id"][0] == task
    assert read["project_id"][0] == project
    assert read["so_line"][0] == item
    assert read["partner_id"][0] == customer
    assert desk.hours(ticket)["total_hours_spent"] == 2.0
    [on_task] = desk.admin.call(
        "project.task", "read", [task], ["effective_hours", "helpdesk_ticket_id"]
    )
    assert on_task["effective_hours"] == 2.0
    assert on_task["helpdesk_ticket_id"][0] == ticket
    assert desk.delivered(item) == 2.0


def test_time_logged_on_a_task_before_it_was_linked(desk, walk):
    customer = desk.new_customer("Early")
    _order, item = desk.new_order(customer)
    ticket = desk.new_ticket(walk["team"], customer, sale_line_id=item)
    project = desk.agent.read("helpdesk.ticket", ticket, ["project_id"])
    project = project["project_id"][0]
    task = desk.admin.create(
        "project.task", {"name": "Early work", "project_id": project}
    )
    desk.log(1.0, task_id=task, project_id=project)
    assert desk.delivered(item) == 0
    desk.admin.write("helpdesk.ticket", ticket, {"task_id": task})
    assert desk.hours(ticket)["total_hours_spent"] == 1.0
    assert desk.delivered(item) == 1.0


# === BY E-MAIL === #


def test_from_an_email_to_the_invoice(desk):
    team = desk.new_team(name=f"{desk.tag} Mail", alias_name=f"{desk.tag}-help")
    customer = desk.new_customer("Mail", email=f"{desk.tag}@customer.example.com")
    order, item = desk.new_order(customer, price=100.0)
    ticket = desk.receive(
        f'"A customer" <{desk.tag}@customer.example.com>',
        f"{desk.tag}-help@{alias_domain(desk)}",
        "The scanner is jammed 🖨",
    )
    read = desk.agent.read(
        "helpdesk.ticket",
        ticket,
        ["name", "team_id", "partner_id", "sale_line_id", "project_id", "description"],
    )
    assert read["name"] == "The scanner is jammed 🖨"
    assert read["team_id"][0] == team
    assert read["partner_id"][0] == customer
    assert "Please help." in read["description"]
    assert read["project_id"]
    assert read["sale_line_id"][0] == item, "the customer's only open item is preset"
    desk.log(1.25, ticket)
    assert desk.delivered(item) == 1.25
    _action, [invoice] = desk.invoice(order)
    desk.accounts.call("account.move", "action_post", [invoice])
    assert desk.billed(invoice)["amount_untaxed"] == 125.0
    assert desk.billed(invoice)["state"] == "posted"
    assert desk.hours(ticket)["invoice_status"] == "invoiced"


def alias_domain(desk):
    """Return the domain e-mail aliases end with; one is made if there is none."""
    rows = desk.admin.search_read("mail.alias.domain", [], ["name"], limit=1)
    if rows:
        return rows[0]["name"]
    domain = desk.admin.create("mail.alias.domain", {"name": "desk.example.com"})
    return desk.admin.read("mail.alias.domain", domain, ["name"])["name"]


# === THE STEPS, OVER JSON-2 === #


def test_the_steps_over_json2(desk, json2, served):
    roles = ("boss", "agent", "sales", "accounts")
    boss, agent, sales, accounts = json2(*(f"{desk.tag}_{role}" for role in roles))
    customer = desk.new_customer("Json")
    [team] = boss.call(
        "helpdesk.team",
        "create",
        vals_list=[{"name": "Json", "use_helpdesk_timesheet": True,
                    "use_helpdesk_sale_timesheet": True}],
    )  # fmt: skip
    line = {"product_id": desk.product, "price_unit": 60.0, "tax_ids": [[5]]}
    [order] = sales.call(
        "sale.order",
        "create",
        vals_list=[{"partner_id": customer, "order_line": [[0, 0, line]]}],
    )
    sales.call("sale.order", "action_confirm", ids=[order])
    [ticket] = agent.call(
        "helpdesk.ticket",
        "create",
        vals_list=[{"name": "Json", "team_id": team, "partner_id": customer,
                    "sale_line_id": False}],
    )  # fmt: skip
    agent.call(
        "account.analytic.line",
        "create",
        vals_list=[{"helpdesk_ticket_id": ticket, "name": "Work", "unit_amount": 2.5}],
    )
    [(item, _name)] = agent.call(
        "sale.order.line",
        "name_search",
        domain=[["order_partner_id.commercial_partner_id", "=", customer]],
    )
    agent.call("helpdesk.ticket", "write", ids=[ticket], vals={"sale_line_id": item})
    [read] = sales.call("sale.order.line", "read", ids=[item], fields=["qty_delivered"])
    assert read["qty_delivered"] == 2.5
    action = sales.call("helpdesk.ticket", "action_create_invoice", ids=[ticket])
    assert_no_none(action)
    invoices = sales.call(
        "account.move", "search", domain=[["invoice_line_ids.sale_line_ids", "=", item]]
    )
    assert records(desk.sales, action) == invoices
    accounts.call("account.move", "action_post", ids=invoices)
    [move] = accounts.call(
        "account.move", "read", ids=invoices, fields=["amount_untaxed", "state"]
    )
    assert (move["amount_untaxed"], move["state"]) == (150.0, "posted")
    [figures] = agent.call(
        "helpdesk.ticket", "read", ids=[ticket], fields=["hours_invoiced"]
    )
    assert figures["hours_invoiced"] == 2.5


def test_json2_refuses_a_wrong_key(served):
    status, _answer = Json2(served.url, served.database, "not a key").post(
        "helpdesk.ticket", "search_read", domain=[], fields=["name"]
    )
    assert status == 401


# === WHAT THE README SAYS === #


def test_the_script_of_the_readme(desk, walk, served):
    text = (paths.ROOT / "README.md").read_text()
    [script] = re.findall(r"```python\n(.*?)```", text, re.S)
    lead = desk.admin.new_user(
        f"{desk.tag}_lead", [*ROLES["boss"], *ROLES["agent"]]
    )  # fmt: skip
    desk.admin.create("hr.employee", {"name": "Lead", "user_id": lead.uid})
    for shown, real in (
        ('"http://127.0.0.1:8069"', served.url),
        ('"helpdesk_demo"', served.database),
        ('"admin"', lead.login),
    ):
        assert shown in script
        script = script.replace(shown, repr(real))
    assert ", 2, " in script
    names = {}
    exec(script.replace(", 2, ", f", {lead.uid}, ", 1), names)
    [line] = desk.lines(names["ticket"])
    assert line["unit_amount"] == 1.5
    assert line["project_id"]


def test_make_demo_walks_through_the_steps(served, capsys):
    """What `make demo` does, on a database without demo data."""
    assert demo.walk(Rpc(served.url, served.database, "admin")) == (2.5, 2.5)
    printed = capsys.readouterr().out
    assert "Delivered: 2.50" in printed and "saved as" in printed
