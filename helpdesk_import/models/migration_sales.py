from collections import defaultdict

from .migration_people import fold


class MigrationSales:
    """Orders, their items and projects of the old desk, and here.

    Orders by external id, else by number within the company; an item is that of its
    order with the same text, else with the same product. Where two fit, none is taken.

    :param mover: see ``MigrationMover``
    """

    def __init__(self, mover):
        self._mover = mover
        self._env = mover.env
        self._orders = {}
        self._items = {}
        self._names = {}
        self._projects = {}

    def prepare(self, orders, items, projects):
        """Match those that were not met before, see ``MigrationPeople.prepare``."""
        new_items = set(items) - self._items.keys() - {False}
        rows = self._read_items(new_items)
        orders = {*orders, *(row["order_id"][0] for row in rows)}
        self._prepare_orders(orders - self._orders.keys() - {False})
        self._items.update(dict.fromkeys(new_items, False))
        self._match_items(rows)
        self._prepare_projects(set(projects) - self._projects.keys() - {False})

    def _read_items(self, old_ids):
        """Items with all others of their orders, to know which are alike."""
        if not old_ids:
            return []
        desk, names = self._mover.desk, ["order_id", "name", "product_id"]
        model, domain = "sale.order.line", [("id", "in", sorted(old_ids))]
        orders = {
            row["order_id"][0]
            for row in desk.search_read(model, domain, ["order_id"])
            if row["order_id"]
        }
        return desk.search_read(model, [("order_id", "in", sorted(orders))], names)

    def get_order(self, old_id):
        """Order here, empty if there is none."""
        return self._env["sale.order"].browse(self._orders.get(old_id) or [])

    def get_item(self, old_id):
        """Order item here, empty if there is none."""
        return self._env["sale.order.line"].browse(self._items.get(old_id) or [])

    def get_item_name(self, old_id):
        """How the old desk calls an item: number of the order and text."""
        return self._names.get(old_id) or str(old_id)

    def get_project(self, old_id):
        """Project here, empty if there is none."""
        return self._env["project.project"].browse(self._projects.get(old_id) or [])

    def _prepare_orders(self, old_ids):
        if not old_ids:
            return
        desk = self._mover.desk
        domain = [("id", "in", sorted(old_ids))]
        rows = desk.search_read("sale.order", domain, ["name", "company_id"])
        shared = self._mover.keys.find_shared("sale.order", desk, old_ids)
        here = self._env["sale.order"].search(
            [("name", "in", [row["name"] for row in rows])]
        )
        by_name = here.grouped(lambda order: (order.company_id, order.name))
        self._orders.update(dict.fromkeys(old_ids, False))
        for row in rows:
            company = self._mover.get_company(row.get("company_id"))
            match = by_name.get((company, row["name"]), here.browse())
            found = shared.get(row["id"]) or (match.id if len(match) == 1 else False)
            self._orders[row["id"]] = found

    def _match_items(self, rows):
        alike = defaultdict(int)
        for row in rows:
            self._names[row["id"]] = f"{row['order_id'][1]} - {row['name']}"
            alike[row["order_id"][0], fold(row["name"])] += 1
        for row in rows:
            items = self.get_order(row["order_id"][0]).order_line
            product = row["product_id"] and fold(row["product_id"][1])
            rules = (
                lambda item, row=row: fold(item.name) == fold(row["name"]),
                lambda item, product=product: (
                    product
                    and product
                    in (fold(item.product_id.display_name), fold(item.product_id.name))
                ),
            )
            fits = (items.filtered(rule) for rule in rules)
            match = next((fit for fit in fits if fit), items.browse())
            is_alone = alike[row["order_id"][0], fold(row["name"])] == 1
            if len(match) == 1 and is_alone:
                self._items[row["id"]] = match.id

    def _prepare_projects(self, old_ids):
        if not old_ids:
            return
        domain = [("id", "in", sorted(old_ids))]
        names = ["name", "company_id"]
        rows = self._mover.desk.search_read("project.project", domain, names)
        here = self._env["project.project"].search_fetch(
            [
                ("name", "in", [row["name"] for row in rows]),
                ("allow_timesheets", "=", True),
                ("is_template", "=", False),
            ],
            ["name", "company_id"],
        )
        self._projects.update(dict.fromkeys(old_ids, False))
        for row in rows:
            company = self._mover.get_company(row.get("company_id"))
            own = here.filtered(
                lambda p, row=row, c=company: (
                    fold(p.name) == fold(row["name"])
                    and (p.company_id == c or not p.company_id)
                )
            )
            if len(own) == 1:
                self._projects[row["id"]] = own.id
