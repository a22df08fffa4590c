import logging

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, mute_logger

_logger = logging.getLogger(__name__)


class HelpdeskDeliveredRefresh(models.Model):
    """Delivered quantities that wait for their turn.

    Everybody who records time on a sales order item updates the same row of that item.
    When two do so at once, PostgreSQL lets only one through; Odoo lets the other sleep
    for seconds and gives up after five tries, and then the hour is lost. So whoever
    finds the row busy saves the time line alone, notes the item here in the same
    transaction, and brings the delivered quantity up to date right after the commit,
    one after the other. The call returns when that is done, so whoever reads next reads
    exact figures. What a crash leaves here is brought up to date by a scheduled action.
    """

    _name = "helpdesk.delivered.refresh"
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
        item_ids, registry = busy.ids, self.env.registry
        self.env.cr.postcommit.add(
            lambda: self._refresh_after_commit(registry, item_ids)
        )

    @api.model
    def _lock(self, items):
        """Lock the rows nobody else holds; none if one changed since we looked."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                return items.try_lock_for_update(allow_referencing=True)
        except SerializationFailure:
            return items.browse()

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
    def _drop_pending(self, items, pending, timesheets=None):
        """Forget computations that started to wait since :meth:`_get_pending`.

        :param items: ``sale.order.line`` to forget them for, with their orders
        :param dict pending: what waited before, and still does
        :param timesheets: time lines to forget them for, too
        """
        concerned = {"sale.order": items.order_id, "sale.order.line": items}
        if timesheets is not None:
            concerned["account.analytic.line"] = timesheets
        for field in list(self.env.fields_to_compute()):
            records = concerned.get(field.model_name)
            if records:
                waited = pending.get(field, ())
                records = records.filtered(lambda r, ids=waited: r.id not in ids)
                self.env.remove_to_compute(field, records)

    # === BRING ITEMS UP TO DATE === #

    @staticmethod
    def _refresh_after_commit(registry, item_ids):
        """Refresh items in a transaction of their own.

        It reads committed data, so that waiting for its turn does not end in a
        serialization failure. What goes wrong here must not reach the user, whose time
        is saved; the scheduled action tries again.

        :return: whether it went well
        :rtype: bool
        """
        try:
            with registry.cursor() as cr:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                cr.execute("SET LOCAL lock_timeout = '10s'")
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["helpdesk.delivered.refresh"]._refresh(item_ids)
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
        # One statement that waits for its turn; the ORM only locks free rows.
        self.env.execute_query(
            SQL(
                "SELECT id FROM sale_order_line WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(item_ids),
            )
        )
        notes = self.search([("sale_line_id", "in", item_ids)])
        items = notes.sale_line_id
        if not items:
            return  # somebody who came later did it for us
        notes.unlink()
        self.env.add_to_compute(items._fields["qty_delivered"], items)
        # other addons may compute from the same time, such as its cost
        items.modified(["analytic_line_ids", "qty_delivered"])
        self.env.flush_all()

    @api.model
    def _cron_refresh(self):
        """Scheduled action: bring up to date what a crash left behind, each item in a
        transaction of its own: one that cannot be computed keeps nobody waiting."""
        items = self.search([], order="id", limit=1000).sale_line_id
        for item in items:
            if not self._refresh_after_commit(self.env.registry, item.ids):
                _logger.warning("Delivered of %s cannot be brought up to date.", item)
