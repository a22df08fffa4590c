"""The page of calls, docs/api.md: what it shows is run, by XML-RPC and by JSON-2.

Its blocks are executed as they stand, one after the other, by the users it names; only
address, keys and receiver are put in, and the second way has a customer of its own.
"""

import ast
import base64
import http.server
import json
import re
import shutil
import threading
import urllib.error
import urllib.request
import xmlrpc.client

import pytest

from devtools import paths
from helpers.desk import ROLES, Desk
from helpers.rpc import Json2

PAGE = (paths.ROOT / "docs" / "api.md").read_text()
WAYS = ("xmlrpc", "json2")
LOGINS = {
    "agent": "key of the agent",
    "sales": "key of the salesperson",
    "accounts": "key of the accountant",
    "admin": "key of the administrator",
}


def blocks(kind, text=PAGE):
    """Return the code of one kind, in its order."""
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def table(heading):
    """Return the rows of the table below a heading, without its head."""
    text = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return [row.split(" | ") for row in rows[2:]]


def run(code, names):
    """Run a block; what it says of an expression, ``# =>``, must be so."""
    rows = code.splitlines()
    for node in ast.parse(code).body:
        said = rows[node.end_lineno - 1][node.end_col_offset :].partition("# => ")[2]
        if not said:
            exec(compile(ast.Module([node], []), "api.md", "exec"), names)
            continue
        expression = compile(ast.Expression(node.value), "api.md", "eval")
        assert eval(expression, names) == eval(said, names), ast.unparse(node)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Another system that is told of changes."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def receiver():
    """A system that listens on this machine."""
    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.got = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def desk(served):
    """The desk that the page speaks of."""
    desk = Desk(served)
    admin = desk.admin
    [module] = admin.search("ir.module.module", [("name", "=", "base_automation")])
    admin.call("ir.module.module", "button_immediate_install", [module])
    admin.call("ir.config_parameter", "set_param", "web.base.url", served.url)
    [german] = admin.search(
        "res.lang", [("code", "=", "de_DE"), ("active", "in", [True, False])]
    )
    admin.write("res.lang", german, {"active": True})
    desk.team = admin.ref("helpdesk_base.helpdesk_team_customer_care")
    switches = {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True}
    desk.boss.write("helpdesk.team", desk.team, switches)
    hour = admin.ref("uom.product_uom_hour")
    policy = {"type": "service", "service_policy": "ordered_prepaid", "uom_id": hour}
    desk.pack = admin.create("product.product", {"name": "Pack of Hours", **policy})
    _order, desk.foreign = desk.new_order(desk.new_customer("Foreign"))
    strict = desk.new_team(require_time_to_close=True, name="Strict")
    desk.timeless = desk.new_ticket(strict, False)
    stage = desk.boss.create("helpdesk.stage", {"name": "Only"})
    endless = desk.new_team(stage_ids=[(6, 0, [stage])], name="Endless")
    desk.endless = desk.new_ticket(endless, False)
    private = desk.new_team(privacy_visibility="invited_internal", name="Private")
    desk.hidden = admin.create(
        "helpdesk.ticket", {"name": "Hidden", "team_id": private}
    )
    roles = [f"{desk.tag}_{role}" for role in LOGINS if role != "admin"]
    desk.keys = served.make_keys(*roles, "admin")
    return desk


@pytest.fixture(scope="module", params=WAYS)
def walked(request, desk, receiver):
    """The names that the blocks of one way to call leave behind."""
    way = request.param
    town = {"xmlrpc": "Harbour", "json2": "Quay"}[way]
    email = f"till@{town.lower()}.example"
    customer = desk.admin.create(
        "res.partner", {"name": f"{town} Bakery", "is_company": True, "email": email}
    )
    desk.new_order(customer, price=80.0)
    desk.new_order(customer, product=desk.pack, price=60.0, product_uom_qty=20)
    names = {"way": way, "email": email}
    receiver.got.clear()
    for code in blocks(f"python {way}"):
        run(put_in(code, desk, receiver, town), names)
    desk.admin.write("base.automation", names["rule"], {"active": False})
    names["told"] = list(receiver.got)
    return names


