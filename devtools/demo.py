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
from devtools.rpc import Rpc
from devtools.ui import Problem, say

#: A team of its own: on those of the demo data, options of the leaves are on, and time
#: that waits for an approval is not delivered.
TEAM = "Phone Support"
PROJECT = "Phone Support Hours"
CUSTOMER = "Azure Interior"
PROBLEM = "The nightly import stops half way"
#: What is done on the ticket, in hours.
WORK = (("Found the cause in the log", 0.75), ("Repaired the import, tested", 1.5))
ON_TASK = ("Wrote it down for the customer", 0.25)


def find_or_create(rpc, model, domain, values):
    """Return the id of the first record that matches, made if there is none."""
    found = rpc.search(model, domain, limit=1)
    return found[0] if found else rpc.create(model, values)


# === THE STEPS === #


def configure_team(rpc):
    """Turn on both options of a team and make its project billable."""
    project = find_or_create(
        rpc,
        "project.project",
        [("name", "=", PROJECT)],
        {"name": PROJECT, "allow_timesheets": True},
    )
    team = find_or_create(
        rpc,
        "helpdesk.team",
        [("name", "=", TEAM)],
        {"name": TEAM, "member_ids": [rpc.uid]},
    )
    options = {
        "use_helpdesk_timesheet": True,
        "project_id": project,
        "use_helpdesk_sale_timesheet": True,
    }
    rpc.write("helpdesk.team", team, options)
    rpc.write("project.project", project, {"allow_billable": True})
    say(f'1. Team "{TEAM}": Timesheet on Ticket and Time Reinvoicing are on,')
    say(f'   its tickets go to the project "{PROJECT}", which is Billable.')
    return team


def receive_ticket(rpc, team):
    """A ticket of a customer comes in."""
    customer = find_or_create(
        rpc,
        "res.partner",
        [("name", "=", CUSTOMER), ("is_company", "=", True)],
        {"name": CUSTOMER, "is_company": True},
    )
    values = {"name": PROBLEM, "team_id": team, "partner_id": customer}
    ticket = rpc.create("helpdesk.ticket", values)
    name = rpc.read("helpdesk.ticket", ticket, ["display_name"])["display_name"]
    say(f"2. Ticket of {CUSTOMER}: {name}")
    return ticket, customer


