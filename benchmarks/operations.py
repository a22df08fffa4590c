"""The measured operations. Each is one request, run on both flows."""

import dataclasses
import itertools
from collections.abc import Callable

from odoo.fields import Command

from .web import view_of

MAIL = """\
Return-Path: <{sender}>
To: {to}
From: Some One <{sender}>
Subject: Printer is offline
Message-Id: <{number}@benchmark.example>
In-Reply-To: {parent}
Date: Mon, 02 Mar 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

It prints nothing since this morning.
"""
_number = itertools.count()


AGENT, MANAGER, SYSTEM = "agent", "manager", "system"
STRANGER = "who@nowhere.example"


@dataclasses.dataclass(frozen=True)
class Operation:
    """One thing users do.

    :param letter: its name in the table
    :param title: what is done, in words
    :param prepare: called with (environment, flow, the flow's world) before measuring
    :param run: called with (environment, flow, what ``prepare`` returned)
    :param user: ``agent`` (no sales rights), ``manager`` (all rights) or ``system``
    :param target: most queries allowed; None for as many as stock
    :param long: too long to be measured more than once
    """

    letter: str
    title: str
    prepare: Callable
    run: Callable
    user: str = AGENT
    target: int | None = None
    long: bool = False


def _special(part, key):
    """The ticket of that name, or of a name and a size."""
    for name in (key,) if isinstance(key, str) else key:
        part = part[name]
    return part


# === 1: TICKETS COMING IN === #


def _new_values(count, with_item=False):
    def prepare(env, flow, part):
        values = {"partner_id": part["customers"][0]}
        if with_item:
            item = env["sale.order.line"].sudo().browse(part["move"]["to"])
            values = {"partner_id": item.order_partner_id.id, "sale_line_id": item.id}
        container = part["containers"][0]
        return [flow.ticket_values(container, **values) for _i in range(count)]

    return prepare


def _create_tickets(env, flow, values):
    env[flow.model].create(values)


def _mail(sender):
    def prepare(env, flow, part):
        address = sender
        if sender == "known":
            partner = env["res.partner"].browse(part["customers"][0])
            address = partner.email
        return MAIL.format(
            to=part["alias"], sender=address, number=next(_number), parent=""
        )

    return prepare


def _reply(env, flow, part):
    """A customer's reply that as many people hear of, whichever way."""
    ticket = env[flow.model].browse(part["reply"]["ticket"])
    message = ticket.message_post(
        body="Did you turn it on?",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
        partner_ids=ticket.partner_id.ids,
    )
    return MAIL.format(
        to=part["alias"],
        sender=ticket.partner_id.email,
        number=next(_number),
        parent=message.message_id,
    )


def _receive(env, flow, mail):
    env["mail.thread"].message_process(flow.model, mail)


# === 2: TIME === #


def _line_values(key, count):
    def prepare(_env, flow, part):
        ticket = _special(part, key)["ticket"]
        return [flow.line_values(ticket, 0.5) for _i in range(count)]

    return prepare


def _line_values_spread(env, flow, part):
    """One line on a ticket of each of 100 order items."""
    tickets = env[flow.model].search(
        [("id", ">=", part["tickets"][0]), ("id", "<=", part["tickets"][1])]
    )
    by_item = {ticket.sale_line_id.id: ticket.id for ticket in tickets}
    chosen = list(by_item.values())[:100]
    return [flow.line_values(ticket, 0.5) for ticket in chosen]


def _log(env, _flow, values):
    env["account.analytic.line"].create(values)


def _own_line(env, flow, part):
    return (
        env["account.analytic.line"]
        .search(
            [
                (flow.link, "=", part["form"]["ticket"]),
                ("user_id", "=", env.uid),
            ],
            limit=1,
        )
        .ids
    )


def _change_hours(env, _flow, ids):
    env["account.analytic.line"].browse(ids).write({"unit_amount": 3.75})


# === 3: SCREENS === #


def _form(env, flow, part):
    ticket = part["form"]["ticket"]
    return view_of(env, flow.model, "form"), ticket


def _open_form(env, flow, prepared):
    view, ticket = prepared
    view.read(env[flow.model].browse(ticket))


def _list_of(key):
    def prepare(env, flow, part):
        container = part[key][0] if key == "containers" else part[key]
        view = view_of(env, flow.model, "list")
        return view, [(flow.container, "=", container)]

    return prepare


def _open_list(env, flow, prepared):
    view, domain = prepared
    view.page(env[flow.model], domain)


def _kanban(env, flow, part):
    view = view_of(env, flow.model, "kanban")
    return view, [(flow.container, "=", part["containers"][0])]


def _open_kanban(env, flow, prepared):
    view, domain = prepared
    container = domain[0][2]
    model = env[flow.model].with_context(**{f"default_{flow.container}": container})
    view.pipeline(model, domain)


# === 4: MOVES === #


