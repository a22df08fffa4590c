from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.helpdesk_ticket import (
    INVOICE_READERS,
)

from ..models.res_company import LEAK_DAYS

# Each kind has ids of its own.
KINDS = [
    ("no_time", "Answered without time"),
    ("no_item", "Time without order item"),
    ("no_order", "Customer without order"),
    ("order", "Order not confirmed"),
    ("pack", "Pack used up"),
    ("waiting", "Waits too long"),
    ("draft", "Old draft invoice"),
    ("stuck", "Hours that no invoice takes"),
    ("late", "Late time"),
    ("credited", "Credited, not billed again"),
]


class HelpdeskLeak(models.Model):
    """Where work on tickets does not become an invoice, and the place to mend it.

    A record is gone once its cause is; nothing is stored.
    """

    _name = "helpdesk.leak"
    _description = "Leak"
    _auto = False
    _order = "age_days desc, id"
    _rec_name = "kind"
    _depends = {
        "account.analytic.line": [
            "billable_hours",
            "date",
            "helpdesk_commercial_partner_id",
            "helpdesk_ticket_id",
            "is_so_line_edited",
            "order_id",
            "so_line",
            "timesheet_invoice_id",
            "unit_amount",
        ],
        "account.move": ["credited_timesheet_ids", "name", "partner_id", "state"],
        "helpdesk.stage": ["fold"],
        "helpdesk.team": ["use_helpdesk_sale_timesheet", "use_helpdesk_timesheet"],
        "helpdesk.ticket": [
            "active",
            "close_without_time_reason",
            "commercial_partner_id",
            "company_id",
            "no_time_date",
            "stage_id",
            "team_id",
            "user_id",
        ],
        "res.company": list(LEAK_DAYS),
        "sale.order": ["helpdesk_commercial_partner_id", "state", "user_id"],
        "sale.order.line": ["qty_to_invoice", "remaining_hours", "used_by_tickets"],
    }

    kind = fields.Selection(KINDS, readonly=True)
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    team_id = fields.Many2one("helpdesk.team", readonly=True)
    user_id = fields.Many2one("res.users", string="Assigned to", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    order_id = fields.Many2one("sale.order", string="Sales Order", readonly=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", string="Sales Order Item", readonly=True
    )
    order_user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", readonly=True, groups=INVOICE_READERS
    )
    hours = fields.Float(
        readonly=True, help="Hours that are not billed for this reason."
    )
    date = fields.Date(readonly=True, help="Day of the oldest work.")
    age_days = fields.Integer(string="Age in Days", readonly=True, aggregator="max")

    # === ACTION METHODS === #

    def action_open(self):
        """Open the place where this is mended: the ticket, the order or the invoice.

        :return: a window action
        :rtype: dict
        :raise AccessError: if the user may read none of them
        """
        self.ensure_one()
        record = self._get_place()
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
            "context": {},
        }

    def action_no_time_needed(self):
        """Ask why these tickets need no time, and close their leaks.

        :return: a window action on ``helpdesk.leak.no.time``
        :rtype: dict
        :raise UserError: if a chosen leak is another one
        """
        self.check_access("read")
        if not self or set(self.mapped("kind")) != {"no_time"}:
            raise UserError(
                self.env._("Choose tickets that were answered without time only.")
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_billing_run.helpdesk_leak_no_time_action"
        )
        action["context"] = {"default_ticket_ids": self.ticket_id.ids}
        return action

    def _get_place(self):
        """The record that is to be changed, as far as the user may read it.

        :rtype: odoo.models.Model
        """
        leak, own = self.sudo(), {"move_id": "draft", "order_id": ("pack", "stuck")}
        for name, kinds in own.items():
            record = leak[name].with_env(self.env)
            if record and leak.kind in kinds and record.has_access("read"):
                return record
        tickets = leak.ticket_id.with_env(self.env)
        return tickets or leak.sale_line_id.helpdesk_ticket_ids[:1].with_env(self.env)

    # === QUERY === #

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        names = [name for name, _label in KINDS]
        selects = [
            SQL(
                """
                SELECT leak.ref * %(count)s + %(number)s AS id,
                       %(kind)s AS kind,
                       leak.ticket_id,
                       ticket.team_id,
                       ticket.user_id,
                       leak.partner_id,
                       leak.company_id,
                       item.order_id,
                       leak.sale_line_id,
                       sale.user_id AS order_user_id,
                       leak.move_id,
                       leak.hours,
                       leak.date,
                       (%(today)s::date - leak.date) AS age_days
                  FROM (%(select)s) leak
                  LEFT JOIN helpdesk_ticket ticket ON ticket.id = leak.ticket_id
                  LEFT JOIN sale_order_line item ON item.id = leak.sale_line_id
                  LEFT JOIN sale_order sale ON sale.id = item.order_id
                """,
                count=len(KINDS),
                number=names.index(kind),
                kind=kind,
                today=today,
                select=select,
            )
            for kind, select in self._get_selects(today).items()
        ]
        return SQL(" UNION ALL ").join(selects)

    def _get_selects(self, today):
        """A query for each kind, all with the same columns. Meant for override by addons
        that know of other leaks; see ``KINDS``.

        :param date today: the day of the reader
        :rtype: dict[str, SQL]
        """
        Line = self.env["account.analytic.line"].sudo()
        of_tickets = Domain("helpdesk_ticket_id", "!=", False)
        lost = of_tickets & Line._domain_time("non_billable")
        lost &= Domain("unit_amount", "!=", 0)
        open_time = of_tickets & Line._domain_time("open")
        waiting = of_tickets & Line._domain_time("waiting")
        result = {
            "no_time": self._select_no_time(today),
            "order": self._select_time(lost & Domain("so_line", "!=", False)),
            "pack": self._select_packs(),
            "draft": self._select_drafts(today),
            "stuck": self._select_stuck(open_time),
            "late": self._select_time(open_time, self._get_late()),
            "credited": self._select_time(open_time, self._get_credited(today)),
        }
        without = lost & Domain("so_line", "=", False)
        without &= Domain("is_so_line_edited", "=", False)
        without &= Domain(
            "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet", "=", True
        )
        buyers = self._get_buyers()
        buys = SQL("entry.helpdesk_commercial_partner_id IN %s", buyers)
        buys_nothing = SQL(
            "(entry.helpdesk_commercial_partner_id IN %s) IS NOT TRUE", buyers
        )
        result["no_item"] = self._select_time(without, buys)
        result["no_order"] = self._select_time(without, buys_nothing)
        if not waiting.is_false():
            too_long = self._get_too_old(
                SQL("entry.date"), "helpdesk_leak_waiting_days", today
            )
            result["waiting"] = self._select_time(waiting, too_long)
        return result

    def _get_too_old(self, day, name, today):
        """Whether a day is past, by the setting of ``company``.

        :param SQL day: the column
        :param str name: the setting, see ``LEAK_DAYS``
        :rtype: SQL
        """
        return SQL(
            "%(day)s < %(today)s::date - COALESCE(%(days)s, %(default)s)",
            day=day,
            today=today,
            days=SQL.identifier("company", name),
            default=LEAK_DAYS[name],
        )

    def _get_late(self):
        """Time of days up to which its order was billed already."""
        Line = self.env["account.analytic.line"].sudo()
        billed = Domain("helpdesk_ticket_id", "!=", False) & Line._domain_time("billed")
        return SQL(
            """
            EXISTS (SELECT 1
                      FROM (SELECT other.order_id,
                                   MAX(other.date) AS day
                              FROM account_analytic_line other
                             WHERE other.id IN %s
                             GROUP BY other.order_id) last
                     WHERE last.order_id = entry.order_id
                       AND last.day >= entry.date)
            """,
            Line._search(billed).subselect(),
        )

    def _get_credited(self, today):
        """Time that a posted credit note set free, too long ago."""
        return SQL(
            """
            EXISTS (SELECT 1
                      FROM account_move_credited_timesheet_rel credited
                      JOIN account_move note ON note.id = credited.move_id
                     WHERE credited.timesheet_id = entry.id
                       AND note.state = 'posted'
                       AND %s)
            """,
            self._get_too_old(SQL("note.date"), "helpdesk_leak_credited_days", today),
        )

    def _get_buyers(self):
        """Companies that have an item which can bill their tickets."""
        Item = self.env["sale.order.line"].sudo()
        return SQL(
            """
            (SELECT item.helpdesk_commercial_partner_id
               FROM sale_order_line item
              WHERE item.id IN %s
                AND item.helpdesk_commercial_partner_id IS NOT NULL)
            """,
            Item._search(Item._domain_helpdesk_sale_line()).subselect(),
        )

    def _select_time(self, domain, condition=None):
        """Time of a domain, by ticket and item.

        :param Domain domain: on the time
        :param SQL condition: on ``entry`` and its ``company``, beside the domain
        """
        Line = self.env["account.analytic.line"].sudo()
        return SQL(
            """
            SELECT MIN(entry.id) AS ref,
                   entry.helpdesk_ticket_id AS ticket_id,
                   MIN(entry.helpdesk_commercial_partner_id) AS partner_id,
                   MIN(entry.company_id) AS company_id,
                   entry.so_line AS sale_line_id,
                   NULL::int AS move_id,
                   SUM(CASE WHEN entry.so_line IS NULL THEN entry.unit_amount
                            ELSE entry.billable_hours END) AS hours,
                   MIN(entry.date) AS date
              FROM account_analytic_line entry
              JOIN res_company company ON company.id = entry.company_id
             WHERE entry.id IN %(ids)s
               AND %(condition)s
             GROUP BY entry.helpdesk_ticket_id, entry.so_line
            """,
            ids=Line._search(domain).subselect(),
            condition=condition or SQL("TRUE"),
        )

    def _select_no_time(self, today):
        """Tickets that colleagues answered, that are closed or that nobody touched for
        days, and on which nobody has recorded time or said why there is none."""
        return SQL(
            """
            SELECT ticket.id AS ref,
                   ticket.id AS ticket_id,
                   ticket.commercial_partner_id AS partner_id,
                   ticket.company_id,
                   NULL::int AS sale_line_id,
                   NULL::int AS move_id,
                   0.0 AS hours,
                   answer.date::date AS date
              FROM helpdesk_ticket ticket
              JOIN helpdesk_team team ON team.id = ticket.team_id
              JOIN helpdesk_stage stage ON stage.id = ticket.stage_id
              LEFT JOIN res_company company ON company.id = ticket.company_id
              JOIN (SELECT message.res_id,
                           MAX(message.date) AS date
                      FROM mail_message message
                      JOIN res_users author ON author.partner_id = message.author_id
                     WHERE message.model = 'helpdesk.ticket'
                       AND message.message_type = 'comment'
                       AND author.share IS NOT TRUE
                     GROUP BY message.res_id) answer ON answer.res_id = ticket.id
             WHERE ticket.active
               AND team.use_helpdesk_timesheet
               AND (stage.fold OR %(is_idle)s)
               AND (ticket.no_time_date IS NULL OR answer.date > ticket.no_time_date)
               AND NOT EXISTS (SELECT 1
                                 FROM account_analytic_line entry
                                WHERE entry.helpdesk_ticket_id = ticket.id)
            """,
            is_idle=self._get_too_old(
                SQL("answer.date::date"), "helpdesk_leak_idle_days", today
            ),
        )

    def _select_packs(self):
        """Prepaid items of tickets of which more was used than was ordered."""
        return SQL(
            """
            SELECT item.id AS ref,
                   NULL::int AS ticket_id,
                   item.helpdesk_commercial_partner_id AS partner_id,
                   item.company_id,
                   item.id AS sale_line_id,
                   NULL::int AS move_id,
                   -item.remaining_hours AS hours,
                   (SELECT MAX(entry.date)
                      FROM account_analytic_line entry
                     WHERE entry.so_line = item.id) AS date
              FROM sale_order_line item
             WHERE item.used_by_tickets
               AND item.state = 'sale'
               AND item.remaining_hours < -0.005
            """
        )

    def _select_drafts(self, today):
        """Time on invoices that have been drafts for too long."""
        return SQL(
            """
            SELECT move.id AS ref,
                   MIN(entry.helpdesk_ticket_id) AS ticket_id,
                   move.commercial_partner_id AS partner_id,
                   move.company_id,
                   MIN(entry.so_line) AS sale_line_id,
                   move.id AS move_id,
                   SUM(entry.billable_hours) AS hours,
                   move.create_date::date AS date
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
              JOIN account_analytic_line entry ON entry.timesheet_invoice_id = move.id
             WHERE move.state = 'draft'
               AND %(is_old)s
               AND entry.helpdesk_ticket_id IS NOT NULL
             GROUP BY move.id
            """,
            is_old=self._get_too_old(
                SQL("move.create_date::date"), "helpdesk_leak_draft_days", today
            ),
        )

    def _select_stuck(self, domain):
        """Items with open hours of which, by their figures, nothing is left to invoice:
        an invoice bills more than its hours, by hand."""
        Line = self.env["account.analytic.line"].sudo()
        return SQL(
            """
            SELECT item.id AS ref,
                   MIN(entry.helpdesk_ticket_id) AS ticket_id,
                   item.helpdesk_commercial_partner_id AS partner_id,
                   item.company_id,
                   item.id AS sale_line_id,
                   NULL::int AS move_id,
                   SUM(entry.billable_hours) AS hours,
                   MIN(entry.date) AS date
              FROM account_analytic_line entry
              JOIN sale_order_line item ON item.id = entry.so_line
             WHERE entry.id IN %(ids)s
               AND item.qty_to_invoice < 0.005
             GROUP BY item.id
            HAVING SUM(entry.billable_hours) > 0.005
            """,
            ids=Line._search(domain).subselect(),
        )