def sell_service(rpc, customer):
    """Quote a service billed on timesheets and confirm it."""
    product = find_or_create(
        rpc,
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
    line = {"product_id": product, "product_uom_qty": 10}
    values = {"partner_id": customer, "order_line": [(0, 0, line)]}
    order = rpc.create("sale.order", values)
    rpc.call("sale.order", "action_confirm", [order])
    values = rpc.read("sale.order", order, ["name", "order_line"])
    [item] = values["order_line"]
    line = rpc.read("sale.order.line", item, ["product_id", "price_unit"])
    say(
        f"3. Sales order {values['name']} confirmed: {line['product_id'][1]} "
        f"at {line['price_unit']:.2f} an hour"
    )
    return order, item


def record_time(rpc, ticket):
    """Log time on the ticket and, where it has one, on its task."""
    lines = [(text, hours, {"helpdesk_ticket_id": ticket}) for text, hours in WORK]
    task = rpc.read("helpdesk.ticket", ticket, ["task_id"])["task_id"]
    lines.append((*ON_TASK, {"task_id": task[0]} if task else lines[0][-1]))
    say("4. Timesheets:")
    for text, hours, where in lines:
        values = {"name": text, "unit_amount": hours, **where}
        rpc.create("account.analytic.line", values)
        say(
            f"   {hours:5.2f} h  {text}{' (on the task)' if 'task_id' in where else ''}"
        )
    ticket = rpc.read("helpdesk.ticket", ticket, ["total_hours_spent"])
    say(f"   {ticket['total_hours_spent']:5.2f} h  on the ticket")
    return sum(hours for _text, hours, _where in lines)


def link_order(rpc, ticket, item, hours):
    """Choose the order item on the ticket; Delivered follows."""
    rpc.write("helpdesk.ticket", ticket, {"sale_line_id": item})
    line = rpc.read("sale.order.line", item, ["qty_delivered", "display_name"])
    say(f"5. Sales Order Item of the ticket: {line['display_name']}")
    action = rpc.call("helpdesk.ticket", "action_view_sale_order", [ticket])
    say(f'   Smart button "Sales Order" opens {action["res_model"]} {action["res_id"]}')
    say(f"   Delivered: {line['qty_delivered']:.2f}")
    check(line["qty_delivered"], hours, "delivered")


def create_invoice(rpc, order):
    """Create Invoice on the order, then confirm the invoice."""
    wizard = rpc.create(
        "sale.advance.payment.inv",
        {"advance_payment_method": "delivered", "sale_order_ids": [(6, 0, [order])]},
    )
    rpc.call("sale.advance.payment.inv", "create_invoices", [wizard])
    invoice = rpc.read("sale.order", order, ["invoice_ids"])["invoice_ids"][0]
    rpc.call("account.move", "action_post", [invoice])
    fields = ["name", "amount_untaxed", "amount_total", "currency_id"]
    values = rpc.read("account.move", invoice, [*fields, "invoice_line_ids"])
    lines = rpc.read("account.move.line", values["invoice_line_ids"], ["quantity"])
    quantity = sum(line["quantity"] for line in lines)
    currency = values["currency_id"][1]
    say(
        f"6. Invoice {values['name']}: {quantity:.2f} hours, {currency} "
        f"{values['amount_untaxed']:.2f} before tax, {values['amount_total']:.2f} in all"
    )
    return invoice, quantity


def check(hours, worked, what):
    """Stop if hours became more or fewer on their way."""
    if abs(hours - worked) > 0.005:
        raise Problem(
            f"{hours:.2f} hours were {what} of {worked:.2f}.",
            "this is a defect: please report it.",
        )


def save_invoice(rpc, invoice):
    """Keep the invoice as PDF, or as HTML where no PDF can be made."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)
    params = {"db": rpc.database, "login": rpc.login, "password": rpc.password}
    request = urllib.request.Request(
        f"{rpc.url}/web/session/authenticate",
        data=json.dumps({"jsonrpc": "2.0", "params": params}).encode(),
        headers={"Content-Type": "application/json"},
    )
    opener.open(request, timeout=60).close()
    kinds = ("pdf", "html") if shutil.which("wkhtmltopdf") else ("html",)
    for kind in kinds:
        url = f"{rpc.url}/report/{kind}/account.report_invoice/{invoice}"
        with contextlib.suppress(urllib.error.HTTPError):
            with opener.open(url, timeout=120) as reply:
                content = reply.read()
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
    else:
        with run.serving() as served:
            yield served.url, served.database


def walk(rpc):
    """Do the steps, print them, save the invoice. Return hours worked and billed."""
    team = configure_team(rpc)
    ticket, customer = receive_ticket(rpc, team)
    order, item = sell_service(rpc, customer)
    hours = record_time(rpc, ticket)
    link_order(rpc, ticket, item, hours)
    invoice, billed = create_invoice(rpc, order)
    save_invoice(rpc, invoice)
    return hours, billed


def demo(_arguments=()):
    """Walk through the steps. Return the exit code."""
    with server() as (url, database):
        try:
            say()
            hours, billed = walk(Rpc(url, database, "admin"))
        except xmlrpc.client.Fault as fault:
            last = fault.faultString.strip().splitlines()[-1]
            raise Problem(
                f"the server refused a step: {last}",
                "see its log.",
                paths.log("server"),
            ) from None
        say()
        check(billed, hours, "billed")
        say(f"{hours:.2f} hours worked, delivered and billed.")
    return 0
