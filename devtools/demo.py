"""``demo``: the documented steps over XML-RPC, printed one by one.

Works against the running ``make run`` of this clone, or starts a server for the time it
takes. Each run makes a new ticket, order and invoice, as a working day would.
"""

import contextlib
import http.cookiejar
import json
import shutil
import urllib.error
import urllib.request
import xmlrpc.client

from devtools import paths, run
from devtools.ui import Problem, say
from devtools.workshop import Workshop, alone

LOGIN = PASSWORD = "admin"
#: A team of its own: on those of the demo data, options of the leaves are on, and time
#: that waits for an approval is not delivered.
TEAM = "Phone Support"
PROJECT = "Phone Support Hours"
CUSTOMER = "Azure Interior"
#: What is done on the ticket, in hours.
WORK = (("Found the cause in the log", 0.75), ("Repaired the import, tested", 1.5))
ON_TASK = ("Wrote it down for the customer", 0.25)


class Client:
    """XML-RPC as an integration would use it."""

    def __init__(self, url, database):
        self.url = url
        self.database = database
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, LOGIN, PASSWORD, {})
        if not self.uid:
            raise Problem(
                f"{LOGIN} cannot log in with the password {PASSWORD}.",
                "the demo needs the demo database as `make run` made it; "
                "`make clean` and `make run` make a new one.",
            )
        self.models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")

    def __call__(self, model, method, *args, **kwargs):
        """Call a method of a model."""
        return self.models.execute_kw(
            self.database, self.uid, PASSWORD, model, method, list(args), kwargs
        )

    def read(self, model, record_id, *fields):
        """Return the fields of one record as a dict."""
        return self(model, "read", [record_id], list(fields))[0]

    def find_or_create(self, model, domain, values):
        """Return the id of the first record that matches, made if there is none."""
        found = self(model, "search", domain, limit=1)
        return found[0] if found else self(model, "create", values)


# === THE STEPS === #


def configure_team(client):
    """Turn on both options of a team and make its project billable."""
    project = client.find_or_create(
        "project.project",
        [("name", "=", PROJECT)],
        {"name": PROJECT, "allow_timesheets": True},
    )
    team = client.find_or_create(
        "helpdesk.team",
        [("name", "=", TEAM)],
        {"name": TEAM, "member_ids": [client.uid]},
    )
    options = {
        "use_helpdesk_timesheet": True,
        "project_id": project,
        "use_helpdesk_sale_timesheet": True,
    }
    client("helpdesk.team", "write", [team], options)
    client("project.project", "write", [project], {"allow_billable": True})
    say(f'1. Team "{TEAM}": Timesheet on Ticket and Time Reinvoicing are on,')
    say(f'   its tickets go to the project "{PROJECT}", which is Billable.')
    return team


def receive_ticket(client, team):
    """A ticket of a customer comes in."""
    customer = client.find_or_create(
        "res.partner",
        [("name", "=", CUSTOMER), ("is_company", "=", True)],
        {"name": CUSTOMER, "is_company": True},
    )
    ticket = client(
        "helpdesk.ticket",
        "create",
        {
            "name": "The nightly import stops half way",
            "team_id": team,
            "partner_id": customer,
        },
    )
    name = client.read("helpdesk.ticket", ticket, "display_name")["display_name"]
    say(f"2. Ticket of {CUSTOMER}: {name}")
    return ticket, customer


def sell_service(client, customer):
    """Quote a service billed on timesheets and confirm it."""
    product = client.find_or_create(
        "product.product",
        [
            ("service_type", "=", "timesheet"),
            ("invoice_policy", "=", "delivery"),
            ("service_tracking", "=", "no"),
            ("sale_ok", "=", True),
        ],
        {
            "name": "Service on Timesheets",
            "type": "service",
            "service_policy": "delivered_timesheet",
            "list_price": 40.0,
        },
    )
    order = client(
        "sale.order",
        "create",
        {
            "partner_id": customer,
            "order_line": [(0, 0, {"product_id": product, "product_uom_qty": 10})],
        },
    )
    client("sale.order", "action_confirm", [order])
    values = client.read("sale.order", order, "name", "order_line")
    item = values["order_line"][0]
    line = client.read("sale.order.line", item, "product_id", "price_unit")
    say(
        f"3. Sales order {values['name']} confirmed: {line['product_id'][1]} "
        f"at {line['price_unit']:.2f} an hour"
    )
    return order, item


