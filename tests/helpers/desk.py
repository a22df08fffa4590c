"""The people and papers of the documented steps, made over XML-RPC."""

import base64
import datetime
import itertools

from helpers.rpc import Rpc

#: Groups by role, no right too many.
ROLES = {
    "boss": ["helpdesk_base.group_helpdesk_manager"],
    "agent": [
        "helpdesk_base.group_helpdesk_user",
        "hr_timesheet.group_hr_timesheet_user",
    ],
    "sales": ["sales_team.group_sale_salesman"],
    "accounts": ["account.group_account_invoice"],
}
TICKET_HOURS = [
    "total_hours_spent",
    "hours_to_invoice",
    "hours_invoiced",
    "hours_non_billable",
    "invoice_status",
]
NAMES = {
    "boss": "Mia Manager",
    "agent": "Ada Agent",
    "sales": "Sally Sales",
    "accounts": "Carl Counter",
}
_numbers = itertools.count(1)


class Desk:
    """A desk that bills by the hour, and one user for each role, no right too many.

    ``admin`` makes users, customers and products; everything the documented steps
    are about is done by ``boss`` (helpdesk administrator), ``agent`` (no sales,
    project or accounting rights), ``sales`` (own orders) and ``accounts``.

    :param server: the ``served`` fixture
    """

    def __init__(self, server):
        self.admin = Rpc(server.url, server.database, "admin")
        made = self.admin.call("res.users", "search_count", [("login", "like", "boss")])
        self.tag = f"d{made + 1}"
        self.server = server
        logins = self._make_users()
        self.boss, self.agent, self.sales, self.accounts = (
            Rpc(server.url, server.database, login) for login in logins
        )
        self.employee = self.admin.create(
            "hr.employee", {"name": NAMES["agent"], "user_id": self.agent.uid}
        )
        self.product = self.admin.ref("sale_timesheet.time_product")
        self.today = datetime.date.today().isoformat()

    def _make_users(self):
        """Make the four users in one call, each is costly; return their logins."""
        logins, values = [], []
        for role, groups in ROLES.items():
            login = f"{self.tag}_{role}"
            logins.append(login)
            values.append(
                {
                    "name": NAMES[role],
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    # no chat window in front of the screens
                    "odoobot_state": "disabled",
                    "group_ids": [(6, 0, [self.admin.ref(name) for name in groups])],
                }
            )
        context = {"no_reset_password": True}
        self.admin.call("res.users", "create", values, context=context)
        return logins

    def grant(self, role, group):
        """Give a role one more group."""
        user = getattr(self, role).uid
        link = {"group_ids": [(4, self.admin.ref(group))]}
        self.admin.write("res.users", user, link)

    # === WHAT EACH ROLE DOES === #

    def new_customer(self, name="Customer", **values):
        """Create a company that buys; return its id."""
        values = {"name": f"{self.tag} {name}", "is_company": True, **values}
        return self.admin.create("res.partner", values)

    def new_team(self, **values):
        """Create a team with both switches on, as the helpdesk administrator."""
        values = {
            "name": f"{self.tag} Team",
            "use_helpdesk_timesheet": True,
            "use_helpdesk_sale_timesheet": True,
            **values,
        }
        return self.boss.create("helpdesk.team", values)

    def new_ticket(self, team, customer, name="Printer on fire", **values):
        """Create a ticket as the agent."""
        values = {"name": name, "team_id": team, "partner_id": customer, **values}
        return self.agent.create("helpdesk.ticket", values)

    def new_order(self, customer, product=None, price=80.0, confirm=True, **line):
        """Make an order of one line as the salesperson.

        :return: ids of the order and of its line
        """
        line = {
            "product_id": product or self.product,
            "product_uom_qty": 1,
            "price_unit": price,
            "tax_ids": [(5,)],
            **line,
        }
        order = self.sales.create(
            "sale.order", {"partner_id": customer, "order_line": [(0, 0, line)]}
        )
        if confirm:
            self.sales.call("sale.order", "action_confirm", [order])
        [item] = self.sales.search("sale.order.line", [("order_id", "=", order)])
        return order, item

    def log(self, hours, on=None, **values):
        """Record time as the agent; ``on`` is a ticket."""
        values = {"name": "Work", "unit_amount": hours, "date": self.today, **values}
        if on:
            values["helpdesk_ticket_id"] = on
        return self.agent.create("account.analytic.line", values)

    def invoice(self, order, **values):
        """Bill an order by the wizard, as the salesperson; return action and ids."""
        wizard = self.sales.create(
            "sale.advance.payment.inv",
            {
                "sale_order_ids": [(6, 0, [order])],
                "advance_payment_method": "delivered",
                **values,
            },
        )
        action = self.sales.call(
            "sale.advance.payment.inv", "create_invoices", [wizard]
        )
        return action, self.sales.read("sale.order", order, ["invoice_ids"])[
            "invoice_ids"
        ]

    # === WHAT THEY SEE === #

    def hours(self, ticket):
        """Return the ticket's figures as its agent reads them."""
        return self.agent.read("helpdesk.ticket", ticket, TICKET_HOURS)

    def delivered(self, item):
        """Return the Delivered column of an order item as the salesperson reads it."""
        return self.sales.read("sale.order.line", item, ["qty_delivered"])[
            "qty_delivered"
        ]

    def lines(self, *tickets, fields=("unit_amount", "so_line", "project_id")):
        """Return the time lines of tickets, oldest first."""
        domain = [("helpdesk_ticket_id", "in", tickets)]
        return self.admin.search_read(
            "account.analytic.line", domain, list(fields), order="id"
        )

    def billed(self, move):
        """Return quantity and amounts of an invoice with one line."""
        [line] = self.accounts.search_read(
            "account.move.line",
            [("move_id", "=", move), ("display_type", "=", "product")],
            ["quantity", "price_unit", "price_subtotal", "name"],
        )
        total = self.accounts.read("account.move", move, ["amount_untaxed", "state"])
        return {**line, **total}

    def receive(self, sender, recipient, subject, body="Please help."):
        """Hand an e-mail to the mail gateway, as the mail server would."""
        mail = "\r\n".join(
            [
                f"From: {sender}",
                f"To: {recipient}",
                f"Subject: {subject}",
                f"Message-Id: <{self.tag}-{next(_numbers)}@customer.example.com>",
                "Date: Mon, 05 Jan 2026 09:00:00 +0000",
                "MIME-Version: 1.0",
                'Content-Type: text/plain; charset="utf-8"',
                "Content-Transfer-Encoding: base64",
                "",
                base64.b64encode(body.encode()).decode(),
                "",
            ]
        )
        return self.admin.call("mail.thread", "message_process", False, mail)