def put_in(code, desk, receiver, town):
    """Put addresses and keys into a block of the page."""
    real = {
        '"https://desk.example.com"': repr(desk.server.url),
        '"desk"\n': f"{desk.server.database!r}\n",
        '"https://erp.example.com/desk"': repr(
            f"http://127.0.0.1:{receiver.server_port}"
        ),
        "Harbour": town,
        "harbour": town.lower(),
    }
    for role, key in LOGINS.items():
        login = "admin" if role == "admin" else f"{desk.tag}_{role}"
        real[f'"{role}@desk.example", "{key}"'] = f"{login!r}, {desk.keys[login]!r}"
    for shown, value in real.items():
        code = code.replace(shown, value)
    assert ".example.com" not in code and "key of the" not in code
    return code


# === WHAT THE CALLS DO === #


def test_calls_are_the_same_in_both_ways():
    headings = re.findall(r"^### (\d+)\. ", PAGE, re.MULTILINE)
    assert headings == [str(number) for number in range(1, 13)]
    for section in PAGE.split("\n### ")[1:]:
        assert all(blocks(f"python {way}", section) for way in WAYS), section


def test_customer_has_comment_and_file_and_not_the_note(desk, walked):
    messages = [walked["comment"], walked["note"]]
    said, public = desk.admin.ref("mail.mt_note"), desk.admin.ref("mail.mt_comment")
    fields = ["body", "subtype_id", "notified_partner_ids"]
    comment, note = desk.admin.read("mail.message", messages, fields)
    assert walked["customer"] in comment["notified_partner_ids"]
    assert walked["customer"] not in note["notified_partner_ids"]
    assert "We come at ten." in comment["body"] and comment["subtype_id"][0] == public
    assert "<b>again</b>" in note["body"] and note["subtype_id"][0] == said
    [file] = desk.admin.search_read(
        "ir.attachment", [("id", "=", walked["file"])], ["datas", "res_id"]
    )
    assert file["res_id"] == walked["ticket"]
    assert base64.b64decode(file["datas"]) == b"16 A"
    domain = [("attachment_ids", "=", walked["file"])]
    [sent] = desk.admin.search_read("mail.message", domain, ["subtype_id"])
    assert sent["subtype_id"][0] == public


def test_time_was_recorded_once_and_billed(desk, walked):
    rows = desk.lines(walked["ticket"], fields=["unit_amount", "timesheet_invoice_id"])
    assert [row["unit_amount"] for row in rows] == [1.5, 0.25, 0.25]
    assert {row["timesheet_invoice_id"][0] for row in rows} == {walked["invoice"]}
    [loaded] = desk.lines(*walked["first"]["ids"])
    assert loaded["unit_amount"] == 0.75


def test_link_opens_the_invoice_without_log_in(walked):
    with urllib.request.urlopen(walked["invoice_url"]) as reply:
        shown = reply.read().decode()
    assert "Harbour Bakery" in shown.replace("Quay", "Harbour")
    assert walked["number"] in shown
    if shutil.which("wkhtmltopdf"):
        url = walked["invoice_url"].replace("report_type=html", "report_type=pdf")
        with urllib.request.urlopen(url) as reply:
            assert reply.read(4) == b"%PDF"


def test_customer_finds_the_statement_of_a_pack(desk, walked):
    login = f"portal_{walked['way']}"
    desk.admin.new_user(login, ["base.group_portal"], partner_id=walked["customer"])
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    who = {"db": desk.server.database, "login": login, "password": login}
    url = f"{desk.server.url}/web/session/authenticate"
    body = json.dumps({"params": who}).encode()
    browser.open(
        urllib.request.Request(url, body, {"Content-Type": "application/json"})
    )
    [pack] = walked["packs"]
    for sheet in ("", "?report_type=html"):
        with browser.open(f"{desk.server.url}/my/packs/{pack['id']}{sheet}") as reply:
            shown = re.sub(r"<[^>]*>|\s+", " ", reply.read().decode())
        # 20 hours, less the time that was loaded
        assert re.search(r"Left\s+19:15", shown)


def test_values_are_as_the_page_says(walked):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", walked["since"])
    ids, names = [walked["line"]], ["date", "task_id"]
    [read] = call(walked, "account.analytic.line", "read", ids=ids, fields=names)
    assert read == {"id": walked["line"], "date": walked["today"], "task_id": False}


def call(walked, model, method, **arguments):
    """Call a method as the agent, in the way that was walked."""
    if walked["way"] == "json2":
        return walked["agent"](model, method, **arguments)
    return walked["agent"](model, method, *arguments.values())