def _move(key, target):
    def prepare(_env, _flow, part):
        special = _special(part, key)
        return special["ticket"], special[target]

    return prepare


def _set_item(env, flow, prepared):
    ticket, item = prepared
    env[flow.model].browse(ticket).write({"sale_line_id": item})


# === 5: ORDERS === #


def _order_form(env, _flow, part):
    return view_of(env, "sale.order", "form"), part["ten"]["order"]


def _open_order(env, _flow, prepared):
    view, order = prepared
    view.read(env["sale.order"].browse(order))


def _items(env, _flow, part):
    return env["sale.order"].browse(part["orders"][:2000]).order_line.ids


def _delivered(env, _flow, ids):
    env["sale.order.line"].browse(ids)._prepare_qty_delivered()


# === 6: INVOICES === #


def _orders(count):
    def prepare(_env, _flow, part):
        return part["orders"][:count]

    return prepare


def _order_of(key):
    def prepare(_env, _flow, part):
        return [_special(part, key)["order"]]

    return prepare


def _order_of_ten(_env, _flow, part):
    return [part["ten"]["order"]]


def _invoice(env, _flow, ids):
    env["sale.order"].browse(ids)._create_invoices()


def _invoice_period(env, _flow, ids):
    """The same, last 90 days, through the wizard."""
    orders = env["sale.order"].browse(ids)
    wizard = env["sale.advance.payment.inv"].create(
        {
            "sale_order_ids": [Command.set(ids)],
            "advance_payment_method": "delivered",
            "date_start_invoice_timesheet": "2026-01-01",
            "date_end_invoice_timesheet": "2026-12-31",
        }
    )
    wizard._create_invoices(orders)


OPERATIONS = (
    Operation("1a", "create 1 ticket", _new_values(1), _create_tickets, target=24),
    Operation(
        "1b", "create 100 tickets", _new_values(100), _create_tickets, target=400
    ),
    Operation("1c", "create 1 ticket with item", _new_values(1, True), _create_tickets),
    Operation("1d", "mail, known customer", _mail("known"), _receive, SYSTEM, 47),
    Operation("1e", "mail, unknown sender", _mail(STRANGER), _receive, SYSTEM, 51),
    Operation("1f", "mail, customer's reply", _reply, _receive, SYSTEM, 62),
    Operation("2a", "log 1 line", _line_values("form", 1), _log),
    Operation("2b", "log 100 lines on 1 ticket", _line_values("form", 100), _log),
    Operation("2c", "log 100 on 100 items", _line_values_spread, _log, target=60),
    Operation("2d", "log 1 line without item", _line_values("free", 1), _log),
    Operation("2e", "change hours of 1 line", _own_line, _change_hours),
    Operation("3a", "form, 50 lines, agent", _form, _open_form, target=24),
    Operation("3b", "form, 50 lines, manager", _form, _open_form, MANAGER, 24),
    Operation("3d", "list, first 80", _list_of("containers"), _open_list, target=12),
    # 15 without helpdesk_prepaid, which asks once a page which items are packs
    Operation("3e", "pipeline, progress bar", _kanban, _open_kanban, target=16),
    Operation(
        "3f", "list, 10,000 lines", _list_of("growth_container"), _open_list, target=12
    ),
    Operation("4a", "set item, 200 lines", _move("set", "item"), _set_item),
    Operation("4b", "change item, 200 lines", _move("move", "to"), _set_item),
    Operation("5a", "order form, 10 items", _order_form, _open_order, MANAGER),
    Operation("5b", "delivered of all items", _items, _delivered, MANAGER, 4),
    Operation("6a", "invoice 1 order", _orders(1), _invoice, MANAGER),
    Operation("6b", "invoice 1 order, period", _orders(1), _invoice_period, MANAGER),
    Operation("6g", "invoice 10 items", _order_of_ten, _invoice, MANAGER),
    Operation("6d20", "invoice 20 orders", _orders(20), _invoice, MANAGER),
    Operation(
        "6d", "invoice 200 orders", _orders(200), _invoice, MANAGER, 3701, long=True
    ),
)


# === GROWTH WITH THE LINES ON ONE ITEM === #


def growth(sizes):
    """Return the operations on order items that hold more and more lines.

    :param sizes: numbers of lines
    """
    operations = []
    for size in sizes:
        key = ("growth", str(size))
        text = f"{size:,} lines"
        long = size >= 10_000
        operations += [
            Operation(f"7log{size}", f"log, {text}", _line_values(key, 1), _log),
            Operation(
                f"7move{size}", f"move, {text}", _move(key, "to"), _set_item, long=long
            ),
        ]
        if size:
            operations.append(
                Operation(
                    f"7inv{size}",
                    f"invoice, {text}",
                    _order_of(key),
                    _invoice,
                    MANAGER,
                    long=long,
                )
            )
    return sorted(
        operations, key=lambda operation: operation.letter.rstrip("0123456789")
    )