def record_time(client, ticket):
    """Log time on the ticket and, where it has one, on its task."""
    lines = [(text, hours, {"helpdesk_ticket_id": ticket}) for text, hours in WORK]
    task = client.read("helpdesk.ticket", ticket, "task_id")["task_id"]
    place = {"task_id": task[0]} if task else {"helpdesk_ticket_id": ticket}
    lines.append((*ON_TASK, place))
    say("4. Timesheets:")
    for text, hours, where in lines:
        client(
            "account.analytic.line",
            "create",
            {"name": text, "unit_amount": hours, **where},
        )
        say(
            f"   {hours:5.2f} h  {text}{' (on the task)' if 'task_id' in where else ''}"
        )
    total = client.read("helpdesk.ticket", ticket, "total_hours_spent")
    say(f"   {total['total_hours_spent']:5.2f} h  on the ticket")
    return sum(hours for _text, hours, _where in lines)


def link_order(client, ticket, item, hours):
    """Choose the order item on the ticket; Delivered follows."""
    client("helpdesk.ticket", "write", [ticket], {"sale_line_id": item})
    line = client.read("sale.order.line", item, "qty_delivered", "display_name")
    say(f"5. Sales Order Item of the ticket: {line['display_name']}")
    action = client("helpdesk.ticket", "action_view_sale_order", [ticket])
    say(f'   Smart button "Sales Order" opens {action["res_model"]} {action["res_id"]}')
    say(f"   Delivered: {line['qty_delivered']:.2f}")
    if abs(line["qty_delivered"] - hours) > 0.005:
        raise Problem(
            f"Delivered is {line['qty_delivered']:.2f} after {hours:.2f} hours.",
            "this is a defect: please report it.",
        )


def create_invoice(client, order):
    """Create Invoice on the order, then confirm the invoice."""
    wizard = client(
        "sale.advance.payment.inv",
        "create",
        {"advance_payment_method": "delivered", "sale_order_ids": [(6, 0, [order])]},
    )
    client("sale.advance.payment.inv", "create_invoices", [wizard])
    invoice = client.read("sale.order", order, "invoice_ids")["invoice_ids"][0]
    client("account.move", "action_post", [invoice])
    values = client.read(
        "account.move",
        invoice,
        "name",
        "amount_untaxed",
        "amount_total",
        "currency_id",
        "invoice_line_ids",
    )
    lines = client(
        "account.move.line", "read", values["invoice_line_ids"], ["quantity", "name"]
    )
    quantity = sum(line["quantity"] for line in lines)
    currency = values["currency_id"][1]
    say(
        f"6. Invoice {values['name']}: {quantity:.2f} hours, {currency} "
        f"{values['amount_untaxed']:.2f} before tax, {values['amount_total']:.2f} in all"
    )
    return invoice, quantity


def save_invoice(client, invoice):
    """Keep the invoice as PDF, or as HTML where no PDF can be made."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)
    credentials = {"db": client.database, "login": LOGIN, "password": PASSWORD}
    request = urllib.request.Request(
        f"{client.url}/web/session/authenticate",
        data=json.dumps({"jsonrpc": "2.0", "params": credentials}).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener.open(request, timeout=60).close()
    kinds = ("pdf", "html") if shutil.which("wkhtmltopdf") else ("html",)
    for kind in kinds:
        url = f"{client.url}/report/{kind}/account.report_invoice/{invoice}"
        try:
            with opener.open(url, timeout=120) as reply:
                content = reply.read()
        except urllib.error.HTTPError:
            continue
        paths.ARTIFACTS.mkdir(parents=True, exist_ok=True)
        target = paths.ARTIFACTS / f"invoice.{kind}"
        target.write_bytes(content)
        say(f"   saved as {target}")
        return
    raise Problem("the invoice could not be printed.", "see the server's log.")


# === COMMAND === #


@contextlib.contextmanager
def server():
    """Give address and database of a server: the running one, or one of our own."""
    address = run.running()
    if address:
        say(f"Using the server at {address['url']}.")
        yield address["url"], address["database"]
        return
    with alone("run"):
        workshop = Workshop("run", steps=2)
        workshop.prepare()
        with run.serving(workshop) as served:
            yield served.url, served.database


def walk(client):
    """Do the steps, print them, save the invoice. Return hours worked and billed."""
    team = configure_team(client)
    ticket, customer = receive_ticket(client, team)
    order, item = sell_service(client, customer)
    hours = record_time(client, ticket)
    link_order(client, ticket, item, hours)
    invoice, billed = create_invoice(client, order)
    save_invoice(client, invoice)
    return hours, billed


def demo(_arguments=()):
    """Walk through the steps. Return the exit code."""
    with server() as (url, database):
        client = Client(url, database)
        try:
            say()
            hours, billed = walk(client)
        except xmlrpc.client.Fault as fault:
            last = fault.faultString.strip().splitlines()[-1]
            raise Problem(
                f"the server refused a step: {last}",
                "see its log.",
                paths.log("server"),
            ) from None
        say()
        if abs(billed - hours) > 0.005:
            raise Problem(
                f"{billed:.2f} hours were billed of {hours:.2f}.",
                "this is a defect: please report it.",
            )
        say(f"{hours:.2f} hours worked, delivered and billed.")
    return 0