def test_webhook_out_sends_what_the_page_shows(walked):
    [(kind, payload)] = [
        (kind, payload)
        for kind, payload in walked["told"]
        if payload["_id"] == walked["hot"]
    ]
    shown = json.loads(blocks("json")[0])
    assert kind == "application/json"
    assert payload.keys() == shown.keys()
    assert re.sub(r"\d+", "", payload["_action"]) == re.sub(
        r"\d+", "", shown["_action"]
    )
    for name in ("name", "_model", "is_closed"):
        assert payload[name] == shown[name]
    assert payload["_id"] == payload["id"] == walked["hot"]
    assert isinstance(payload["stage_id"], int)
    assert re.fullmatch(r"\d{5}", payload["ticket_ref"])


def test_webhook_in_does_what_its_rule_says(desk, walked):
    sent = json.loads(blocks("json")[1]) | {"ticket": walked["number"]}
    assert post(walked["hook_url"], sent) == (200, {"status": "ok"})
    domain = [("res_id", "=", walked["ticket"]), ("model", "=", "helpdesk.ticket")]
    [last] = desk.admin.search_read(
        "mail.message", domain, ["body"], order="id desc", limit=1
    )
    assert sent["text"] in last["body"]
    assert post(walked["hook_url"], {"ticket": 1}) == (500, {"status": "error"})
    assert post(walked["hook_url"] + "0", sent) == (404, {"status": "error"})


