"""What salespersons do with orders and customers of a world."""

from odoo.fields import Command

from .world import World


class OrderWorld(World):
    """A world with orders that come, change and go."""

    # === ORDERS === #

    def new_order(self, customer, offers, confirm):
        """Quote some of the offers to a customer, confirm at once or leave it."""
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self._pick(self.customers, customer).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.products[offer].id,
                                "product_uom_qty": 10,
                            }
                        )
                        for offer in offers
                    ],
                }
            )
        )
        if confirm:
            order.action_confirm()
        self.orders |= order.with_env(self.env)

    def confirm_order(self, order):
        """Confirm a quotation."""
        quotations = self.orders.filtered(lambda order: order.state == "draft")
        self._pick(quotations, order).with_user(self.seller).action_confirm()

    def cancel_order(self, order):
        """Cancel a confirmed order."""
        confirmed = self.orders.filtered(lambda order: order.state == "sale")
        self._pick(confirmed, order).with_user(self.seller).action_cancel()

    def quote_again(self, order):
        """Set a cancelled order to quotation."""
        cancelled = self.orders.filtered(lambda order: order.state == "cancel")
        self._pick(cancelled, order).with_user(self.seller).action_draft()

    def hand_order(self, order, customer):
        """Hand an order to another customer."""
        partner = self._pick(self.customers, customer)
        record = self._pick(self.orders, order).with_user(self.seller)
        record.write({"partner_id": partner.id})

    def change_unit(self, item, unit):
        """Sell an item in hours, days or units from now on."""
        chosen = sorted(self.hours_per_unit)[unit % len(self.hours_per_unit)]
        record = self._pick(self._items(), item).with_user(self.seller)
        record.write({"product_uom_id": chosen})

    # === CUSTOMERS === #

    def move_contact(self, contact, company):
        """A person goes to work for another company."""
        people = self.customers - self.companies
        chosen = self._pick(self.customers & self.companies, company)
        self._pick(people, contact).write({"parent_id": chosen.id})

    def merge_contacts(self, contact, other):
        """Merge a customer into another one."""
        gone = self._pick(self.customers, contact)
        kept = self._pick(self.customers - gone, other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | kept).ids, kept)
        self.customers -= gone
