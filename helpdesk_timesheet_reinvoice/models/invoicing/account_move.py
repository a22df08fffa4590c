from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from odoo.addons.helpdesk_base.tools import Private, format_hours

from .time_run import get_period_domain, get_run


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


class PrintedTime(NamedTuple):
    """Lines of work of one ticket, as a document prints them: hours that add up to
    those its text names."""

    item: models.BaseModel
    ticket: models.BaseModel
    rows: list
    worked: float
    hours: float


class AccountMove(models.Model):
    """Which hours an invoice holds, in step with the quantities it bills.

    The quantity of an invoice line decides how many hours are billed, the link from the
    time line to the invoice decides which ones. Wherever a person changes the quantity,
    the links follow, the newest time first, so that the hours that were not billed can
    be billed by the next invoice, and no hour by two. Credit notes free the hours they
    credit, and bill them again when undone.
    """

    _name = "account.move"
    _inherit = ["account.move", "helpdesk.gate"]

    ticket_count = fields.Integer(
        compute="_compute_ticket_count",
        export_string_translation=False,
    )

    credited_timesheet_ids = fields.Many2many(
        comodel_name="account.analytic.line",
        relation="account_move_credited_timesheet_rel",
        column1="move_id",
        column2="timesheet_id",
        string="Credited Timesheets",
        readonly=True,
        copy=False,
        help="Time that this credit note sets free to be billed again, once it is "
        "posted.",
    )

    # === COMPUTE METHODS === #

    @api.depends("timesheet_ids.helpdesk_ticket_id")
    def _compute_ticket_count(self):
        counts = dict(
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                self._domain_ticket_time(),
                ["timesheet_invoice_id"],
                ["helpdesk_ticket_id:count_distinct"],
            )
        )
        for move in self:
            move.ticket_count = counts.get(move._origin.sudo(), 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_ruled(self._get_ruled_names(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """Keep ticket time in step with documents that change their state or type."""
        self._check_ruled(self._get_ruled_names(vals))
        if self and ("move_type" in vals or vals.get("state") in ("cancel", "draft")):
            self.check_access("write")  # before a sentence names documents
        if "move_type" in vals:
            switched = self.filtered(lambda move: move.move_type != vals["move_type"])
            switched._check_hours_given_back(vals["move_type"])
            switched._check_billing(move_type=vals["move_type"])
            switched._free_time_of_switched()
            result = super().write(vals)
            switched._bill_time_of_switched()
            return result
        if vals.get("state") not in ("cancel", "draft"):
            return super().write(vals)
        self._check_billing(state=vals["state"])
        undone = self._filter_time_credits().filtered(lambda n: n.state == "posted")
        if vals["state"] == "draft":
            revived = self.filtered(lambda move: move.state == "cancel")
            self._empty_delivery_date()
            result = super().write(vals)
            revived._take_time_again()
        else:
            # Cancelling an invoice frees its hours but chooses no new item for them.
            lines = self.env["account.analytic.line"].sudo()
            lines = lines.search([("timesheet_invoice_id", "in", self.ids)])
            with lines._protect_billed_values():
                result = super().write(vals)
        undone._undo_credit()
        return result

    def unlink(self):
        """A deleted document bills and credits nothing any more, see :meth:`write`."""
        if self:  # before a sentence names documents
            self.check_access("unlink")
        self._check_billing(state="cancel")
        return super().unlink()

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets whose time is billed on these invoices.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        :raise AccessError: if the user may not read the invoices
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_reinvoice.helpdesk_ticket_action_of_document"
        )
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(self._domain_ticket_time(), ["helpdesk_ticket_id"])
        )
        action["domain"] = [("id", "in", [ticket.id for (ticket,) in groups])]
        action["context"] = {"create": False}
        return action

    def action_post(self):
        """A credit note frees as many hours as it credits: :meth:`_post` has done so,
        and the stock method, which frees the whole item, must leave the rest alone."""
        documents = self.with_context(helpdesk_keep_ticket_time=Private(True))
        return super(AccountMove, documents).action_post()

    def _post(self, soft=True):
        """Free credited time however the credit note is posted: by hand, in a batch,
        or by the scheduled action on its date."""
        self._fill_delivery_date()
        posted = super()._post(soft)
        own = posted.with_context(helpdesk_keep_ticket_time=None)
        own._free_credited_time()
        return posted

    # === BUSINESS METHODS === #

    def _domain_ticket_time(self):
        return [
            ("timesheet_invoice_id", "in", self.ids),
            ("helpdesk_ticket_id", "!=", False),
        ]

    def _get_helpdesk_action(self):
        """Window action on these invoices: the form of one, the list of several.

        :rtype: dict
        """
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "account.move",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", self.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }
        if len(self) == 1:
            action.update(views=[[False, "form"]], res_id=self.id)
        return action

    # === WHAT IS PRINTED === #

    def _search_explained_time(self):
        """Time of tickets that this document bills or credits, with raised rights: also
        what was credited since, which the document still tells of.

        :rtype: account.analytic.line
        """
        self.ensure_one()
        credited = (self | self._get_posted_credits()).sudo().credited_timesheet_ids
        domain = Domain("timesheet_invoice_id", "=", self.id)
        domain |= Domain("id", "in", credited.ids)
        domain &= Domain("helpdesk_ticket_id", "!=", False)
        return (
            self.env["account.analytic.line"]
            .sudo()
            .search(domain & Domain("project_id", "!=", False), order="date, id")
        )

    def _get_service_period(self):
        """First and last day of the work on tickets that this document is about.

        :return: two dates, or nothing
        :rtype: tuple
        """
        days = self._search_explained_time().mapped("date")
        return (min(days), max(days)) if days else ()

    def _get_printed_time(self):
        """Lines of work to print, where team or customer want them: none of internal
        work. Hours are rounded so that they add up to what the invoice line says.

        :return: ``below``, a list of :class:`PrintedTime` by invoice line id, and
            ``annex``, a list of them
        :rtype: dict
        """
        self.ensure_one()
        result = {"below": defaultdict(list), "annex": []}
        time = self._search_explained_time()
        wish = self.commercial_partner_id.sudo().helpdesk_time_on_invoice
        if wish == "none" or not (wish or time._is_printed_by_team()):
            return result
        shown = time.filtered_domain(time._domain_shown_to_customer())
        for item, lines, group in self._group_explained_time(time):
            for printed in self._print_time(item, lines, group, shown):
                place = wish or printed.ticket.team_id.time_on_invoice
                if place == "below" and lines:
                    result[place][lines[-1:].id].append(printed)
                elif place != "none":
                    result["annex"].append(printed)
        return result

    def _get_line_periods(self):
        """First and last day of the work on tickets that each line is about.

        :return: two dates by invoice line id
        :rtype: dict
        """
        periods = {}
        for _item, lines, group in self._group_explained_time():
            days = group.mapped("date")
            if days:
                periods |= dict.fromkeys(lines.ids, (min(days), max(days)))
        return periods

    def _group_explained_time(self, timesheets=None):
        """Time of tickets beside the lines of this document that bill it.

        :param timesheets: see :meth:`_search_explained_time`
        :return: order item, invoice lines, which may be none, and time lines
        :rtype: iterator
        """
        if timesheets is None:
            timesheets = self._search_explained_time()
        for item, own in timesheets.grouped("so_line").items():
            lines = self._get_lines_of_item(item).sorted("sequence")
            tickets = lines.helpdesk_ticket_id
            for ticket in [*tickets, tickets.browse()] if lines else ():
                of_ticket = lines.filtered(
                    lambda line, t=ticket: line.helpdesk_ticket_id == t
                )
                yield item, of_ticket, own._filter_of_ticket(ticket, tickets)

    def _print_time(self, item, lines, timesheets, shown):
        """Lines of work of an item, by ticket.

        :param lines: invoice lines that bill them
        :param timesheets: the time they bill
        :param shown: the part of it that a customer may see
        :rtype: iterator
        """
        item = item.with_env(self.env).sudo()
        quantity = item._sum_quantity(lines)
        if sum(timesheets.mapped("billable_hours")) < 0:
            quantity = -quantity  # a credit note for corrections
        hours = item._get_ticket_hours(timesheets)
        for group in item._get_printed_hours(hours, quantity):
            own = timesheets.filtered(
                lambda line, g=group: line.helpdesk_ticket_id.id == g.ticket_id
            )
            rows = own._get_printed_rows(group.hours, group.worked)
            rows = [row for row in rows if row["line"] in shown]
            if rows:
                yield PrintedTime(
                    item,
                    own.helpdesk_ticket_id.with_env(self.env).sudo(),
                    rows,
                    sum(row["worked"] for row in rows),
                    sum(row["hours"] for row in rows),
                )

    def _fill_delivery_date(self):
        """The service was delivered on the last day of work, unless somebody says
        otherwise. Stock and e-invoices take it from there."""
        invoices = self.filtered(
            lambda move: move.move_type == "out_invoice" and not move.delivery_date
        )
        for move, day in invoices._read_last_days().items():
            move.delivery_date = day

    def _empty_delivery_date(self):
        """A draft again: the day of :meth:`_fill_delivery_date` is found anew."""
        invoices = self.filtered(
            lambda move: move.move_type == "out_invoice" and move.delivery_date
        )
        for move, day in invoices._read_last_days().items():
            if move.delivery_date == day:
                move.delivery_date = False

    def _read_last_days(self):
        """Last day of work on tickets, by document that bills some.

        :rtype: dict
        """
        if not self._get_ticket_time_items():
            return {}
        groups = self.env["account.analytic.line"].sudo()
        groups = groups._read_group(
            self._domain_ticket_time(), ["timesheet_invoice_id"], ["date:max"]
        )
        return {move.with_env(self.env): day for move, day in groups}

    # === CREDIT NOTES === #

    def _get_ruled_fields(self):
        """Which hours a credit note frees follows from how it was made; undone, it puts
        them back on its invoice."""
        return super()._get_ruled_fields() | {"credited_timesheet_ids"}

    def _get_ruled_reason(self, names):
        return self.env._(
            "Which time a credit note frees cannot be written. Choose the time in the list "
            "of timesheets of the invoice, and credit it there."
        )

    def _filter_time_credits(self):
        """Credit notes of an invoice that hold no time of their own.

        A credit note made by the order for hours corrected below zero holds those
        hours itself and frees no others.

        :rtype: account.move
        """
        return self.sudo().filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move.reversed_entry_id
                and not move.timesheet_ids
            )
        )

    def _get_credited_items(self):
        """Items that are credited, with a quantity, by these credit notes.

        :rtype: sale.order.line
        """
        lines = self.sudo().invoice_line_ids.filtered("quantity")
        return lines.sale_line_ids._filter_with_ticket_time()

    def _free_credited_time(self):
        """Free the hours of posted credit notes, as many as they credit.

        The stock method frees all time of a credited item, so that hours that were not
        credited could be billed a second time. Hours that a person chose to credit go
        first, then the newest.
        """
        for note in self._filter_time_credits():
            items = note._get_credited_items()
            if not items or note.state != "posted":
                continue
            invoice, chosen = note.reversed_entry_id, note.credited_timesheet_ids
            freed = invoice._settle_time(items, take=False, first=chosen)
            freed |= chosen.filtered(
                lambda line, invoice=invoice: line.timesheet_invoice_id != invoice
            )
            note.credited_timesheet_ids = [Command.set(freed.ids)]

    def _undo_credit(self):
        """Put the hours of undone credit notes back on the invoices they came from."""
        for note in self.sudo():
            note.reversed_entry_id._bill_freed_time(note, note._get_credited_items())

    def _bill_freed_time(self, document, items):
        """Bill on this invoice what a document set free, as far as it is open still.

        :param document: ``account.move`` that remembers the time lines
        :param items: ``sale.order.line`` whose time is settled afterwards
        """
        own = self.invoice_line_ids.sale_line_ids
        freed = document.credited_timesheet_ids.filtered(
            lambda line: line.so_line in own and line._is_not_billed()
        )
        document.credited_timesheet_ids = [Command.clear()]
        if self.state != "cancel":
            freed.write({"timesheet_invoice_id": self.id})
            self._settle_time(items)

    # === CREDIT NOTES FOR CHOSEN HOURS === #

    def _create_time_credit(self, timesheets, reason):
        """Create the draft credit note for some of the hours this invoice bills. Posted,
        it frees these hours, see :meth:`_free_credited_time`.

        :param timesheets: ``account.analytic.line`` on this invoice
        :param str reason: why, for the reference of the credit note
        :return: the draft credit note
        :rtype: account.move
        :raise UserError: if another credit note of this invoice is a draft still
        """
        self.ensure_one()
        self._check_no_draft_credit()
        reversal = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=self.ids
        )
        reversal = reversal.create(
            {"journal_id": self.journal_id.id, "reason": reason or False}
        )
        reversal.refund_moves()
        note = reversal.new_move_ids
        commands = []
        for group in self._get_time_groups(timesheets.so_line):
            chosen = group.timesheets & timesheets
            if chosen:
                commands += self._prepare_credit_lines(note, group, chosen)
        kept = {line_id for _code, line_id, _values in commands}
        commands += [
            Command.delete(line.id)
            for line in note.invoice_line_ids
            if line.id not in kept
        ]
        note.with_context(helpdesk_quantity_follows_time=Private(True)).write(
            {"invoice_line_ids": commands}
        )
        note.sudo().credited_timesheet_ids = [Command.set(timesheets.ids)]
        return note

    def _check_no_draft_credit(self):
        drafts = self.sudo().reversal_move_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "draft"
        )
        if drafts:
            raise UserError(
                self.env._(
                    "%(invoice)s has a credit note already that is still a draft. Post "
                    "or delete it first, then choose from the hours that are left.",
                    invoice=self.display_name,
                )
            )

    def _prepare_credit_lines(self, note, group, chosen):
        """Commands that let the lines of a full credit note credit chosen hours only.

        :param note: draft credit note of this invoice, with the same lines
        :param TimeGroup group: lines of this invoice, with the time they bill
        :param chosen: those of the time lines that are credited
        :rtype: list
        """
        item, left = group.item, self._get_net_quantity(group)
        if chosen != group.timesheets:
            left = min(left, item._get_quantity(sum(chosen.mapped("billable_hours"))))
        lines = note._get_lines_of_item(item)
        if group.others:
            lines = lines.filtered(lambda line: line.helpdesk_ticket_id == group.ticket)
        names = item._get_renamed_lines(note, group._replace(lines=lines), chosen)
        commands = []
        for line in lines:
            quantity = min(item._sum_quantity(line), left)
            if quantity <= 0:
                continue
            left -= quantity
            values = {
                "quantity": item.product_uom_id._compute_quantity(
                    quantity, line.product_uom_id
                ),
                "name": names.get(line, line.name),
            }
            commands.append(Command.update(line.id, values))
        return commands

    # === NO HOUR TWICE === #

    def _check_billing(self, state=None, move_type=None):
        """Check that a change of these documents bills no hour twice: it must not make
        an item more over-billed than it was, nor leave a credit note alone.

        :param str state: the state they are about to get, ``cancel`` if they go
        :param str move_type: the type they are about to get
        :raise UserError: naming the documents that stand in the way
        """
        documents = self.sudo()
        items = documents._get_guarded_items()
        if not items:
            return
        documents._check_credits_keep_invoice(items, state)
        credits = documents._filter_time_credits()
        taken = credits._get_credited_time_taken(items)
        held_back = items._get_quantity_held_back(without=documents)
        moving = documents
        if state:
            # Reset, what was cancelled bills again; cancelled, what credits an invoice.
            moving = credits if state == "cancel" else documents - credits
        for item in items:
            others = item.invoice_lines.move_id - documents
            others = others.filtered(lambda move: move.state != "cancel")
            if move_type and (move_type != "out_invoice" or not others):
                continue  # what a person wrote on the only invoice may stay
            invoiced, delivered = item.qty_invoiced, item.qty_delivered
            change = moving._sum_billing(item, state, move_type)
            change -= moving._sum_billing(item)
            left = delivered - invoiced - held_back.get(item.id, 0.0)
            excess = change - max(left, 0.0)
            if state == "draft":  # what an order credits is credited once, too
                excess = max(excess, -change - max(invoiced - delivered, 0.0))
            if taken or item.product_uom_id.compare(excess, 0.0) > 0:
                others = others - documents.reversed_entry_id or others
                places = [*others, *(taken.so_line - items)] or item.order_id
                hours = sum(taken.mapped("billable_hours"))
                excess = max(excess, item._get_quantity(hours))
                # as if they all counted
                quantity = abs(documents._sum_billing(item, "posted", move_type))
                documents._raise_billed_twice(item, quantity, excess, places)

    def _get_guarded_items(self):
        """Items on these documents that bill time of tickets, or did: what a cancelled or
        a credited document billed may have moved since.

        :rtype: sale.order.line
        """
        if "cancel" in self.mapped("state") or self.credited_timesheet_ids:
            items = self.invoice_line_ids.sale_line_ids
            return items.filtered(lambda item: item._is_helpdesk_delivered_timesheet())
        return self._get_ticket_time_items()

    def _sum_billing(self, item, state=None, move_type=None):
        """Quantity of an item that these documents bill, below zero for what they credit.

        :param str state: as if they had this state
        :param str move_type: as if they had this type
        :rtype: float
        """
        total = 0.0
        for move in self:
            if (state or move.state) != "cancel":
                sign = -1 if (move_type or move.move_type) == "out_refund" else 1
                total += sign * item._sum_quantity(move._get_lines_of_item(item))
        return total

    def _get_credited_time_taken(self, items):
        """Hours that these credit notes have set free and that are billed again, or went
        to another item.

        :rtype: account.analytic.line
        """
        posted = self.filtered(lambda note: note.state == "posted")
        return posted.credited_timesheet_ids.filtered(
            lambda line: not line._is_not_billed() or line.so_line not in items
        )

    def _check_credits_keep_invoice(self, items, state):
        """Check that no credit note is left alone when its invoice goes, nor a draft one
        when its invoice is reset: it would credit hours that nobody billed.

        :param items: ``sale.order.line`` that these documents bill
        :param str state: see :meth:`_check_billing`
        :raise UserError: naming the credit notes
        """
        states = ("draft",) if state == "draft" else ("draft", "posted")
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            notes = (move.reversal_move_ids - self)._filter_time_credits()
            notes = notes.filtered(
                lambda note: note.state in states and items & note._get_credited_items()
            )
            if not notes:
                continue
            drafts = notes.filtered(lambda note: note.state == "draft")
            names = ", ".join((drafts or notes).mapped("display_name"))
            if drafts:
                raise UserError(
                    self.env._(
                        "%(notes)s is to credit hours of %(invoice)s and is a draft "
                        "still. Post or delete it first, otherwise its hours could be "
                        "billed twice.",
                        notes=names,
                        invoice=move.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "%(notes)s credits hours of %(invoice)s. Cancel the credit note "
                    "first, otherwise it would credit hours that nobody billed.",
                    notes=names,
                    invoice=move.display_name,
                )
            )

    def _raise_billed_twice(self, item, quantity, excess, places):
        """Say what stands in the way of a change, see :meth:`_check_billing`.

        :param item: ``sale.order.line``
        :param float quantity: what these documents bill or credit of it
        :param float excess: how much of that is not left
        :param places: records that hold the hours now
        :raise UserError: always
        """
        moves = self.filtered(lambda move: move._get_lines_of_item(item)) or self
        raise UserError(
            self.env._(
                "%(documents)s is about %(quantity)s %(unit)s of %(item)s, but only "
                "%(left)s are left: the hours were billed again, moved or changed, see "
                "%(places)s. Cancel or credit that first, or leave the document as it "
                "is: the next invoice bills what is open.",
                documents=", ".join(moves.mapped("display_name")),
                quantity=format_hours(self.env, quantity),
                unit=item.product_uom_id.name,
                item=item.display_name,
                left=format_hours(self.env, max(quantity - excess, 0.0)),
                places=", ".join(place.display_name for place in places),
            )
        )

    # === CANCELLED DOCUMENTS === #

    def _take_time_again(self):
        """A cancelled document that is a draft again bills hours again, but not those
        that went to another item in the meantime."""
        for move in self.sudo():
            items = move.invoice_line_ids.sale_line_ids
            gone = move.timesheet_ids.filtered(
                lambda line, items=items: (
                    line.helpdesk_ticket_id and line.so_line not in items
                )
            )
            if gone:
                gone.write({"timesheet_invoice_id": False})
            if move.move_type == "out_invoice":
                move._settle_time(move._get_ticket_time_items())

    # === CHANGE OF TYPE === #

    def _check_hours_given_back(self, move_type):
        """Time below zero is on a credit note: as an invoice it would bill the hours that
        it gives back.

        :param str move_type: the type these documents are about to get
        :raise UserError: naming the document
        """
        if move_type != "out_invoice":
            return
        lines = self.sudo().timesheet_ids.filtered("helpdesk_ticket_id")
        groups = lines.grouped(lambda line: (line.timesheet_invoice_id, line.so_line))
        for (move, item), own in groups.items():
            if sum(own.mapped("billable_hours")) >= 0:
                continue
            raise UserError(
                self.env._(
                    "%(document)s gives hours of %(item)s back, an invoice would bill "
                    "them. Leave it a credit note, or delete it and correct the time.",
                    document=move.display_name,
                    item=item.display_name,
                )
            )

    def _free_time_of_switched(self):
        """A draft invoice that a person turns into a credit note bills no hours; it
        remembers those it sets free."""
        for move in self.sudo():
            timesheets = move.timesheet_ids.filtered("helpdesk_ticket_id")
            if timesheets:
                timesheets.write({"timesheet_invoice_id": False})
                move.credited_timesheet_ids = [Command.set(timesheets.ids)]

    def _bill_time_of_switched(self):
        """Turned back into an invoice, it bills them again. Stock counts the quantities
        of the former type until something else changes."""
        items = self.sudo().invoice_line_ids.sale_line_ids
        items.modified(["invoice_lines"])
        for move in self.sudo().filtered(lambda move: move.move_type == "out_invoice"):
            move._bill_freed_time(move, move._get_ticket_time_items())

    # === THE HOURS OF AN INVOICE === #

    def _link_timesheets_to_invoice(self, start_date=None, end_date=None):
        """Link the ticket time of a whole run at once.

        The stock method searches once for each invoice line, and carries the dates of
        one order over to the next. It still serves invoices without ticket time.
        """
        run = get_run(self.env)
        drafts = self.filtered(lambda move: move.state == "draft").sudo()
        with_tickets = drafts.filtered(
            lambda move: any(
                group.ticket_id
                for item in move.invoice_line_ids.sale_line_ids
                for group in run.hours.get(item.id, ())
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
            domain = items._domain_helpdesk_open() & get_period_domain(start, end)
            timesheets = self.env["account.analytic.line"].sudo().search(domain)
            limited = start or end or get_run(self.env).is_limited
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
                sum(lines.mapped("billable_hours")) - item._get_hours(billed)
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
        notes = self.sudo().reversal_move_ids._filter_time_credits()
        return notes.filtered(lambda note: note.state == "posted")

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

    def _get_ticket_time_items(self):
        """Items on these documents that are billed by time of tickets.

        :rtype: sale.order.line
        """
        items = self.sudo().invoice_line_ids.sale_line_ids
        return items._filter_with_ticket_time()
