"""An old server for tests: speaks XML-RPC and JSON-2 on the loopback interface, as an
Odoo with ``helpdesk_mgmt`` does, by the public names of its fields. Nothing of it runs."""

import base64
import json
import threading
import xmlrpc.client
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOGIN = "mover@old.example"
SECRET = "old-desk-key"
DATABASE = "old_desk"
ALL = frozenset({"timesheet", "sale", "project", "sla", "rating", "type", "template"})
START = datetime(2021, 3, 1, 8)
TICKET = "helpdesk.ticket"

# Fields of the models that are asked for, as far as each version has them.
FIELDS = {
    "res.company": {"name": "char"},
    "res.partner": {
        "name": "char",
        "email": "char",
        "phone": "char",
        "is_company": "boolean",
        "parent_id": "many2one",
        "company_id": "many2one",
        "active": "boolean",
    },
    "res.users": {
        "login": "char",
        "name": "char",
        "email": "char",
        "partner_id": "many2one",
        "active": "boolean",
    },
    "hr.employee": {
        "name": "char",
        "work_email": "char",
        "user_id": "many2one",
        "company_id": "many2one",
    },
    "helpdesk.ticket.team": {
        "name": "char",
        "user_ids": "many2many",
        "alias_id": "many2one",
        "company_id": "many2one",
        "active": "boolean",
    },
    "helpdesk.ticket.stage": {
        "name": "char",
        "sequence": "integer",
        "closed": "boolean",
        "unattended": "boolean",
        "fold": "boolean",
    },
    "helpdesk.ticket.category": {"name": "char"},
    "helpdesk.ticket.channel": {"name": "char"},
    "helpdesk.ticket.tag": {"name": "char"},
    TICKET: {
        "number": "char",
        "name": "char",
        "description": "html",
        "user_id": "many2one",
        "team_id": "many2one",
        "stage_id": "many2one",
        "partner_id": "many2one",
        "partner_name": "char",
        "partner_email": "char",
        "channel_id": "many2one",
        "category_id": "many2one",
        "tag_ids": "many2many",
        "priority": "selection",
        "assigned_date": "datetime",
        "closed_date": "datetime",
        "last_stage_update": "datetime",
        "create_date": "datetime",
        "company_id": "many2one",
        "kanban_state": "selection",
        "unattended": "boolean",
        "active": "boolean",
        "message_partner_ids": "many2many",
    },
    "mail.message": {
        "model": "char",
        "res_id": "integer",
        "body": "html",
        "subject": "char",
        "date": "datetime",
        "author_id": "many2one",
        "email_from": "char",
        "message_type": "selection",
        "subtype_id": "many2one",
        "is_internal": "boolean",
        "message_id": "char",
        "attachment_ids": "many2many",
    },
    "mail.message.subtype": {"name": "char", "internal": "boolean"},
    "ir.attachment": {
        "name": "char",
        "mimetype": "char",
        "res_model": "char",
        "res_id": "integer",
        "res_field": "char",
        "file_size": "integer",
        "type": "selection",
        "url": "char",
        "datas": "binary",
        "create_date": "datetime",
    },
    "ir.model.data": {
        "module": "char",
        "name": "char",
        "model": "char",
        "res_id": "integer",
    },
}
MODULES = {
    "timesheet": {
        TICKET: {"project_id": "many2one", "task_id": "many2one"},
        "project.project": {"name": "char", "company_id": "many2one"},
        "account.analytic.line": {
            "date": "date",
            "name": "char",
            "unit_amount": "float",
            "employee_id": "many2one",
            "user_id": "many2one",
            "ticket_id": "many2one",
            "company_id": "many2one",
        },
    },
    "sale": {
        TICKET: {"sale_order_ids": "many2many"},
        "account.move": {"state": "selection", "payment_state": "selection"},
        "sale.order": {"name": "char", "company_id": "many2one"},
        "sale.order.line": {
            "order_id": "many2one",
            "name": "char",
            "product_id": "many2one",
            "sequence": "integer",
        },
    },
    "type": {TICKET: {"type_id": "many2one"}, "helpdesk.ticket.type": {"name": "char"}},
    "sla": {"helpdesk.sla": {"name": "char"}},
    "rating": {
        "rating.rating": {
            "res_model": "char",
            "res_id": "integer",
            "rating": "float",
            "feedback": "text",
            "consumed": "boolean",
            "create_date": "datetime",
            "partner_id": "many2one",
        }
    },
}


