from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.helpdesk_base.tools import add_columns, format_hours

from .sale_order_line import NOISE

#: Work is cut no finer, in hours.
ONE_MINUTE = 1 / 60


class Entry(NamedTuple):
    """Open work that is dealt as one: its first line, with the pieces it was cut into.

    ``out`` are those of its ``hours`` that the pack does not bill today.
    """

    root: models.BaseModel
    lines: models.BaseModel
    hours: float
    out: float
    is_new: bool
    is_whole: bool


class Piece(NamedTuple):
    """A share of an entry: which item bills it, whether it waits for another pack, and
    which pack has no hours for it."""

    item: models.BaseModel
    hours: float
    waits: bool
    origin: models.BaseModel


class AccountAnalyticLine(models.Model):
    """Work that crosses the end of a pack is cut in two lines that show the same work.

    The first one is what was recorded: its hours, when somebody changes them, are those
    of the whole work, and with it go its pieces as far as they are not billed.
    """

    _inherit = "account.analytic.line"
    # What is said of all pieces of the same work at once.
    _shared_fields = (
        "date",
        "employee_id",
        "helpdesk_ticket_id",
        "internal_note",
        "name",
        "project_id",
        "task_id",
        "user_id",
        "work_type_id",
    )
    # What decides how many hours are billed of some work.
    _fields_of_hours = frozenset({"start_datetime", "unit_amount", "work_type_id"})
    # What is of a line, whether it is a piece of some work or not.
    _fields_of_line_only = frozenset({"amount", "timesheet_invoice_id"})
    # What changes nothing about packs.
    _fields_beside_packs = frozenset(
        {"amount", "internal_note", "name", "so_line_user_id", "timesheet_invoice_id"}
    )

    split_from_id = fields.Many2one(
        comodel_name="account.analytic.line",
        string="Split from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Line of the same work, whose pack had no hours for this part of it.",
    )
    split_line_ids = fields.One2many(
        comodel_name="account.analytic.line",
        inverse_name="split_from_id",
        string="Other Parts",
        readonly=True,
    )
    is_piece = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="One of several lines that show the same work.",
    )
    piece_hours = fields.Float(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Hours to bill of this piece: its share of what the rules say of the whole.",
    )
    pack_origin_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Used Up Pack",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Pack that has no hours for this work.",
    )
    waits_for_pack = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="The pack is used up: its hours count once there is another one.",
    )

    def _auto_init(self):
        """No time of before is a piece: nothing is to be computed for it."""
        kinds = {"is_piece": "bool", "piece_hours": "float8", "waits_for_pack": "bool"}
        add_columns(self.env.cr, self._table, kinds)
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS account_analytic_line_waits_for_pack_idx"
            " ON account_analytic_line (so_line) WHERE waits_for_pack"
        )
        return super()._auto_init()

    # === COMPUTE METHODS === #

    def _compute_so_line(self):
        """What the ORM moves from pack to pack is dealt before the commit, if nobody
        does so earlier."""
        saved = self.filtered("id")
        former = saved._get_dealt_items()
        result = super()._compute_so_line()
        (former | saved._get_dealt_items())._deal_before_commit(saved)
        return result

    @api.depends("piece_hours")
    def _compute_billable_hours(self):
        return super()._compute_billable_hours()

    @api.depends("pack_origin_id", "waits_for_pack")
    def _compute_so_line_rule(self):
        return super()._compute_so_line_rule()

    @api.depends("pack_origin_id", "waits_for_pack")
    def _compute_so_line_reason(self):
        return super()._compute_so_line_reason()

    # === CONSTRAINT METHODS === #

    @api.constrains("date", "is_so_line_edited", "so_line")
    def _check_pack_is_valid(self):
        """No pack bills work of a day on which it is not valid, whoever chose it."""
        for line in self.sudo().filtered("is_so_line_edited"):
            pack = line.so_line
            if not line.helpdesk_ticket_id or pack._is_valid_on(line.date):
                continue
            if line._is_not_billed():
                raise ValidationError(
                    self.env._(
                        "%(pack)s bills no work of %(day)s: it is valid from %(first)s "
                        "until %(last)s. Choose another sales order item.",
                        pack=pack.display_name,
                        day=format_date(self.env, line.date),
                        first=format_date(self.env, pack.pack_valid_from) or "-",
                        last=format_date(self.env, pack.pack_valid_until) or "-",
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self._is_same_work():
            items = lines._get_dealt_items()
            if items:
                new = lines.sudo()
                gives = any(line.billable_hours < 0 for line in new)  # a correction
                items._deal_packs(changed=new, is_new=not gives)
                items._forget_deal(new)
        return lines

    def write(self, vals):
        """Pieces of the same work are changed together, as far as they are not billed;
        hours are those of the whole work where its first line is written."""
        vals = self._clean_input(vals)
        if self._fields_of_line_only.issuperset(vals):
            result = super().write(vals)
            if not vals.get("timesheet_invoice_id", True):
                self._return_to_packs()
            return result
        is_dealt = self._deals_on(vals)
        prepared = self._prepare_deal(vals) if is_dealt else ()
        result = super().write(vals)
        left = self._without_joined(vals)
        others = (left._with_shared(vals) - left)._without_joined(vals)
        if others:
            shared = {name: vals[name] for name in self._shared_fields if name in vals}
            said = {line: line._read_shared(shared) for line in others.sudo()}
            others._check_can_write(shared)
            # they are dealt below, not as each of them changes
            super(AccountAnalyticLine, others._as_same_work()).write(shared)
            for line, values in said.items():
                if line._read_shared(shared) != values:
                    line._forget_word_on_work()
        if is_dealt:
            (left | others)._finish_deal(vals, *prepared)
        return result

    def web_save(self, vals, specification, next_id=None):
        """Who changes a piece that is joined with its work by that sees the whole."""
        first = self.sudo()._get_first_line() if len(self) == 1 else self
        if first == self or next_id:
            return super().web_save(vals, specification, next_id)
        self.write(vals)
        shown = self._without_joined(vals) or self.browse(first.id)
        return super(AccountAnalyticLine, shown).web_save({}, specification)

    def unlink(self):
        """With the first line of some work go its pieces that are not billed."""
        if self._is_same_work():
            return super().unlink()
        pieces = self.sudo().split_line_ids.filtered(lambda x: x._is_not_billed())
        lines = self | self.browse(pieces.ids)
        former = lines._get_dealt_items()
        result = super(AccountAnalyticLine, lines).unlink()
        if former:
            former._deal_packs()
        return result

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """How work is dealt to packs follows from their hours."""
        return super()._get_ruled_fields() | {
            "is_piece",
            "pack_origin_id",
            "piece_hours",
            "split_from_id",
            "split_line_ids",
        }

    # === THE PIECES OF SOME WORK === #

    def _get_first_line(self):
        """The line that was recorded, of which this one may be a piece.

        :rtype: account.analytic.line
        """
        return self.split_from_id or self

    def _without_joined(self, vals):
        """A piece is gone once it is joined with others."""
        lines = super()._without_joined(vals)
        is_dealt = self._deals_on(vals) and self.env["sale.order.line"]._is_in_use()
        return lines.exists() if is_dealt else lines

    @api.model
    def _deals_on(self, vals):
        """Tell whether time is dealt to packs anew once this is written.

        :param dict vals: values of ``write``
        :rtype: bool
        """
        return not self._is_same_work() and bool(
            vals.keys() - self._fields_beside_packs
        )

    def _get_open_pieces(self):
        """The open lines that show the same work as these.

        :rtype: account.analytic.line
        """
        roots = self.mapped(lambda line: line._get_first_line())
        return (roots | roots.split_line_ids).filtered(lambda x: x._is_not_billed())

    def _with_shared(self, vals):
        """These lines, with all other open pieces of their work where something is
        written that is said of all of them.

        :param dict vals: values on their way to ``write``
        :rtype: account.analytic.line
        """
        if self._is_same_work() or not vals.keys() & set(self._shared_fields):
            return self
        own = self.sudo().filtered("is_piece")
        return self | self.browse(own._get_open_pieces().ids) if own else self

    def _prepare_deal(self, vals):
        """What is to be known of these lines before they are written.

        :param dict vals: values on their way to ``write``
        :return: packs they are on, pieces of work that changes, and hours of pieces that
            stay, see :meth:`_prepare_hours`
        :rtype: tuple
        """
        former = self._with_shared(vals)._get_dealt_items()
        changed = self._get_changed_work(vals)
        kept = self._prepare_hours(vals) if "unit_amount" in vals else {}
        return former, changed, kept

    def _finish_deal(self, vals, former, changed, kept):
        """Deal these lines that were written; see :meth:`_prepare_deal`."""
        if vals.keys() & self._fields_of_hours:
            changed.exists()._forget_word_on_work()
            self._join_pieces(kept)
        if "date" in vals:
            self._choose_for_day()
        self._deal(former)

    def _read_shared(self, names):
        """What a customer reads about this piece."""
        return [self[name] for name in names if name != "internal_note"]

    def _get_changed_work(self, vals):
        """Pieces of work that becomes another by new hours, or that is about to be
        joined though other things were said of its pieces.

        :param dict vals: values on their way to ``write``
        :rtype: account.analytic.line
        """
        own, changed = self.sudo().filtered("is_piece"), self.sudo().browse()
        if not vals.keys() & self._fields_of_hours:
            return changed
        for root in own.mapped(lambda line: line._get_first_line()):
            pieces = root._get_open_pieces()
            is_changed = len({line._get_word_on_work() for line in pieces}) > 1
            for line in own & (root | pieces) if "unit_amount" in vals else ():
                whole = line if line != root else root | root.split_line_ids
                hours = sum(whole.mapped("unit_amount"))
                is_changed |= abs((vals["unit_amount"] or 0.0) - hours) > NOISE
            if is_changed:
                changed |= pieces
        return changed

    def _prepare_hours(self, vals):
        """Hours that are written on the first line of some work are those of all of it:
        they take the place of its open pieces. Those that are billed, or that a person
        took hours off, stay as they are.

        :param dict vals: values on their way to ``write``
        :return: hours of pieces that stay, by first line
        :rtype: dict
        :raise UserError: if they are more than the work is to have
        """
        hours = {}
        for line in self.sudo().filtered(lambda x: x.is_piece and not x.split_from_id):
            parts = line.split_line_ids.filtered(lambda part: part not in self)
            kept = parts.filtered(
                lambda part: part.hours_written_off or not part._is_not_billed()
            )
            hours[line.id] = sum(kept.mapped("unit_amount"))
            if kept and hours[line.id] > (vals["unit_amount"] or 0.0) + NOISE:
                raise UserError(
                    self.env._(
                        "%(hours)s h of this work are billed already or written off. "
                        "Record at least as many, or take that back first.",
                        hours=format_hours(self.env, hours[line.id]),
                    )
                )
            (parts - kept)._as_same_work().unlink()
        return hours

    def _join_pieces(self, kept):
        """Let one line of each work have all its open hours, so that the rules say again
        how many of them are billed; they are dealt anew.

        :param dict kept: see :meth:`_prepare_hours`
        """
        pieces = self.sudo().filtered("is_piece")
        for root in pieces.mapped(lambda line: line._get_first_line()):
            lines = root._get_open_pieces().filtered(
                lambda line: (
                    line == line._get_first_line() or not line.hours_written_off
                )
            )
            first = root if root in lines else lines[:1]
            worked = sum(lines.mapped("unit_amount")) - kept.get(root.id, 0.0)
            (lines - first)._as_same_work().write(
                {"unit_amount": 0.0, "piece_hours": 0.0}
            )
            first._as_same_work().write({"unit_amount": worked, "piece_hours": 0.0})

    def _drop_pieces(self):
        """Forget about packs that these lines have nothing to do with any more, and join
        pieces that are billed alike."""
        lines = self.sudo()
        stale = lines.filtered(
            lambda line: line.pack_origin_id and not line._has_left_pack()
        )
        if stale:
            stale._as_same_work().write(
                {"pack_origin_id": False, "waits_for_pack": False}
            )
        pieces = lines.filtered(
            lambda line: line.is_piece or line.split_from_id or line.split_line_ids
        )
        for root in pieces.mapped(lambda line: line._get_first_line()):
            root._join_alike()

    def _has_left_pack(self):
        """Tell whether this open line still is where it went as its pack was used up.

        :rtype: bool
        """
        if self.so_line == self.pack_origin_id:
            return self.waits_for_pack
        is_cancelled = self.so_line.state == "cancel" and not self.is_so_line_edited
        return is_cancelled or self.so_line_rule == "pack_next"

    def _join_alike(self):
        """Join the open pieces of this work that one item bills."""
        lines = self._get_open_pieces()
        alike = lines.grouped(
            lambda x: (
                x.so_line,
                x.waits_for_pack,
                x.pack_origin_id,
                x._get_word_on_work(),
            )
        )
        for own in alike.values():
            is_whole = own == self | self.split_line_ids
            if any(own.mapped("hours_written_off")):
                continue
            if len(own) < 2 and not (is_whole and own.is_piece):
                continue
            first = self if self in own else own.sorted("id")[0]
            hours = own._get_hours_due() if any(own.mapped("piece_hours")) else {}
            values = {
                "unit_amount": sum(own.mapped("unit_amount")),
                "piece_hours": sum(hours.values()),
            }
            if is_whole:
                values.update(is_piece=False, piece_hours=0.0)
            (own - first)._as_same_work().unlink()
            first._as_same_work().write(values)

    def _get_hours_due(self):
        """A piece bears its share of what the rules say of the whole work."""
        pieces = self.filtered("piece_hours")
        hours = super(AccountAnalyticLine, self - pieces)._get_hours_due()
        hours.update({line: line.piece_hours for line in pieces})
        return hours

    # === WHICH PACK BILLS IT === #

    def _get_choice_key(self):
        """The day decides where packs or prices have one."""
        is_dated = self.env["sale.order.line"]._has_dated_items()
        return (
            *super()._get_choice_key(),
            self.pack_origin_id.id,
            is_dated and self.date,
        )

    @api.model
    def _decide_item(self, work):
        """The item that the rules choose may be a pack that is not valid on the day or
        that is used up, or may have had another price on that day."""
        item, rule = super()._decide_item(work)
        if not item:
            return item, rule
        item, rule = item._follow_pack(work, rule)
        return item._get_item_at_price_of(work.date), rule

    def _choose_for_day(self):
        """Choose again for time that was given another day, where items have one."""
        lines = self.sudo().filtered("helpdesk_ticket_id")
        if lines and lines.so_line._has_dated_items():
            lines._recompute_so_line()

    def _get_rule_reason(self, rule):
        if rule == "pack_none":
            return self.env._(
                "Not billable: no pack of the customer is valid on %(day)s",
                day=format_date(self.env, self.date),
            )
        if rule == "pack_order":
            return self.env._("The customer's pack that is valid on that day")
        if rule == "pack_next":
            return self.env._(
                "%(pack)s is used up",
                pack=self.pack_origin_id.sudo().display_name or "-",
            )
        return super()._get_rule_reason(rule)

    def _get_so_line_reason(self):
        """Time that waits for a pack says so."""
        reason = super()._get_so_line_reason()
        if not self.waits_for_pack:
            return reason
        return self.env._("Waits for another pack. %(reason)s", reason=reason)

    @api.model
    def _get_waiting_fields(self):
        """What waits for a pack is not delivered."""
        in_use = self.env["sale.order.line"]._is_in_use
        return {**super()._get_waiting_fields(), "waits_for_pack": in_use}

    # === DEALING === #

    def _get_dealt_items(self):
        """Packs that these lines are on, or that had no hours for them.

        :rtype: sale.order.line
        """
        if not self.env["sale.order.line"]._is_in_use():
            return self.env["sale.order.line"]
        lines = self.sudo().filtered("project_id")
        return (lines.so_line | lines.pack_origin_id)._filter_packs()

    def _return_to_packs(self):
        """Deal the packs that this time left before the commit: no invoice holds it any
        more."""
        if self.env["sale.order.line"]._is_in_use():
            self.sudo().pack_origin_id._deal_before_commit(self)

    def _deal(self, former):
        """Deal the packs that these lines are on now, or were before they changed.

        :param former: the packs of before, see :meth:`_get_dealt_items`
        """
        is_in_use = self.env["sale.order.line"]._is_in_use()
        lines = self.exists() if is_in_use else self  # some may be joined by now
        if any(line.pack_origin_id or line.is_piece for line in lines.sudo()):
            lines._drop_pieces()
            lines = lines.exists()
        items = former | lines._get_dealt_items()
        if items:
            items._deal_packs(changed=lines.sudo())

    @api.model
    def _search_left(self, packs):
        """Open time of the customers of some packs that left a used up one.

        :param packs: ``sale.order.line``
        :rtype: account.analytic.line
        """
        customers = packs.helpdesk_commercial_partner_id
        return self.sudo().search(
            Domain("helpdesk_commercial_partner_id", "in", customers.ids)
            & Domain("pack_origin_id", "!=", False)
            & ~self._domain_time("billed")
        )

    @api.model
    def _deal_new(self, pack, new, use):
        """Deal new work alone, if it is as much as the pack has no hours for: what is
        on the pack stays there.

        :param pack: ``sale.order.line``
        :param new: lines that were just recorded
        :param float use: hours on the pack
        """
        lines = new.filtered(
            lambda line: line.so_line == pack and line.helpdesk_ticket_id
        )
        entries = [self._get_entry(pack, line, line, True) for line in lines]
        room = pack._get_pack_capacity() - use + sum(entry.hours for entry in entries)
        if room < -NOISE:
            self._deal_pack(pack, new)
        else:
            self._place_all(pack, entries, room)

    @api.model
    def _deal_pack(self, pack, changed):
        """Deal the hours of a pack to the open work that is meant for it.

        :param pack: ``sale.order.line``
        :param changed: lines that are the first to leave it
        """
        entries = self._get_entries(pack, changed)
        inside = sum(entry.hours - entry.out for entry in entries)
        self._place_all(pack, entries, pack._get_pack_room(inside))

    @api.model
    def _place_all(self, pack, entries, room):
        """Let lines show which of their hours a pack has room for.

        :param list[Entry] entries: work that is meant for the pack
        :param float room: hours that the pack has for it
        """
        outs, rooms = self._share_room(entries, room), {}
        if any(outs[entry.root] > entry.out + NOISE for entry in entries):
            pack._note_deal()
        asks = pack.pack_at_end == "next" and any(out > NOISE for out in outs.values())
        packs = pack._search_packs_of_customers() if asks else None
        for entry in self._get_oldest_first(entries):
            out = outs[entry.root]
            is_apart = len(entry.lines) > 1 or entry.lines.pack_origin_id
            if out > NOISE or is_apart:
                pieces = self._share_entry(pack, entry, out, entries, rooms, packs)
                self._place(entry, pieces)

    @api.model
    def _get_oldest_first(self, entries):
        return sorted(entries, key=lambda entry: (entry.root.date, entry.root.id))

    @api.model
    def _get_entries(self, pack, changed):
        """Open work of tickets that is on a pack, or has left it. What a person gave to
        another item, or another pack had no hours for, is not among it.

        :rtype: list[Entry]
        """
        lines = self.sudo().search(
            (Domain("so_line", "=", pack.id) | Domain("pack_origin_id", "=", pack.id))
            & Domain("helpdesk_ticket_id", "!=", False)
            & ~self._domain_time("billed")
        )
        lines = lines.filtered(
            lambda line: (
                line.pack_origin_id in (pack, line.pack_origin_id.browse())
                and (line.so_line == pack or not line.is_so_line_edited)
            )
        )
        changed_roots = changed.exists().mapped(lambda line: line._get_first_line())
        entries = []
        for root, own in lines.grouped(lambda line: line._get_first_line()).items():
            # what a person took hours off stays as it is
            apart = own if any(own.mapped("hours_written_off")) else own.browse()
            said = own.grouped(lambda line: line._get_word_on_work())
            for group in apart or said.values():
                first = root if root in group else group.sorted("id")[0]
                is_new = root in changed_roots
                entries.append(self._get_entry(pack, first, group, is_new))
        return entries

    @api.model
    def _get_entry(self, pack, first, lines, is_new):
        """See :class:`Entry`."""
        out = lines.filtered(lambda line: line.so_line != pack or line.waits_for_pack)
        return Entry(
            root=first,
            lines=lines,
            hours=sum(lines.mapped("billable_hours")),
            out=sum(out.mapped("billable_hours")),
            is_new=is_new,
            is_whole=not lines._may_be_cut(),
        )

    @api.model
    def _share_entry(self, pack, entry, out, entries, rooms, packs):
        """Share the hours of an entry among its pack and what comes after that.

        :param float out: hours that leave the pack
        :param list entries: all that is meant for the pack
        :param dict rooms: hours that other items have left, filled in
        :param packs: all packs of the customer, None if they were not searched
        :rtype: list[Piece]
        """
        line, pieces = entry.root, []
        inside = entry.hours - out
        if out > NOISE and inside < ONE_MINUTE:
            inside, out = 0.0, entry.hours
        if inside > NOISE or out <= NOISE:
            pieces.append(Piece(pack, inside, False, pack.browse()))
        is_asked = out > NOISE and not line.is_so_line_edited
        for item in pack._get_next_items(line, packs=packs) if is_asked else ():
            if out <= NOISE:
                break
            if item not in rooms:
                lines = self.union(*(other.lines for other in entries))
                lines = lines.exists() if len(entries) > 1 else lines
                own = lines.filtered(lambda x, item=item: x.so_line == item)
                rooms[item] = item._get_pack_room(sum(own.mapped("billable_hours")))
            hours = min(out, rooms[item])
            if hours < ONE_MINUTE or (entry.is_whole and hours < out - NOISE):
                continue
            if not item._is_valid_on(line.date):
                item._start_earlier(line.date)
            pieces.append(Piece(item, hours, False, pack))
            rooms[item] -= hours
            out -= hours
        if out > NOISE:
            pieces.append(Piece(pack, out, True, pack))
        return pieces

    @api.model
    def _share_room(self, entries, room):
        """Decide how many hours of each entry leave a pack. What left it stays out as far
        as there is no room, what is new is the next to leave, then the newest.

        :param list[Entry] entries: all that is meant for the pack
        :param float room: hours that the pack has for them
        :return: hours that are out, by first line
        :rtype: dict
        """
        outs = {entry.root: entry.out for entry in entries}
        rest = room - sum(entry.hours - entry.out for entry in entries)
        oldest = self._get_oldest_first(entries)
        newest = sorted(reversed(oldest), key=lambda entry: not entry.is_new)
        for entry in newest:
            if rest >= -NOISE:
                break
            inside = entry.hours - outs[entry.root]
            if inside <= NOISE:
                continue
            leaves = inside if entry.is_whole else min(inside, -rest)
            outs[entry.root] += leaves
            rest += leaves
        for entry in oldest:  # also what fits where a whole entry left more room
            back = min(outs[entry.root], rest)
            if entry.is_whole and back < outs[entry.root] - NOISE:
                continue
            if back > NOISE:
                outs[entry.root] -= back
                rest -= back
        return outs

    # === CUTTING === #

    @api.model
    def _place(self, entry, pieces):
        """Let the lines of an entry show its pieces: reuse what is there, record what is
        missing, delete what is left over.

        :param Entry entry: open work
        :param list[Piece] pieces: its shares, that on the pack first
        """
        worked = sum(entry.lines.mapped("unit_amount"))
        root = entry.root._get_first_line()
        is_piece = bool((root | root.split_line_ids) - entry.lines)
        spare = (entry.lines - entry.root).sorted("id")
        left, vals_list = worked, []
        for index, piece in enumerate(pieces):
            is_last = index == len(pieces) - 1
            share = worked * piece.hours / entry.hours if entry.hours else worked
            share = left if is_last else round(share, 10)
            left -= share
            is_cut = len(pieces) > 1 or is_piece
            values = self._prepare_piece_values(piece, share, is_cut)
            if any(entry.lines.mapped("hours_written_off")):  # its share is as it was
                del values["piece_hours"]
            line = entry.root if not index else spare[:1]
            spare -= line
            if line:
                line._set_piece(values)
            else:
                vals_list.append(
                    {
                        **entry.root._prepare_same_work(share),
                        **values,
                        "split_from_id": root.id,
                        "is_so_line_edited": entry.root.is_so_line_edited,
                    }
                )
        if spare:
            spare._as_same_work().unlink()
        if vals_list:
            self._as_same_work().create(vals_list)

    @api.model
    def _prepare_piece_values(self, piece, share, is_cut):
        """Values of the line that shows a piece.

        :param Piece piece: the piece
        :param float share: its worked hours
        :param bool is_cut: whether the work has others
        :rtype: dict
        """
        return {
            "so_line": piece.item.id,
            "unit_amount": share,
            "is_piece": is_cut,
            "piece_hours": piece.hours if is_cut else 0.0,
            "waits_for_pack": piece.waits,
            "pack_origin_id": piece.origin.id,
        }

    def _set_piece(self, values):
        """Write what has changed of this line."""
        changed = {
            name: value
            for name, value in values.items()
            if (self[name].id if self._fields[name].relational else self[name]) != value
        }
        if changed:
            self._as_same_work().write(changed)
