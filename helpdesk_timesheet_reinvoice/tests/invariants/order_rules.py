"""Rules of the machine about customers, orders and invoices."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .rules import FACTORS, FEW, LIMITS, MANY, OFFERS, confirmed_orders, when, with_move

#: Contacts are merged as long as more than these are left.
ENOUGH_CUSTOMERS = 4
#: Per cent, or money: one hour costs 100.
AMOUNTS = st.sampled_from([10.0, 30.0, 50.0, 100.0])


class OrderRules:
    """What people do with orders and invoices, see :class:`money.MoneyWorld`."""

    # === ORDERS === #

    @when(lambda facts: len(facts.items) < 16)
    @rule(customer=MANY, offers=OFFERS, confirm=st.booleans())
    def new_order(self, **arguments):
        self.request("new_order", **arguments)

    @when(lambda facts: any(item.state == "draft" for item in facts.items.values()))
    @rule(order=FEW)
    def confirm_order(self, **arguments):
        self.request("confirm_order", **arguments)

    @when(lambda facts: len(confirmed_orders(facts)) > 2)
    @rule(order=FEW)
    def cancel_order(self, **arguments):
        self.request("cancel_order", **arguments)

    @when(lambda facts: any(item.state == "cancel" for item in facts.items.values()))
    @rule(order=FEW)
    def quote_again(self, **arguments):
        self.request("quote_again", **arguments)

    @rule(order=FEW, customer=MANY)
    def hand_order(self, **arguments):
        self.request("hand_order", **arguments)

    @rule(item=MANY, unit=FEW)
    def change_unit(self, **arguments):
        self.request("change_unit", **arguments)

    # === CUSTOMERS === #

    @rule(contact=FEW, company=FEW)
    def move_contact(self, **arguments):
        self.request("move_contact", **arguments)

    @precondition(lambda self: len(self.world.customers) > ENOUGH_CUSTOMERS)
    @rule(contact=MANY, other=MANY)
    def merge_contacts(self, **arguments):
        self.request("merge_contacts", **arguments)

    # === INVOICES === #

    @when(confirmed_orders)
    @rule(order=FEW, percentage=st.booleans(), amount=AMOUNTS)
    def pay_down(self, **arguments):
        self.request("pay_down", **arguments)

    @with_move("draft", "posted")
    @rule(move=FEW)
    def duplicate(self, **arguments):
        self.request("duplicate", **arguments)

    @with_move("draft")
    @rule(move=FEW)
    def switch_type(self, **arguments):
        self.request("switch_type", **arguments)

    @rule(first=FEW, count=st.integers(1, 2), start=LIMITS, end=LIMITS)
    def invoice_orders(self, **arguments):
        self.request("invoice_orders", **arguments)

    invoice_more = invoice_orders

    @with_move("draft")
    @rule(move=FEW)
    def post(self, **arguments):
        self.request("post", **arguments)

    post_more = post

    @with_move("draft")
    @rule(move=FEW)
    def delete_draft(self, **arguments):
        self.request("delete_draft", **arguments)

    @with_move("draft")
    @rule(move=FEW)
    def cancel_draft(self, **arguments):
        self.request("cancel_draft", **arguments)

    @with_move("posted")
    @rule(move=FEW)
    def reset_posted(self, **arguments):
        self.request("reset_posted", **arguments)

    @with_move("cancel")
    @rule(move=FEW)
    def reset_cancelled(self, **arguments):
        self.request("reset_cancelled", **arguments)

    @with_move("draft")
    @rule(move=FEW, line=FEW)
    def delete_draft_line(self, **arguments):
        self.request("delete_draft_line", **arguments)

    @with_move("draft")
    @rule(move=FEW, line=FEW, factor=FACTORS)
    def change_quantity(self, **arguments):
        self.request("change_quantity", **arguments)

    @with_move("posted")
    @rule(move=FEW, post=st.booleans())
    def credit(self, **arguments):
        self.request("credit", **arguments)

    @with_move("posted")
    @rule(move=FEW, line=FEW, factor=FACTORS)
    def credit_part(self, **arguments):
        self.request("credit_part", **arguments)

    @with_move("posted")
    @rule(move=FEW)
    def modify(self, **arguments):
        self.request("modify", **arguments)