def _at(hours):
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


class OldDeskServer:
    """A desk of a chosen version and size, the same each time. ``records`` is its
    database: by model, by id; tests add and change what they need.

    :param int tickets: how many
    :param str version: such as ``16.0``
    :param modules: which of the addons around ``helpdesk_mgmt`` it has
    :param int messages: per ticket; the last one has a file
    """

    def __init__(self, tickets=0, version="16.0", modules=ALL, messages=3):
        self.version = version
        self.calls = []
        self.fail_after = None  # calls after which it goes away
        self.fields = {model: dict(names) for model, names in FIELDS.items()}
        for module in modules:
            for model, names in MODULES.get(module, {}).items():
                self.fields.setdefault(model, {}).update(names)
        if {"timesheet", "sale"} <= set(modules):
            self.fields["account.analytic.line"].update(
                so_line="many2one", timesheet_invoice_id="many2one"
            )
        self.records = {model: {} for model in self.fields}
        self._fill_masters()
        for number in range(1, tickets + 1):
            self._fill_ticket(number, messages)

    # === DATA === #

    def add(self, model, /, **values):
        """Add a record, with an id of its own unless one is given; models that this
        desk lacks are passed over.

        :return: its id
        """
        table = self.records.get(model)
        if table is None:
            return False
        key = values.pop("id", None) or self.get_next_id(model)
        table[key] = {"id": key, "active": True, **values}
        return key

    def get_next_id(self, model):
        """The id after the last one: dictionaries keep their order."""
        return next(reversed(self.records[model]), 0) + 1

    def _fill_masters(self):
        self.add("res.company", name="Old Company")
        self.add("mail.message.subtype", name="Discussions", internal=False)
        self.add("mail.message.subtype", name="Note", internal=True)
        self.add("res.partner", name="Harbour Bakery", is_company=True)
        self.add("res.partner", name="Till", email="till@harbour.example", parent_id=1)
        self.add("res.partner", name="Old Agent", email="agent@old.example")
        self.add(
            "res.users",
            login="agent@old.example",
            name="Old Agent",
            email="agent@old.example",
            partner_id=3,
        )
        self.add(
            "hr.employee",
            name="Old Agent",
            work_email="agent@old.example",
            user_id=1,
            company_id=1,
        )
        self.add("helpdesk.ticket.team", name="Old Care", user_ids=[1], company_id=1)
        for name, closed in (("Was New", False), ("Was Done", True)):
            self.add("helpdesk.ticket.stage", name=name, closed=closed, sequence=1)
        self.add("helpdesk.ticket.category", name="Printers")
        self.add("helpdesk.ticket.channel", name="By Phone")
        self.add("helpdesk.ticket.tag", name="Spare Part")
        self.add("helpdesk.ticket.type", name="Failure")
        self.add("project.project", name="Old Project", company_id=1)
        self.add("helpdesk.sla", name="In a day")

    def add_ticket(self, **values):
        """Add a ticket of the usual kind.

        :return: its id
        """
        key = values.get("id") or self.get_next_id(TICKET)
        return self.add(
            TICKET,
            **{
                "number": f"OLD{key:05}",
                "name": f"Old ticket {key}",
                "description": "<p>It <b>hums</b></p>",
                "team_id": 1,
                "stage_id": 2,
                "partner_id": 2,
                "user_id": 1,
                "company_id": 1,
                "category_id": 1,
                "channel_id": 1,
                "type_id": 1,
                "tag_ids": [1],
                "priority": "1",
                "kanban_state": "normal",
                "create_date": _at(key),
                "assigned_date": _at(key + 1),
                "closed_date": _at(key + 30),
                "last_stage_update": _at(key + 30),
                "message_partner_ids": [2, 3],
                "id": key,
                **values,
            },
        )

    def add_message(self, ticket, **values):
        """Add a public message of the customer.

        :return: its id
        """
        return self.add(
            "mail.message",
            **{
                "model": TICKET,
                "res_id": ticket,
                "body": f"<p>About ticket {ticket}</p>",
                "date": _at(ticket + 2),
                "author_id": 2,
                "email_from": '"Till" <till@harbour.example>',
                "message_type": "comment",
                "subtype_id": 1,
                "is_internal": False,
                "attachment_ids": [],
                **values,
            },
        )

    def add_file(self, ticket, content=b"text of a file", **values):
        """Add a file of a ticket.

        :return: its id
        """
        return self.add(
            "ir.attachment",
            **{
                "name": "log.txt",
                "mimetype": "text/plain",
                "res_model": TICKET,
                "res_id": ticket,
                "res_field": False,
                "type": "binary",
                "file_size": len(content),
                "datas": base64.b64encode(content).decode() or False,
                **values,
            },
        )

    def add_time(self, ticket, hours=1.0, **values):
        """Add time of the agent on a ticket.

        :return: its id
        """
        return self.add(
            "account.analytic.line",
            **{
                "date": "2021-03-02",
                "name": "Looked at it",
                "unit_amount": hours,
                "employee_id": 1,
                "user_id": 1,
                "ticket_id": ticket,
                "company_id": 1,
                "so_line": False,
                "timesheet_invoice_id": False,
                **values,
            },
        )

    def _fill_ticket(self, number, messages):
        ticket = self.add_ticket()
        for index in range(messages):
            mine = {"date": _at(number + 2 + index)}
            if index % 3 == 1:
                mine.update(author_id=3, email_from="agent@old.example")
            if index % 3 == 2:
                mine.update(author_id=3, subtype_id=2, is_internal=True)
            if index == messages - 1:
                mine["attachment_ids"] = [self.add_file(ticket)]
            self.add_message(ticket, **mine)
        self.add_time(ticket, 0.25 * (number % 4 + 1))

    # === ANSWERS === #

    def call(self, model, method, args, kwargs):
        """Answer a call as the old server would.

        :raise KeyError: if there is no such model or method
        """
        self.calls.append((model, method))
        if self.fail_after is not None and len(self.calls) > self.fail_after:
            raise ConnectionAbortedError
        if model not in self.fields:
            raise KeyError(model)
        answer = {
            "fields_get": self._fields_get,
            "search_read": self._search_read,
            "search_count": self._search_count,
            "read": self._read,
        }[method]
        return answer(model, *args, **kwargs)

    def _fields_get(self, model, attributes=None):
        described = {
            name: {"type": kind, "string": name}
            for name, kind in self.fields[model].items()
        }
        return {"id": {"type": "integer", "string": "ID"}, **described}

    def _search_read(self, model, domain, fields=None, limit=None, order="", **_rest):
        found = self._search(model, domain)
        if order == "id desc":
            found.reverse()
        return self._read(model, [row["id"] for row in found[:limit]], fields)

    def _search_count(self, model, domain, **_rest):
        return len(self._search(model, domain))

    def _read(self, model, ids, fields=None, **_rest):
        known = {"id", *self.fields[model]}
        if set(fields) - known:
            raise ValueError(f"Invalid field {set(fields) - known} on {model}")
        table = self.records[model]
        return [
            {
                "id": key,
                **{name: self._show(model, table[key], name) for name in fields},
            }
            for key in ids
            if key in table
        ]

    def _show(self, model, row, name):
        value = row.get(name, False)
        kind = self.fields[model].get(name)
        if kind == "many2one" and value:
            return [value, self._name_of(model, name, value)]
        if kind == "many2many":
            return list(value or [])
        return value

    def _name_of(self, model, name, key):
        target = {
            "res.partner": {"partner_id", "author_id", "parent_id"},
            "res.users": {"user_id"},
            "hr.employee": {"employee_id"},
            "res.company": {"company_id"},
            "helpdesk.ticket.team": {"team_id"},
            "helpdesk.ticket.stage": {"stage_id"},
            "helpdesk.ticket.category": {"category_id"},
            "helpdesk.ticket.channel": {"channel_id"},
            "helpdesk.ticket.type": {"type_id"},
            "project.project": {"project_id"},
            "sale.order": {"order_id"},
            "mail.message.subtype": {"subtype_id"},
        }
        for model_name, names in target.items():
            if name in names:
                return self.records[model_name].get(key, {}).get("name", "")
        return self.records.get("product", {}).get(key, f"{name} {key}")

    # === DOMAINS === #

    def _search(self, model, domain):
        rows = self.records[model].values()
        test = self._parse(list(domain))
        return sorted((row for row in rows if test(row)), key=lambda row: row["id"])

    def _parse(self, domain):
        """A test of rows, for what is asked here: ``&``, ``|``, ``!`` and leaves."""
        tests = []
        for term in reversed(domain):
            if term in ("&", "|"):
                left, right = tests.pop(), tests.pop()
                test = self._join(term, left, right)
            elif term == "!":
                test = self._deny(tests.pop())
            else:
                test = self._compare(*term)
            tests.append(test)
        return lambda row: all(test(row) for test in tests)

    def _join(self, term, left, right):
        if term == "&":
            return lambda row: left(row) and right(row)
        return lambda row: left(row) or right(row)

    def _deny(self, test):
        return lambda row: not test(row)

    def _compare(self, name, operator, value):
        def read(row):
            return row.get(name) or (0 if name == "res_id" else row.get(name, False))

        if operator in ("in", "not in"):
            given = set(value)
            is_in = operator == "in"
            return lambda row: (
                (
                    bool(given & set(v))
                    if isinstance(v := read(row), list)
                    else v in given
                )
                == is_in
            )
        return {
            "=": lambda row: (read(row) or False) == (value or False),
            "!=": lambda row: (read(row) or False) != (value or False),
            ">": lambda row: (read(row) or 0) > value,
            "<=": lambda row: (read(row) or 0) <= value,
        }[operator]

    # === SERVING === #

    @contextmanager
    def serve(self):
        """Serve until the block is left.

        :return: the address
        """
        handler = type("Handler", (_Handler,), {"desk": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(
            target=server.serve_forever, args=(0.05,), daemon=True
        )
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    desk = None
    protocol_version = "HTTP/1.1"
    # head and body leave together: apart, the body waits for an acknowledgement
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *args):
        """Tests are silent."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path.startswith("/json/2/"):
                self._answer(*self._answer_json(json.loads(body)), "application/json")
            elif self.path.startswith("/xmlrpc/2/"):
                self._answer(200, self._answer_xmlrpc(body), "text/xml")
            else:
                self._answer(404, b"", "text/plain")
        except ConnectionAbortedError:
            self.close_connection = True

    def _answer(self, status, data, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _answer_json(self, kwargs):
        _empty, _json, _two, model, method = self.path.split("/")
        if self.headers["Authorization"] != f"bearer {SECRET}":
            return 401, b'{"message": "Invalid apikey"}'
        args = [kwargs.pop(name) for name in ("ids", "domain") if name in kwargs]
        try:
            answer = self.desk.call(model, method, args, kwargs)
        except KeyError as error:
            return 404, json.dumps({"message": f"no model {error}"}).encode()
        except ValueError as error:
            return 422, json.dumps({"message": str(error)}).encode()
        return 200, json.dumps(answer).encode()

    def _answer_xmlrpc(self, body):
        params, method = xmlrpc.client.loads(body)
        try:
            answer = self._call_xmlrpc(method, params)
        except xmlrpc.client.Fault as fault:
            return xmlrpc.client.dumps(fault).encode()
        data = xmlrpc.client.dumps((answer,), methodresponse=True, allow_none=True)
        return data.encode()

    def _call_xmlrpc(self, method, params):
        if method == "version":
            return {"server_version": self.desk.version}
        if method == "authenticate":
            return 7 if params[:3] == (DATABASE, LOGIN, SECRET) else False
        database, uid, secret, model, name, args, kwargs = params
        if (database, uid, secret) != (DATABASE, 7, SECRET):
            raise xmlrpc.client.Fault(3, "Access Denied")
        try:
            return self.desk.call(model, name, args, kwargs)
        except KeyError:
            raise xmlrpc.client.Fault(2, f"Object {model} doesn't exist") from None
        except ValueError as error:
            raise xmlrpc.client.Fault(1, f"ValueError: {error}") from None
