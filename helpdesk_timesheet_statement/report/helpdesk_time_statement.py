from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_duration


class HelpdeskTimeStatement(models.Model):
    """What became of the hours of a sales order item.

    One record per item with time, under the id of the item. What the item says it
    delivered and what its invoices say they billed come from the order and the
    invoices; the rest is counted from the time lines. So the figures add up only if
    order, invoices and timesheets agree:

        delivered = billed + credited + open + covered by the order
                    + on a cancelled order

    All figures are hours; fields that end in ``_qty`` are in the unit of the item.
    """

    _name = "helpdesk.time.statement"
    _description = "Time Statement"
    _auto = False
    _order = "order_id desc, sale_line_id"
    _rec_name = "sale_line_id"
    _depends = {
        "sale.order": ["partner_id", "user_id"],
        "sale.order.line": [
            "company_id",
            "is_downpayment",
            "order_id",
            "qty_delivered_method",
            "state",
        ],
        "helpdesk.ticket": ["sale_line_id"],
    }

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line", string="Sales Order Item", readonly=True
    )
    order_id = fields.Many2one(
        comodel_name="sale.order", string="Sales Order", readonly=True
    )
    order_user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    uom_id = fields.Many2one(
        comodel_name="uom.uom", string="Unit", compute="_compute_figures"
    )
    delivered_hours = fields.Float(
        string="Delivered",
        compute="_compute_figures",
        help="Hours the order item counts as delivered.",
    )
    delivered_qty = fields.Float(
        string="Delivered Quantity",
        digits="Product Unit",
        compute="_compute_figures",
        help="Delivered quantity of the order item, in its unit.",
    )
    billed_hours = fields.Float(
        string="Billed",
        compute="_compute_figures",
        help="Hours on invoices that are not cancelled, drafts included, less what was "
        "credited.",
    )
    billed_qty = fields.Float(
        string="Billed Quantity",
        digits="Product Unit",
        compute="_compute_figures",
        help="Invoiced less credited quantity, in the unit of the order item.",
    )
    credited_hours = fields.Float(
        string="Credited",
        compute="_compute_figures",
        help="Hours that were billed and credited, and are not billed again.",
    )
    open_hours = fields.Float(
        string="Open",
        compute="_compute_figures",
        help="Hours that the next invoice will bill.",
    )
    covered_hours = fields.Float(
        string="Covered by Order",
        compute="_compute_figures",
        help="Hours on an item that is billed by what was ordered: a prepaid pack, a "
        "fixed price, milestones or a manual quantity.",
    )
    cancelled_hours = fields.Float(
        string="On Cancelled Order",
        compute="_compute_figures",
        help="Hours that nobody bills because the order was cancelled. Choose another "
        "item on their tickets to bill them.",
    )
    non_billable_hours = fields.Float(
        string="Not Billable",
        compute="_compute_figures",
        help="Hours on the tickets of this item that no item bills. They are not part "
        "of what was delivered.",
    )
    difference_hours = fields.Float(
        string="Difference",
        compute="_compute_figures",
        help="Delivered, less all other hours. Zero, or somebody should have a look.",
    )
    alarm = fields.Char(
        string="Check",
        compute="_compute_figures",
        search="_search_alarm",
        help="What does not add up, and where to look. Empty if all is well.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT item.id AS id,
                   item.id AS sale_line_id,
                   item.order_id AS order_id,
                   item.company_id AS company_id,
                   sale.user_id AS order_user_id,
                   sale.partner_id AS partner_id
              FROM sale_order_line item
              JOIN sale_order sale ON sale.id = item.order_id
             WHERE item.state IN ('sale', 'cancel')
               AND item.is_downpayment IS NOT TRUE
               AND (item.qty_delivered_method = 'timesheet'
                    OR EXISTS (SELECT 1
                                 FROM helpdesk_ticket ticket
                                WHERE ticket.sale_line_id = item.id))
            """
        )

    # === COMPUTE METHODS === #

    @api.depends("sale_line_id")
    def _compute_figures(self):
        """Fill in all figures, with seven queries whatever the number of items."""
        items = self.sudo().sale_line_id
        time = items._read_statement_time()
        invoiced = items._read_statement_invoices()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for statement in self:
            item = statement.sudo().sale_line_id
            figures = item._get_statement_figures(time[item.id], invoiced[item.id])
            figures["alarm"] = statement._get_alarm(
                figures, invoiced[item.id]["count"], digits
            )
            statement.update({"uom_id": item.product_uom_id, **figures})

    def _get_alarm(self, figures, invoice_lines, digits):
        """Say what does not add up.

        Each invoice line rounds its quantity once, and so does the item; what these
        roundings explain is no alarm.

        :param dict figures: the figures of this statement
        :param int invoice_lines: number of invoice lines of the item
        :param int digits: decimals of quantities
        :return: a translated sentence, or False if all is well
        :rtype: str | bool
        """
        item = self.sudo().sale_line_id
        rounding = item._get_hours(10**-digits)
        difference = figures["difference_hours"]
        if abs(difference) <= rounding * (invoice_lines + 1):
            return False
        hours = format_duration(abs(difference))
        if difference > 0:
            return self.env._(
                "%(hours)s hours are delivered, but neither billed nor open. Look for "
                "an invoice whose quantity was lowered by hand.",
                hours=hours,
            )
        return self.env._(
            "%(hours)s hours too many are billed. Look for an invoice whose quantity "
            "was raised by hand, or for time that was deleted after it was billed.",
            hours=hours,
        )

    @api.model
    def _search_alarm(self, operator, value):
        """Find the items whose figures do not add up."""
        if operator != "in":
            return NotImplemented
        # The figures are computed: every item has to be looked at.
        statements = self.search(Domain.TRUE)
        return Domain("id", "in", statements.filtered(lambda s: s.alarm in value).ids)

    # === ACTION METHODS === #

    def action_view_time(self):
        """Open the time behind all figures of these items.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        return self._get_time_action(self.env._("Delivered"), self._domain_time())

    def action_view_billed(self):
        """Open the time on invoices of these items.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        billed = self.env["account.analytic.line"]._domain_time("billed")
        return self._get_time_action(self.env._("Billed"), self._domain_time() & billed)

    def action_view_open(self):
        """Open the time of these items that no invoice has taken yet; for items billed
        by what was ordered that is the time the order covers.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        billed = self.env["account.analytic.line"]._domain_time("billed")
        return self._get_time_action(self.env._("Open"), self._domain_time() & ~billed)

    def action_view_non_billable(self):
        """Open the time of the items' tickets that no item bills.

        :return: a window action on ``account.analytic.line``
        :rtype: dict
        """
        domain = self.sale_line_id._domain_statement_non_billable()
        return self._get_time_action(self.env._("Not Billable"), domain)

    def action_view_invoices(self):
        """Open the invoices and credit notes of these items.

        :return: a window action on ``account.move``
        :rtype: dict
        """
        return self.sale_line_id.invoice_lines.move_id._get_helpdesk_action()

    # === BUSINESS METHODS === #

    def _domain_time(self):
        return Domain("so_line", "in", self.sale_line_id.ids) & Domain(
            "project_id", "!=", False
        )

    def _get_time_action(self, name, domain):
        """Window action on time lines.

        :param str name: title
        :param Domain domain: on ``account.analytic.line``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_statement.account_analytic_line_action_statement"
        )
        action["display_name"] = name
        action["domain"] = list(domain)
        action["context"] = {"create": False}
        return action
