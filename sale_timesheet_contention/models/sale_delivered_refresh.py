import logging
import time

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, mute_logger

_logger = logging.getLogger(__name__)

#: Seconds for which an item is locked ahead after a collision on it.
REMEMBERED = 60
#: What this transaction knows of items, kept as long as its locks.
LOCKED, BUSY, COMPLETE = (
    f"sale_timesheet_contention.{name}" for name in ("locked", "busy", "complete")
)
#: When a collision was last seen, by database and item. Each process learns by itself.
_collisions = {}


class SaleDeliveredRefresh(models.Model):
    """Delivered quantities that wait for their turn.

    Everybody who records time on a sales order item updates the same row of that item.
    When two do so at once, PostgreSQL lets only one through; Odoo lets the other sleep
    for seconds and gives up after five tries, and then the hour is lost. So whoever
    finds the row busy saves the time line alone, notes the item here in the same
    transaction, and brings the delivered quantity up to date right after the commit,
    one after the other. The call returns when that is done, so whoever reads next reads
    exact figures. What a crash leaves here is brought up to date by a scheduled action.
    """

    _name = "sale.delivered.refresh"
    _description = "Delivered Quantity to Refresh"
    _log_access = False

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sales Order Item",
        required=True,
        index=True,
        ondelete="cascade",
    )

    # === NOTE AN ITEM === #

    @api.model
    def _lock_or_defer(self, items, pending):
        """Lock items for the quantities this transaction is about to write, or defer
        those that somebody else is writing.

        :param items: ``sale.order.line`` whose time changed
        :param dict pending: what was to be computed before the time changed, see
            :meth:`_get_pending`; that is not deferred
        """
        items = items.sudo().filtered("id")
        busy = items - self._lock(items) if items else items
        if not busy:
            return
        self._drop_pending(busy, pending)
        self.sudo().create([{"sale_line_id": item.id} for item in busy])
        self._get_known(COMPLETE).difference_update(busy.ids)
        postcommit, registry = self.env.cr.postcommit, self.env.registry
        if BUSY not in postcommit.data:
            ids = postcommit.data[BUSY] = set()
            postcommit.add(lambda: self._refresh_after_commit(registry, sorted(ids)))
        postcommit.data[BUSY].update(busy.ids)

    @api.model
    def _lock(self, items):
        """Lock the rows nobody else holds; none if one changed since we looked.

        What was locked, or busy, before in this transaction is not tried again.
        """
        locked, busy = self._get_known(LOCKED), self._get_known(BUSY)
        unknown = items.browse(set(items.ids) - locked - busy)
        if unknown:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                    free = unknown.try_lock_for_update(allow_referencing=True)
            except SerializationFailure:
                free = unknown.browse()
            locked.update(free.ids)
            busy.update((unknown - free).ids)
        return items.browse(locked & set(items.ids))

    @api.model
    def _get_known(self, key):
        """Ids of items, kept until the transaction or a savepoint in it ends: with it
        go the locks.

        :rtype: set[int]
        """
        return self.env.cr.precommit.data.setdefault(key, set())

    @api.model
    def _get_pending(self):
        """Computations on time lines, orders and their items that wait already.

        :return: ids by field
        :rtype: dict
        """
        models = ("account.analytic.line", "sale.order", "sale.order.line")
        return {
            field: set(self.env.records_to_compute(field).ids)
            for field in self.env.fields_to_compute()
            if field.model_name in models
        }

    @api.model
    def _drop_pending(self, items, pending):
        """Forget computations that started to wait since :meth:`_get_pending`.

        :param items: ``sale.order.line`` to forget them for, with their orders
        :param dict pending: what waited before, and still does
        """
        concerned = {"sale.order": items.order_id, "sale.order.line": items}
        for field in list(self.env.fields_to_compute()):
            records = concerned.get(field.model_name)
            if records:
                waited = pending.get(field, ())
                records = records.filtered(lambda r, ids=waited: r.id not in ids)
                self.env.remove_to_compute(field, records)

    # === WHO COLLIDED === #

    @api.model
    def _note_collision(self, items):
        """Remember that somebody else wrote these items at the same time.

        :param items: ``sale.order.line``
        """
        now, database = time.monotonic(), self.env.cr.dbname
        for key in [
            key for key, seen in _collisions.items() if now > seen + REMEMBERED
        ]:
            _collisions.pop(key, None)
        _collisions.update(((database, item_id), now) for item_id in items.ids)

    @api.model
    def _get_recent_collisions(self):
        """Ids of items that were written by two at once a short while ago.

        :rtype: list[int]
        """
        now, database = time.monotonic(), self.env.cr.dbname
        return [
            item_id
            for (name, item_id), seen in list(_collisions.items())
            if name == database and now <= seen + REMEMBERED
        ]

    # === BRING ITEMS UP TO DATE === #

    @staticmethod
    def _refresh_after_commit(registry, item_ids):
        """Refresh items in a transaction of their own.

        It reads committed data, so that waiting for its turn does not end in a
        serialization failure. Nobody waits for the disk: the note goes in the same
        transaction, so after a crash either both are there or none. What goes wrong
        here must not reach the user, whose time is saved; the scheduled action tries
        again.

        :return: whether it went well
        :rtype: bool
        """
        try:
            with registry.cursor() as cr:
                cr.execute(
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"
                    " SET LOCAL lock_timeout = '10s';"
                    " SET LOCAL synchronous_commit = off"
                )
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["sale.delivered.refresh"]._refresh(item_ids)
        except Exception:  # noqa: BLE001 pylint: disable=broad-except
            _logger.info(
                "Delivered quantities of %s wait for the cron.", item_ids, exc_info=True
            )
            return False
        return True

    @api.model
    def _refresh(self, item_ids):
        """Compute the delivered quantity of items noted here, and what follows from it.

        :param list item_ids: ids of ``sale.order.line``
        """
        # What does not change meanwhile is read before others have to wait.
        items = self.env["sale.order.line"].browse(item_ids).exists()
        items._read_for_delivered()
        # One statement that waits for its turn; the ORM only locks free rows.
        self.env.execute_query(
            SQL(
                "SELECT id FROM sale_order_line WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(item_ids),
            )
        )
        # what was read of these rows before may be old by now
        items.invalidate_recordset()
        items.order_id.invalidate_recordset()
        # none if somebody who came later did it for us
        self._recompute(self._take(item_ids))
        self.env.flush_all()

    @api.model
    def _take(self, item_ids):
        """Delete the notes on items, at one query; the ORM would take seven.

        :return: the items that had one
        :rtype: sale.order.line
        """
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM sale_delivered_refresh WHERE sale_line_id IN %s"
                " RETURNING sale_line_id",
                tuple(item_ids),
            )
        )
        return self.env["sale.order.line"].browse({item_id for (item_id,) in rows})

    @api.model
    def _recompute(self, items):
        """Let the delivered quantity of items be computed, and what follows from it.

        :param items: ``sale.order.line``
        """
        self.env.add_to_compute(items._fields["qty_delivered"], items)
        # other addons may compute from the same time, such as its cost
        items.modified(["analytic_line_ids", "qty_delivered"])

    @api.model
    def _complete(self, items):
        """Take over the refresh of items, see ``_complete_qty_delivered`` there."""
        complete = self._get_known(COMPLETE)
        item_ids = set(items.ids) - complete
        if item_ids:
            complete.update(item_ids)
            self._recompute(self._take(item_ids))

    @api.model
    def _cron_refresh(self):
        """Scheduled action: bring up to date what a crash left behind, each item in a
        transaction of its own: one that cannot be computed keeps nobody waiting."""
        items = self.search([], order="id", limit=1000).sale_line_id
        for item in items:
            if not self._refresh_after_commit(self.env.registry, item.ids):
                _logger.warning("Delivered of %s cannot be brought up to date.", item)
