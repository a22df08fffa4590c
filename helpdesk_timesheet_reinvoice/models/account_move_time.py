from collections import defaultdict
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain

from odoo.addons.helpdesk_base.tools import read_private


class TimeGroup(NamedTuple):
    """Invoice lines and the time they bill: all of an item, or one ticket's share.

    ``others`` are the tickets that have invoice lines of their own; their time is not
    in the common group.
    """

    item: models.BaseModel
    ticket: models.BaseModel
    others: models.BaseModel
    lines: models.BaseModel
    timesheets: models.BaseModel


class AccountMove(models.Model):
    """Which hours an invoice holds, in step with the quantities it bills.

    The quantity of an invoice line decides how many hours are billed, the link from the
    time line to the invoice decides which ones. Wherever a person changes the quantity,
    the links follow, the newest time first, so that the hours that were not billed can
    be billed by the next invoice, and no hour by two.
    """

    _inherit = "account.move"

    # === LINK === #

    def _link_timesheets_to_invoice(self, start_date=None, end_date=None):
        """Link the ticket time of a whole run at once.

        The stock method searches once for each invoice line, and carries the dates of
        one order over to the next. It still serves invoices without ticket time.
        """
        explained = read_private(self.env, "helpdesk_hours_to_explain") or {}
        drafts = self.filtered(lambda move: move.state == "draft").sudo()
        with_tickets = drafts.filtered(
            lambda move: any(
                ticket_id
                for item in move.invoice_line_ids.sale_line_ids
                for ticket_id, _hours in explained.get(item.id, ())
            )
        )
        with_tickets._link_ticket_time(start_date, end_date)
        rest = self.browse((self - with_tickets).ids)
        return super(AccountMove, rest)._link_timesheets_to_invoice(
            start_date, end_date
        )

    def _link_ticket_time(self, start_date, end_date):
        """Link open time of a period to these drafts, a credit note for hours that were
        corrected below zero included: its hours are settled like any others."""
        move_by_item, periods = {}, defaultdict(lambda: self.env["sale.order.line"])
        for line in self.invoice_line_ids:
            for item in line.sale_line_ids:
                if not item._is_helpdesk_delivered_timesheet():
                    continue
                period = (start_date, end_date)
                if not (start_date or end_date):
                    period = self._get_range_dates(item.order_id)
                periods[period] |= item
                move_by_item[item.id] = line.move_id
        for (start, end), items in periods.items():
            domain = items._domain_helpdesk_open()
            if start:
                domain &= Domain("date", ">=", start)
            if end:
                domain &= Domain("date", "<=", end)
            timesheets = self.env["account.analytic.line"].sudo().search(domain)
            limited = start or end or items.order_id._get_tickets_to_invoice()
            by_move = timesheets.grouped(lambda line: move_by_item[line.so_line.id])
            for move, own in by_move.items():
                own.write({"timesheet_invoice_id": move.id})
                if limited:
                    move._link_corrections(own)

    def _link_corrections(self, timesheets):
        """Let corrections below zero go with the hours they correct.

        An invoice for a period or for some tickets bills no more than is left of all
        hours, see ``_get_capped_quantity``. Where corrections outside of it are the
        reason, it holds and explains them, too.

        :param timesheets: time that was just linked to this draft
        """
        self.ensure_one()
        corrections = timesheets.browse()
        for item, lines in timesheets.grouped("so_line").items():
            billed = self._sum_billed_quantity(item, self._get_lines_of_item(item))
            corrections |= item._search_corrections(
                sum(lines.mapped("unit_amount")) - item._get_hours(billed)
            )
        if not corrections:
            return
        corrections.write({"timesheet_invoice_id": self.id})
        for group in self._get_time_groups(corrections.so_line):
            before = group._replace(timesheets=group.timesheets - corrections)
            names = group.item._get_renamed_lines(self, before, group.timesheets)
            for line, name in names.items():
                line.name = name

    # === HOURS AND QUANTITIES === #

    def _get_time_groups(self, items):
        """The time of some items on this invoice, as its lines bill it.

        :param items: ``sale.order.line`` billed by delivered time
        :return: list of :class:`TimeGroup`, time lines newest first
        """
        self.ensure_one()
        Line = self.env["account.analytic.line"].sudo()
        timesheets = Line.search(
            [
                ("timesheet_invoice_id", "=", self.id),
                ("so_line", "in", items.ids),
                ("project_id", "!=", False),
            ],
            order="date desc, id desc",
        )
        groups = []
        for item in items:
            lines = self._get_lines_of_item(item)
            own = timesheets.filtered(lambda line, item=item: line.so_line == item)
            tickets = lines.helpdesk_ticket_id
            if not self._credits_by_ticket(item, lines):
                # A credit that names no ticket concerns the item as a whole.
                groups.append(TimeGroup(item, tickets[:0], tickets[:0], lines, own))
                continue
            for ticket in [*tickets, tickets[:0]]:
                groups.append(
                    TimeGroup(
                        item,
                        ticket,
                        tickets,
                        lines.filtered(
                            lambda line, t=ticket: line.helpdesk_ticket_id == t
                        ),
                        own._filter_of_ticket(ticket, tickets),
                    )
                )
        return groups

    def _get_lines_of_item(self, item):
        return self.sudo().invoice_line_ids.filtered(
            lambda line: item in line.sale_line_ids
        )

    def _sum_billed_quantity(self, item, lines):
        """Quantity that lines of this document bill. A credit note that an order makes
        credits corrected hours; one that deducts a larger down payment bills hours, with
        a quantity below zero.

        :param item: ``sale.order.line``
        :param lines: invoice lines of this document
        :return: quantity in the unit of the item, below zero for what is credited
        :rtype: float
        """
        sign = -1 if self.move_type == "out_refund" else 1
        return sign * item._sum_quantity(lines)

    def _get_posted_credits(self):
        """Credit notes that credit this invoice, but no time of their own.

        :rtype: account.move
        """
        return self.sudo().reversal_move_ids.filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.state == "posted"
                and not move.timesheet_ids
            )
        )

    def _credits_by_ticket(self, item, lines):
        credits = self._get_posted_credits()._get_lines_of_item(item)
        return all(
            line.helpdesk_ticket_id in lines.mapped("helpdesk_ticket_id")
            if line.helpdesk_ticket_id
            else bool(lines.filtered(lambda own: not own.helpdesk_ticket_id))
            for line in credits
            if line.quantity
        )

    def _get_net_quantity(self, group):
        """Quantity billed by a group of lines less what was credited since.

        :param TimeGroup group: of this invoice
        :return: quantity in the unit of the item
        :rtype: float
        """
        credits = self._get_posted_credits()._get_lines_of_item(group.item)
        if group.others:
            credits = credits.filtered(
                lambda line: line.helpdesk_ticket_id == group.ticket
            )
        billed = self._sum_billed_quantity(group.item, group.lines)
        return billed - group.item._sum_quantity(credits)

    def _settle_time(self, items, take=True, first=None):
        """Let the time on this invoice follow the quantities it bills.

        Time beyond the quantity is freed, the newest first, as far as whole lines fit.
        If an invoice misses hours, open time of the same items is taken; a credit note
        takes none, whatever a person writes on it.

        :param items: ``sale.order.line`` whose quantity changed
        :param bool take: whether open time may be taken
        :param first: time lines to free before newer ones
        :return: the time lines that were freed
        :rtype: account.analytic.line
        """
        self.ensure_one()
        takes = take and self.move_type == "out_invoice"
        freed = taken = self.env["account.analytic.line"].sudo()
        names = {}
        for group in self._get_time_groups(items._filter_with_ticket_time()):
            quantity = self._get_net_quantity(group)
            candidates = group.timesheets
            if first:
                candidates = (candidates & first) + (candidates - first)
            out = candidates._pick_beyond(group.item, quantity)
            into = out.browse()
            if takes and not out and quantity > 0:
                into = group.item._search_time_to_take(group, quantity)
            freed, taken = freed | out, taken | into
            if self.state == "draft":
                after = group.timesheets - out | into
                names.update(group.item._get_renamed_lines(self, group, after))
        self._change_time(freed, taken, names)
        return freed

    def _change_time(self, freed, taken, names=None):
        """Write which hours are on this invoice, and say so in its chatter.

        :param freed: time lines that leave
        :param taken: time lines that come
        :param dict names: new texts by invoice line
        """
        if freed:
            freed.write({"timesheet_invoice_id": False})
        if taken:
            taken.write({"timesheet_invoice_id": self.id})
        for line, name in (names or {}).items():
            line.name = name
        if freed:
            body = self.env._(
                "%(hours)s h of %(tickets)s can be billed again.",
                **freed._get_hours_and_tickets(),
            )
            self.sudo()._message_log(body=body)
        if taken:
            body = self.env._(
                "%(hours)s h of %(tickets)s are billed here now.",
                **taken._get_hours_and_tickets(),
            )
            self.sudo()._message_log(body=body)

    # === ITEMS === #

    def _get_ticket_time_items(self):
        """Items on these documents that are billed by time of tickets.

        :rtype: sale.order.line
        """
        items = self.sudo().invoice_line_ids.sale_line_ids
        return items._filter_with_ticket_time()
