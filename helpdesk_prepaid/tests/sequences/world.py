"""Tickets whose time is billed on packs of hours, and what people do with packs."""

from odoo.fields import Command

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import desk
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.world import day

from . import checks, facts

AT_END = ("next", "item", "wait", "continue")


class PackWorld(desk.DeskWorld):
    """Customer A has two packs more, of which one ends."""

    # === SETTING UP === #

    def _make_orders(self):
        super()._make_orders()
        self.new_pack(customer=0, hours=3, at_end=0, first=None, last=2)
        self.new_pack(customer=0, hours=2, at_end=2, first=None, last=None)
        self.new_pack(customer=1, hours=4, at_end=0, first=None, last=None)

    def begin(self):
        """What was known of the use of packs ends with an example."""
        super().begin()
        self.env.registry.clear_cache()

    def read(self):  # pylint: disable=method-required-super
        return facts.read(self.env.cr, self.start, super().read())

    # === WHAT HOLDS IN THIS WORLD === #

    def is_delivered(self, facts):
        return lambda line: not facts.parts[line.id].waits

    def may_follow(self, name):
        """It comes back to its pack, and is one with other parts of its work again."""
        return name in ("hours", "item", "lines", "worked")

    def may_reprice(self, operation):
        """Cutting and joining; see the checks of packs instead."""
        return True

    def may_rework(self, operation):
        return True

    def may_delete(self, operation):
        return True

    def get_hours_off(self, facts, line):
        return self.env["account.analytic.line"].browse(line.id).hours_written_off

    def expect_items(self, facts, line):
        """A pack, the others of the customer, and what comes after them; none if none
        is valid on the day."""
        expected = super().expect_items(facts, line)
        todo, found = list(expected), set(expected)
        customer = facts.cases[line.case].customer
        while todo:
            pack = facts.packs.get(todo.pop())
            if not pack:
                continue
            if not pack.is_valid_on(line.day):
                found |= {None}
            others = {
                other.id
                for other in facts.packs.values()
                if facts.items[other.id].customer == customer
                and facts.items[other.id].state == "sale"
            }
            new = (others | {pack.following} - {None}) - found
            found |= new
            todo += new
        return found

    def is_right_reason(self, facts, line, reason):
        part = facts.parts[line.id]
        if part.waits:
            reason = reason.removeprefix("Waits for another pack. ")
        if reason.endswith("is used up"):
            return part.origin and line.item != part.origin
        if reason.startswith("The customer's pack"):
            return line.item in facts.packs
        return super().is_right_reason(facts, line, reason)

    def _read_reasons(self):
        return {
            line_id: (reason or "").removeprefix("Waits for another pack. ")
            for line_id, reason in super()._read_reasons().items()
        }

    def more_checks(self, memory, before, after):
        return {
            **super().more_checks(memory, before, after),
            "below zero": checks.check_not_below_zero(self, after),
            "statement": checks.check_statement(self, after),
            "days": checks.check_days(after, memory),
            "room": checks.check_room(self, after),
            "parts": checks.check_parts(after),
            "typed": checks.check_worked(before, after, self.typed),
        }

    # === TIME === #

    #: Hours that the last step typed; None if it may change them in any way.
    typed = None

    def log(self, case, hours, person, on):
        super().log(case, hours, person, on)
        self.typed = hours

    def log_on_task(self, task, hours, person, on):
        super().log_on_task(task, hours, person, on)
        self.typed = hours

    def edit_hours(self, line, hours):
        """Hours of the first line of some work are those of all of it."""
        record = self._pick(self._lines(), line)
        was = record.unit_amount
        if not record.split_from_id:
            was += sum(record.split_line_ids.mapped("unit_amount"))
        super().edit_hours(line, hours)
        self.typed = hours - was

    def delete_line(self, line):
        """With the first line of some work go its open parts."""
        record = self._pick(self._lines(), line)
        gone = record | record.split_line_ids.filtered(lambda x: x._is_not_billed())
        hours = sum(gone.mapped("unit_amount"))
        super().delete_line(line)
        self.typed = -hours

    # === PACKS === #

    def _packs(self):
        return self._items(("sale",))._filter_packs()

    def new_pack(self, customer, hours, at_end, first, last):
        """Sell a pack of hours."""
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self._pick(self.customers, customer).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.products[3].id,
                                "product_uom_qty": hours,
                                "pack_at_end": AT_END[at_end % 3],
                                "pack_valid_from": day(first),
                                "pack_valid_until": day(last),
                            }
                        )
                    ],
                }
            )
        )
        self.orders |= order.with_env(self.env)
        if AT_END[at_end % 3] == "item":
            self.set_next(-1, 0)
        order.action_confirm()

    def _write_pack(self, pack, values):
        self._pick(self._packs(), pack).with_user(self.seller).write(values)

    def resize_pack(self, pack, hours):
        """Sell more hours of a pack, or fewer."""
        self._write_pack(pack, {"product_uom_qty": hours})

    def set_days(self, pack, first, last):
        """Change the days on which a pack is valid."""
        values = {"pack_valid_from": day(first), "pack_valid_until": day(last)}
        self._write_pack(pack, values)

    def set_at_end(self, pack, at_end):
        """Say what comes after a pack."""
        self._write_pack(pack, {"pack_at_end": AT_END[at_end]})

    def set_next(self, pack, item):
        """Name the item that comes after a pack."""
        items = self._items(("sale",))
        chosen = self._pick(items, item)
        self._write_pack(pack, {"pack_at_end": "item", "pack_next_line_id": chosen.id})

    def expire(self, rollover, hours):
        """Let the hours of packs that are over expire, or roll over."""
        product = self.products[3].product_tmpl_id
        product.write({"pack_rollover": rollover, "pack_rollover_hours": hours})
        packs = self._packs().sudo().filtered(lambda pack: pack.pack_valid_until)
        packs._expire(self.env.cr.now().date())
