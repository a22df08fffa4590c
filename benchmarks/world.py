"""The data: one desk billed by the hour, once as tasks and once as tickets."""

from odoo.fields import Command
from odoo.tools import SQL

from .bulk import clone, pick, recompute
from .flow import FLOWS
from .ground import Ground


class World(Ground):
    """The data of the operations: orders, tickets, timesheets, invoices."""

    def build(self, names):
        """Build the world of some flows.

        :param names: names of the flows
        """
        self._company()
        self._users()
        self.product = self._product("Support", "delivered_timesheet")
        self.flat = self._product("Licence", "delivered_manual")
        for name in names:
            self.flow, self.part = FLOWS[name], {}
            self.data[name] = self.part
            self._containers()
            self._orders()
            self._tickets()
            self._specials()
        self._posted_invoices()
        self._recompute(names)
        return self.finish()

    def _containers(self):
        """Teams of the flow, each with a project, the last one for growth."""
        names = [f"{self.flow.name.title()} {i + 1}" for i in range(self.scale.teams)]
        names.append(f"{self.flow.name.title()} growth")
        if self.flow.name == "ours":
            containers = self._teams(names)
            projects = containers.project_id
            stages = containers[0].stage_ids.sorted()
        else:
            stages = self._task_stages()
            containers = projects = self._projects(names, stages)
        self.part.update(
            containers=containers[:-1].ids,
            projects=projects[:-1].ids,
            growth_container=containers[-1].id,
            growth_project=projects[-1].id,
            stages=stages.ids,
            users=self.agents.ids,
            employees=self.employees.ids,
            alias=containers[0].alias_email,
        )

    def _teams(self, names):
        return self.env["helpdesk.team"].create(
            [
                {
                    "name": name,
                    "alias_name": name.lower().replace(" ", "-"),
                    "member_ids": [Command.set(self.agents.ids)],
                    "use_helpdesk_timesheet": True,
                    "use_helpdesk_sale_timesheet": True,
                }
                for name in names
            ]
        )

    def _task_stages(self):
        titles = ("New", "In Progress", "On Hold", "Solved", "Cancelled")
        return self.env["project.task.type"].create(
            [
                {"name": title, "sequence": i, "fold": i > 2}
                for i, title in enumerate(titles)
            ]
        )

    def _projects(self, names, stages):
        return self.env["project.project"].create(
            [
                {
                    "name": name,
                    "alias_name": name.lower().replace(" ", "-"),
                    "allow_timesheets": True,
                    "allow_billable": True,
                    "type_ids": [Command.set(stages.ids)],
                }
                for name in names
            ]
        )

    # === ORDERS === #

    def _orders(self):
        count = self.scale.customers
        customers = self.env["res.partner"].create(
            [
                {
                    "name": f"{self.flow.name} customer {i + 1}",
                    "email": f"{self.flow.name}{i + 1}@customer.example",
                    "is_company": True,
                }
                for i in range(count)
            ]
        )
        orders = self.env["sale.order"]
        for start in range(0, self.scale.orders, 200):
            numbers = range(start, min(start + 200, self.scale.orders))
            orders |= self._order([customers[i % count] for i in numbers])
        self.part.update(customers=customers.ids, orders=orders.ids)

    def _order(self, partners, items=1, product=None):
        product = product or self.product
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [
                        Command.create(
                            {"product_id": product.id, "product_uom_qty": 10.0}
                        )
                        for _item in range(items)
                    ],
                }
                for partner in partners
            ]
        )
        orders.action_confirm()
        return orders

    def _customer(self, name):
        return self.env["res.partner"].create(
            {
                "name": f"{self.flow.name} {name}",
                "email": f"{self.flow.name}.{name}@special.example",
                "is_company": True,
            }
        )

    # === TICKETS AND THEIR TIME === #

    def _ticket(self, container, partner=None, item=None):
        values = self.flow.ticket_values(
            container,
            partner_id=partner.id if partner else False,
            sale_line_id=item.id if item else False,
        )
        return self.env[self.flow.model].create(values)

    def _tickets(self):
        """The bulk: tickets and timesheets of all orders."""
        items = self.env["sale.order"].browse(self.part["orders"]).order_line
        item, container = items[0], self.part["containers"][0]
        template = self._ticket(container, item.order_partner_id, item)
        self.template_line = self._line(template)
        source = SQL(
            "SELECT l.id AS item, l.order_id, o.partner_id, l.id + n AS part,"
            " row_number() OVER (ORDER BY l.id, n)::int AS i"
            " FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id,"
            " generate_series(1, %s) n WHERE l.id = ANY(%s)",
            self.scale.tickets_per_order,
            items.ids,
        )
        ids = self._copy_tickets(template, source, self.part)
        self._copy_lines(ids, self.scale.lines_per_ticket)
        self.template_line.unlink()
        template.unlink()
        self.part["tickets"] = [ids[0], ids[-1]]

    def _copy_tickets(self, template, source, part):
        values = self.flow.ticket_copies(part)
        ids = clone(self.env, self.flow.model, template, source, values)
        self.env.cr.execute(
            SQL(
                "INSERT INTO mail_followers (res_model, res_id, partner_id)"
                " SELECT %s, id, partner_id FROM %s WHERE id = ANY(%s)",
                self.flow.model,
                SQL.identifier(self.env[self.flow.model]._table),
                ids,
            )
        )
        if self.flow.name == "stock":
            self.env.cr.execute(
                SQL(
                    "INSERT INTO project_task_user_rel (task_id, user_id)"
                    " SELECT id, %s FROM project_task WHERE id = ANY(%s)",
                    pick(part["users"], SQL("id")),
                    ids,
                )
            )
        return ids

    def _line(self, ticket):
        values = self.flow.line_values(ticket.id, employee_id=self.employees[0].id)
        return self.env["account.analytic.line"].create(values)

    def _copy_lines(self, tickets, count):
        """Copy a timesheet ``count`` times to each ticket."""
        source = SQL(
            "SELECT t.id, t.partner_id, t.sale_line_id, t.sale_order_id, t.project_id,"
            " p.account_id, k FROM %s t JOIN project_project p ON p.id = t.project_id,"
            " generate_series(1, %s) k WHERE t.id = ANY(%s)",
            SQL.identifier(self.env[self.flow.model]._table),
            count,
            tickets,
        )
        values = self.flow.line_copies(self.part)
        clone(self.env, "account.analytic.line", self.template_line, source, values)

    def _fill(self, ticket, count):
        """Give a ticket timesheets: one by the ORM, its copies by SQL."""
        if count:
            self.template_line = self._line(ticket)
            self.env.flush_all()
            if count > 1:
                self._copy_lines(ticket.ids, count - 1)

    # === TICKETS TO MEASURE ON === #

    def _specials(self):
        part, container = self.part, self.part["containers"][0]
        part["form"] = self._special("form", container, 50)
        part["move"] = self._special("move", container, 200)
        part["set"] = self._special("set", container, 200, billed=False)
        part["reply"] = self._special("reply", container, 0)
        if self.flow.name == "stock":  # our team tells all its members
            task = self.env["project.task"].browse(part["reply"]["ticket"])
            task.message_subscribe(self.agents.partner_id.ids)
        part["free"] = self._special("free", container, 0, billed=False)
        part["ten"] = self._ten_items(container)
        growth = part["growth_container"]
        part["growth"] = {
            str(count): self._special(f"growth{count}", growth, count)
            for count in self.scale.growth
        }
        self._growth_page()

    def _special(self, name, container, count, billed=True):
        customer = self._customer(name)
        item = self._order([customer]).order_line
        ticket = self._ticket(container, customer, item if billed else None)
        if "priority" in ticket._fields and name.startswith("growth"):
            ticket.priority = "1"
        self._fill(ticket, count)
        return {
            "ticket": ticket.id,
            "item": item.id,
            "order": item.order_id.id,
            "to": self._order([customer]).order_line.id,
        }

    def _ten_items(self, container):
        """An order of 10 items, each with a ticket of 5 timesheets."""
        customer = self._customer("ten")
        order = self._order([customer], items=10)
        tickets = []
        for item in order.order_line:
            ticket = self._ticket(container, customer, item)
            self._fill(ticket, 5)
            tickets.append(ticket.id)
        return {"order": order.id, "tickets": tickets}

    def _growth_page(self):
        """Fill the page that shows the growing tickets up to 80."""
        first = self.env[self.flow.model].browse(
            self.part["growth"][str(self.scale.growth[0])]["ticket"]
        )
        part = {
            **self.part,
            "containers": [self.part["growth_container"]],
            "projects": [self.part["growth_project"]],
        }
        source = SQL(
            "SELECT %s AS item, %s AS order_id, %s AS partner_id, 0 AS part, n AS i"
            " FROM generate_series(1, %s) n",
            first.sale_line_id.id,
            first.sale_order_id.id,
            first.partner_id.id,
            80 - len(self.scale.growth),
        )
        ids = self._copy_tickets(first, source, part)
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET priority = '0' WHERE id = ANY(%s)",
                SQL.identifier(self.env[self.flow.model]._table),
                ids,
            )
        )

    # === THE REST === #

    def _posted_invoices(self):
        """A ledger that is not empty: without it PostgreSQL plans badly."""
        partners = self.env["res.partner"].search(
            [("email", "like", "@customer.example")], limit=100
        )
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partners[i % len(partners)].id,
                    "invoice_date": "2025-06-15",
                    "invoice_line_ids": [
                        Command.create(
                            {"product_id": self.flat.id, "quantity": 2, "tax_ids": []}
                        )
                    ],
                }
                for i in range(self.scale.invoices)
            ]
        )
        moves.action_post()

    def _recompute(self, names):
        """Bring the stored sums in line with the rows inserted by SQL."""
        items = self.env["sale.order.line"].search(
            [("product_id", "=", self.product.id)]
        )
        recompute(self.env, "sale.order.line", items.ids, ["qty_delivered"])
        if "ours" in names:
            self.env["helpdesk.ticket"].search([]).sale_line_id._note_tickets()
        if "stock" in names:
            tasks = self.env["project.task"].search([])
            recompute(self.env, "project.task", tasks.ids, ["effective_hours"])
