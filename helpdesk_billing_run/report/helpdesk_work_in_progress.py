from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.helpdesk_ticket import (
    INVOICE_READERS,
)
from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.time_run import TimeRun

AGES = [
    ("0", "0-30 days"),
    ("1", "31-60 days"),
    ("2", "61-90 days"),
    ("3", "Over 90 days"),
]


class HelpdeskWorkInProgress(models.Model):
    """Time on tickets that the next run of all time bills, and time that waits.

    One record per time line, under its id. The amount of an item is what the run would
    bill; its lines share it by their hours, so that any sum over whole items is exact to
    the cent. Time that waits, or that is corrected below zero, has no amount.
    """

    _name = "helpdesk.work.in.progress"
    _description = "Work in Progress"
    _auto = False
    _order = "date, id"
    _rec_name = "ticket_id"
    _depends = {
        "account.analytic.line": [
            "billable_hours",
            "company_id",
            "date",
            "employee_id",
            "helpdesk_commercial_partner_id",
            "helpdesk_ticket_id",
            "order_id",
            "so_line",
            "timesheet_invoice_id",
        ],
        "helpdesk.ticket": ["team_id"],
        "sale.order": ["user_id"],
        "sale.order.line": ["currency_id", "qty_delivered", "qty_invoiced"],
    }

    date = fields.Date(readonly=True)
    employee_id = fields.Many2one("hr.employee", string="Person", readonly=True)
    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    team_id = fields.Many2one("helpdesk.team", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    order_id = fields.Many2one("sale.order", string="Sales Order", readonly=True)
    sale_line_id = fields.Many2one(
        "sale.order.line", string="Sales Order Item", readonly=True
    )
    order_user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection([("open", "To bill"), ("waiting", "Waits")], readonly=True)
    age = fields.Selection(AGES, readonly=True)
    age_days = fields.Integer(string="Age in Days", readonly=True, aggregator="max")
    hours = fields.Float(string="Hours to Bill", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", string="Currency of the Order", readonly=True
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        readonly=True,
        groups=INVOICE_READERS,
        help="Without taxes, in the currency of the order.",
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        groups=INVOICE_READERS,
        help="Without taxes, at the rate of today.",
    )

    @property
    def _table_query(self):
        Line = self.env["account.analytic.line"].sudo()
        of_tickets = Domain("helpdesk_ticket_id", "!=", False)
        of_tickets &= Domain("project_id", "!=", False)
        is_open = of_tickets & Line._domain_time("open")
        waits = of_tickets & Line._domain_time("waiting")
        selects = [self._get_select(is_open, "open")]
        if not waits.is_false():
            selects.append(self._get_select(waits, "waiting"))
        return SQL(
            """
            SELECT line.*,
                   %(total)s AS amount,
                   %(total_company)s AS amount_company
              FROM (%(lines)s) line
              LEFT JOIN (%(forecast)s) forecast
                ON forecast.item_id = line.sale_line_id AND line.kind = 'open'
            WINDOW item AS (PARTITION BY line.sale_line_id, line.kind),
                   so_far AS (PARTITION BY line.sale_line_id, line.kind
                                  ORDER BY line.date, line.id)
            """,
            total=self._get_share(SQL("forecast.amount"), SQL("line.digits")),
            total_company=self._get_share(
                SQL("forecast.amount_company"), SQL("line.own_digits")
            ),
            lines=SQL(" UNION ALL ").join(selects),
            forecast=self._get_forecast(is_open),
        )

    def _get_share(self, total, digits):
        """Share of a line in the amount of its item: what rounding leaves on one line is
        made up by the next.

        :param SQL total: amount of the item
        :param SQL digits: decimal places of its currency
        """
        return SQL(
            """
            COALESCE(
                ROUND(%(total)s * SUM(line.hours::numeric) OVER so_far
                      / NULLIF(SUM(line.hours::numeric) OVER item, 0), %(digits)s)
              - ROUND(%(total)s
                      * (SUM(line.hours::numeric) OVER so_far - line.hours::numeric)
                      / NULLIF(SUM(line.hours::numeric) OVER item, 0), %(digits)s), 0)
            """,
            total=total,
            digits=digits,
        )

    def _get_select(self, domain, kind):
        """Time of a domain, with its age."""
        Line = self.env["account.analytic.line"].sudo()
        columns = self._get_columns(kind)
        return SQL(
            """
            SELECT %(columns)s,
                   currency.decimal_places AS digits,
                   own_currency.decimal_places AS own_digits
              FROM account_analytic_line entry
              JOIN helpdesk_ticket ticket ON ticket.id = entry.helpdesk_ticket_id
              JOIN sale_order_line item ON item.id = entry.so_line
              JOIN sale_order sale ON sale.id = item.order_id
              JOIN res_currency currency ON currency.id = item.currency_id
              JOIN res_company company ON company.id = entry.company_id
              JOIN res_currency own_currency ON own_currency.id = company.currency_id
             WHERE entry.id IN %(ids)s
            """,
            columns=SQL(", ").join(
                SQL("%s AS %s", column, SQL.identifier(name))
                for name, column in columns.items()
            ),
            ids=Line._search(domain).subselect(),
        )

    def _get_columns(self, kind):
        """Column of each field but the amounts: of ``entry`` (the time), ``ticket``,
        ``item`` and ``sale`` (its order). Meant for override by addons with more to
        group by; they extend ``_depends`` alike.

        :param str kind: what becomes of the time, see the field
        :rtype: dict[str, SQL]
        """
        age = SQL("(%s::date - entry.date)", fields.Date.context_today(self))
        return {
            "id": SQL("entry.id"),
            "date": SQL("entry.date"),
            "employee_id": SQL("entry.employee_id"),
            "ticket_id": SQL("entry.helpdesk_ticket_id"),
            "team_id": SQL("ticket.team_id"),
            "partner_id": SQL("entry.helpdesk_commercial_partner_id"),
            "order_id": SQL("entry.order_id"),
            "sale_line_id": SQL("entry.so_line"),
            "order_user_id": SQL("sale.user_id"),
            "company_id": SQL("entry.company_id"),
            "currency_id": SQL("item.currency_id"),
            "hours": SQL("entry.billable_hours"),
            "kind": SQL("%s", kind),
            "age_days": age,
            "age": SQL(
                "CASE WHEN %(age)s <= 30 THEN '0' WHEN %(age)s <= 60 THEN '1'"
                " WHEN %(age)s <= 90 THEN '2' ELSE '3' END",
                age=age,
            ),
        }

    def _get_forecast(self, domain):
        """Amounts of the items as rows, read by the methods that make invoices."""
        Line = self.env["account.analytic.line"].sudo()
        groups = Line._read_group(domain, ["so_line"])
        items = self.env["sale.order.line"].sudo().browse(i.id for (i,) in groups)
        time = Domain("helpdesk_ticket_id", "!=", False)
        forecasts = items._read_forecast(TimeRun(time=time & domain)) if items else {}
        rows = [
            (item_id, forecast.amount, forecast.amount_company)
            for item_id, forecast in forecasts.items()
            if forecast.quantity > 0
        ]
        ids, amounts, amounts_company = (
            zip(*rows, strict=True) if rows else ((), (), ())
        )
        return SQL(
            """
            SELECT UNNEST(%s::int[]) AS item_id,
                   UNNEST(%s::numeric[]) AS amount,
                   UNNEST(%s::numeric[]) AS amount_company
            """,
            list(ids),
            list(amounts),
            list(amounts_company),
        )