def post(url, values):
    """Post JSON; return status and answer."""
    request = urllib.request.Request(
        url, json.dumps(values).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


# === ERRORS === #


def provoke(desk, walked):
    """Return who makes which call to meet each error of the page, by its words.

    :return: user, model, method, ids (or None) and arguments
    """
    return {**provoke_the_server(desk, walked), **provoke_the_desk(desk, walked)}


def provoke_the_server(desk, walked):
    """What Odoo answers to a call that it cannot read, or that is not for this user."""
    ticket, tickets, agent = [walked["ticket"]], "helpdesk.ticket", walked["agent"]
    nobody = walked["log_in"](desk.agent.login, "wrong key")
    read = {"fields": ["name"]}
    return {
        "a wrong key": (nobody, tickets, "read", ticket, read),
        "a model that is not there": (agent, "helpdesk.tickets", "read", [1], read),
        "a method that is not there": (agent, tickets, "close", ticket, {}),
        "a method that begins with `_`": (agent, tickets, "_can_close", ticket, {}),
        "an argument that is not there": (
            agent, tickets, "action_close", ticket, {"now": True},
        ),
        "a record that is not there": (
            agent, tickets, "write", [10**8], {"vals": {"priority": "1"}},
        ),
        "what the user may not do": (
            walked["sales"], "helpdesk.team", "write", [desk.team],
            {"vals": {"name": "Mine"}},
        ),
        "a field that the user may not read": (
            agent, tickets, "read", ticket, {"fields": ["invoice_ids"]},
        ),
        "a ticket that the user may not see": (
            agent, tickets, "read", [desk.hidden], read,
        ),
        "a field that is not there": (
            agent, tickets, "write", ticket, {"vals": {"colour": 1}},
        ),
    }  # fmt: skip


def provoke_the_desk(desk, walked):
    """What the rules of the desk and of its time refuse."""
    ticket, line = [walked["ticket"]], [walked["line"]]
    tickets, time = "helpdesk.ticket", "account.analytic.line"
    agent, sales, admin = walked["agent"], walked["sales"], walked["admin"]
    item = {"sale_line_id": desk.foreign}
    return {
        "an empty field that is needed": (
            agent, tickets, "write", ticket, {"vals": {"name": ""}},
        ),
        "a text where a number belongs": (
            agent, time, "write", line, {"vals": {"unit_amount": "much"}},
        ),
        "a duration that is none": (
            agent, tickets, "action_log_time", ticket, {"values": {"hours": "soon"}},
        ),
        "a day that is none": (
            sales, tickets, "action_create_invoice", ticket, {"date_end": "soon"},
        ),
        "an item of another customer": (agent, tickets, "write", ticket, {"vals": item}),
        "a change of billed time": (
            agent, time, "write", line, {"vals": {"unit_amount": 9}},
        ),
        "a ticket with time that is deleted": (admin, tickets, "unlink", ticket, {}),
        "an invoice of nothing": (sales, tickets, "action_create_invoice", ticket, {}),
        "a ticket without time that is closed, where the team asks for time": (
            agent, tickets, "action_close", [desk.timeless], {},
        ),
        "a ticket that is closed, where no stage is folded": (
            agent, tickets, "action_close", [desk.endless], {},
        ),
    }  # fmt: skip


def fail(way, call, model, method, ids, arguments):
    """Make a call that fails; return what identifies the error, and its sentence."""
    if way == "json2":
        with pytest.raises(urllib.error.HTTPError) as error:
            call(model, method, ids=ids, **arguments)
        body = json.load(error.value)
        assert body.keys() == {"name", "message", "arguments", "context", "debug"}
        return f"{error.value.code} `{body['name']}`", body["message"]
    with pytest.raises(xmlrpc.client.Fault) as fault:
        call(model, method, ids, **arguments)
    code, sentence = fault.value.faultCode, fault.value.faultString
    assert sentence.startswith("Traceback") == (code == 1)
    return str(code), sentence


def is_said(shown, sentence):
    """Tell whether a sentence is one that the page shows."""
    patterns = (
        re.escape(text).replace("…", ".*").replace(r"\ ", r"\s+")
        for text in shown.split(" *or* ")
    )
    return any(
        re.search(rf"(^|Error: |\(\) ){text}\s*$", sentence, re.S) for text in patterns
    )


def test_errors(desk, walked):
    calls = provoke(desk, walked)
    rows = table("Errors")
    assert [row[0] for row in rows] == list(calls)
    column = 1 + WAYS.index(walked["way"])
    for row in rows:
        code, sentence = fail(walked["way"], *calls[row[0]])
        assert code == row[column], (row[0], sentence)
        assert is_said(row[3], sentence), (row[0], sentence)


def test_load_tells_of_bad_rows_and_stores_nothing(desk, walked):
    names = ["id", "name", "team_id"]
    rows = [["harbour.x", "Fine", "Customer Care"], ["harbour.y", "Bad", "No Team"]]
    answer = call(walked, "helpdesk.ticket", "load", fields=names, data=rows)
    assert answer["ids"] is False
    [message] = answer["messages"]
    assert message["rows"] == {"from": 1, "to": 1} and "No Team" in message["message"]
    assert not desk.admin.search("helpdesk.ticket", [("name", "in", ["Fine", "Bad"])])


# === WHAT THE PAGE SAYS BESIDES === #


def test_users_have_the_groups_of_the_page():
    said = {
        row[0].strip("`"): re.findall(r"`(.*?)`", row[1])
        for row in table("A user for the integration")
    }
    assert said == {role: ROLES[role] for role in ("agent", "sales", "accounts")}


def test_where_a_key_is_made(desk):
    view = desk.admin.ref("base.view_users_form_simple_modif")
    arch = desk.admin.call("res.users", "get_view", view)["arch"]
    assert 'string="Security"' in arch and 'string="Add API Key"' in arch
    group = desk.admin.ref("base.group_user")
    read = desk.admin.read("res.groups", group, ["api_key_duration"])
    assert read["api_key_duration"] == 90


def test_end_of_xmlrpc_is_announced(desk):
    assert "scheduled for removal in Odoo 20" in desk.server.log.read_text()


def test_names_that_stay(desk):
    client = Json2(desk.server.url, desk.server.database, desk.keys["admin"])
    for row in table("What stays"):
        [model], names, methods = (re.findall(r"`(.*?)`", cell) for cell in row)
        fields = desk.admin.call(model, "fields_get", names, ["type"])
        assert fields.keys() == set(names), model
        for method in methods:
            status, answer = client.post(model, method, never_an_argument=1)
            assert status != 404, answer


def test_webhook_sends_no_field_of_colleagues(desk, walked):
    domain = [("model", "=", "helpdesk.ticket"), ("name", "=", "hours_to_invoice")]
    [field] = desk.admin.search("ir.model.fields", domain)
    action = desk.admin.create(
        "ir.actions.server",
        {
            "name": "Hours",
            "model_id": walked["model"],
            "state": "webhook",
            "webhook_url": "http://127.0.0.1:9",
            "webhook_field_ids": [(6, 0, [field])],
        },
    )
    warning = desk.admin.read("ir.actions.server", action, ["warning"])["warning"]
    assert "Hours to Bill" in warning
