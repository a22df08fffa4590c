import gc
import logging
from collections import defaultdict

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.date_utils import end_of

from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.helpdesk_ticket import (
    INVOICE_READERS,
)
from odoo.addons.helpdesk_timesheet_reinvoice.models.invoicing.time_run import (
    TimeRun,
    get_period_domain,
)

_logger = logging.getLogger(__name__)

# How often a customer is tried whom somebody else is just working on.
MAX_TRIES = 3
# After how many customers what they left behind is collected.
COLLECT_EVERY = 25
# What is a large change: this share of the larger figure, and no less than these hours.
LARGE_CHANGE = 0.5
LARGE_CHANGE_HOURS = 2.0


class HelpdeskBillingRun(models.Model):
    """One evening's invoices: rehearsed, looked at, run in the background.

    The rehearsal makes nothing but its own lines. What is run are the customers, orders
    and items that it listed, with the time that is open then; where that is not what was
    rehearsed, the lines say so.
    """

    _name = "helpdesk.billing.run"
    _description = "Billing Run"
    _inherit = ["helpdesk.input.mixin"]
    _order = "id desc"
    # What the rehearsal follows from.
    _scope_fields = frozenset(
        {"company_id", "date_from", "date_to", "grouping", "partner_ids", "team_ids"}
    )
    _groups_to_run = ("sales_team.group_sale_salesman", "account.group_account_invoice")

    def _default_date_to(self):
        """The last day of the month before."""
        today = fields.Date.context_today(self)
        return fields.Date.subtract(today.replace(day=1), days=1)

    name = fields.Char(compute="_compute_name", store=True, readonly=False)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From", help="First day to bill. Empty: all that is open until the end."
    )
    date_to = fields.Date(
        string="Until",
        default=lambda self: self._default_date_to(),
        help="Last day to bill, inclusive. Empty: all that is open.",
    )
    team_ids = fields.Many2many(
        comodel_name="helpdesk.team",
        string="Teams",
        groups="helpdesk_base.group_helpdesk_user,sales_team.group_sale_salesman",
        help="Time on tickets of these teams only. Empty: of all teams.",
    )
    team_names = fields.Char(
        string="Only Teams",
        compute="_compute_team_names",
        compute_sudo=True,
        help="The teams, for who may not open them.",
    )
    partner_ids = fields.Many2many(
        comodel_name="res.partner",
        string="Customers",
        help="Time of these companies only. Empty: of all customers.",
    )
    grouping = fields.Selection(
        [("customer", "One for each customer"), ("order", "One for each order")],
        string="Invoices",
        default="customer",
        required=True,
        help="Orders of a customer go onto one invoice where they have the same addresses "
        "and currency.",
    )
    post_invoices = fields.Boolean(
        string="Post",
        help="Post the invoices. They are left as drafts otherwise.",
    )
    send_invoices = fields.Boolean(
        string="Send",
        help="Send the posted invoices in the background, as their customers get them.",
    )
    attach_work_report = fields.Boolean(
        string="With Work Report",
        default=True,
        help="Attach the list of time to the mails, in the customer's language; to "
        "invoices of time only.",
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("rehearsed", "Rehearsed"),
            ("running", "Running"),
            ("done", "Done"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Run by",
        readonly=True,
        copy=False,
        help="Who started it: the invoices are made with this person's rights.",
    )
    rehearsed_date = fields.Datetime(string="Rehearsed On", readonly=True, copy=False)
    line_ids = fields.One2many("helpdesk.billing.run.line", "run_id", copy=False)
    bill_line_ids = fields.One2many(
        comodel_name="helpdesk.billing.run.line",
        inverse_name="run_id",
        string="Lines to Bill",
        domain=[("kind", "=", "bill")],
        copy=False,
    )
    left_line_ids = fields.One2many(
        comodel_name="helpdesk.billing.run.line",
        inverse_name="run_id",
        string="Left Out",
        domain=[("kind", "!=", "bill")],
        copy=False,
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    customer_count = fields.Integer(
        string="Customers to Bill", compute="_compute_figures"
    )
    done_count = fields.Integer(string="Customers Done", compute="_compute_figures")
    error_count = fields.Integer(string="Errors", compute="_compute_figures")
    difference_count = fields.Integer(
        string="Lines That Differ", compute="_compute_figures"
    )
    unsent_count = fields.Integer(
        string="Customers Not Sent",
        compute="_compute_unsent_count",
        help="Customers to bill that have no e-mail address or want no mail.",
    )
    progress = fields.Float(
        compute="_compute_figures", help="Percentage of the customers that are done."
    )
    hours_to_bill = fields.Float(compute="_compute_figures")
    hours_left_out = fields.Float(compute="_compute_figures")
    hours_billed = fields.Float(compute="_compute_figures")
    hours_added = fields.Float(
        string="Added by Rules",
        compute="_compute_figures",
        help="Hours that are billed beyond those that were worked: what rounding, "
        "minimums and factors add, less what was written off.",
    )
    hours_late = fields.Float(
        string="Late Hours",
        compute="_compute_figures",
        help="Hours to bill of days up to which their order was billed already.",
    )
    hours_before = fields.Float(
        compute="_compute_figures",
        help="Hours of the period before, of the same length, that were billed.",
    )
    changed_count = fields.Integer(
        string="Lines That Changed Much", compute="_compute_figures"
    )
    amount_to_bill = fields.Monetary(
        string="To Bill without Taxes",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    amount_total_to_bill = fields.Monetary(
        string="To Bill with Taxes",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    amount_added = fields.Monetary(
        string="Added by Rules, Amount",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    amount_late = fields.Monetary(
        string="For Late Hours",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    amount_before = fields.Monetary(
        string="Before, without Taxes",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    amount_billed = fields.Monetary(
        string="Billed without Taxes",
        compute="_compute_amounts",
        currency_field="company_currency_id",
        groups=INVOICE_READERS,
    )
    move_count = fields.Integer(
        string="Invoices Made", compute="_compute_amounts", groups=INVOICE_READERS
    )

    # === COMPUTE METHODS === #

    @api.depends("date_from", "date_to")
    def _compute_name(self):
        for run in self:
            if run.name:
                continue
            day = format_date(self.env, run.date_to or fields.Date.context_today(run))
            run.name = self.env._("Until %(day)s", day=day)

    @api.depends("team_ids.name")
    def _compute_team_names(self):
        for run in self:
            run.team_names = ", ".join(run.team_ids.mapped("name"))

    @api.depends("line_ids.decision", "line_ids.is_done", "line_ids.error", "state")
    def _compute_figures(self):
        """Count the lines that the user may see, in one query."""
        figures = defaultdict(lambda: defaultdict(float))
        customers = defaultdict(lambda: defaultdict(bool))
        names = ("hours", "hours_billed", "hours_added", "hours_late", "hours_before")
        for run, partner, kind, decision, *rest in self.env[
            "helpdesk.billing.run.line"
        ]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "partner_id", "kind", "decision", "is_done"]
            + ["has_error", "differs", "is_changed"],
            ["__count", *(f"{name}:sum" for name in names)],
        ):
            is_done, is_wrong, differs, is_changed, count, *sums = rest
            own, hours = figures[run.id], dict(zip(names, sums, strict=True))
            taken = kind == "bill" and decision == "bill"
            own["hours_to_bill" if taken else "hours_left_out"] += hours["hours"]
            own["hours_before"] += hours["hours_before"]
            own["hours_billed"] += hours["hours_billed"]
            own["difference_count"] += count if differs else 0
            own["changed_count"] += count if is_changed else 0
            own["error_count"] += int(is_wrong)
            if taken:
                own["hours_added"] += hours["hours_added"]
                own["hours_late"] += hours["hours_late"]
                customers[run.id][partner] |= not is_done
        for run in self:
            own, waits = figures[run.id], customers[run.id].values()
            run.customer_count = len(waits)
            run.done_count = len(waits) - sum(waits)
            run.progress = 100.0 * run.done_count / len(waits) if waits else 0.0
            run.error_count = own["error_count"]
            run.difference_count = own["difference_count"]
            run.changed_count = own["changed_count"]
            run.hours_to_bill = own["hours_to_bill"]
            run.hours_left_out = own["hours_left_out"]
            run.hours_billed = own["hours_billed"]
            run.hours_added = own["hours_added"]
            run.hours_late = own["hours_late"]
            run.hours_before = own["hours_before"]

    @api.depends("line_ids.decision", "line_ids.move_id", "state")
    def _compute_amounts(self):
        """Add up in the currency of the company, in one query."""
        figures = defaultdict(lambda: defaultdict(float))
        names = (
            "amount_company",
            "amount_total_company",
            "amount_added",
            "amount_late",
        )
        for run, kind, decision, billed, before, moves, *sums in self.env[
            "helpdesk.billing.run.line"
        ]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id", "kind", "decision"],
            ["amount_billed_company:sum", "amount_before_company:sum"]
            + ["move_id:count_distinct", *(f"{name}:sum" for name in names)],
        ):
            own = figures[run.id]
            own["billed"] += billed
            own["before"] += before
            own["moves"] += moves
            if kind == "bill" and decision == "bill":
                own.update(zip(names, sums, strict=True))
        for run in self:
            own = figures[run.id]
            run.amount_to_bill = own["amount_company"]
            run.amount_total_to_bill = own["amount_total_company"]
            run.amount_added = own["amount_added"]
            run.amount_late = own["amount_late"]
            run.amount_before = own["before"]
            run.amount_billed = own["billed"]
            run.move_count = int(own["moves"])

    @api.depends("send_invoices", "line_ids.decision", "line_ids.is_done", "state")
    def _compute_unsent_count(self):
        for run in self:
            lines = run.line_ids if run.send_invoices else run.line_ids.browse()
            run.unsent_count = len(lines.filtered("unsent_reason").partner_id)

    # === CONSTRAINT METHODS === #

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for run in self:
            if run.date_from and run.date_to and run.date_from > run.date_to:
                raise ValidationError(
                    self.env._(
                        "The period starts on %(start)s, after it ends on %(end)s. Swap "
                        "the dates.",
                        start=format_date(self.env, run.date_from),
                        end=format_date(self.env, run.date_to),
                    )
                )

    @api.constrains("post_invoices", "send_invoices")
    def _check_send(self):
        if any(run.send_invoices and not run.post_invoices for run in self):
            raise ValidationError(
                self.env._("Only posted invoices are sent. Tick “Post”, too.")
            )

    @api.constrains("company_id", "team_ids")
    def _check_company_of_teams(self):
        for run in self:
            if run.sudo().team_ids.company_id - run.company_id:
                raise ValidationError(
                    self.env._("Choose teams of the company whose time is billed.")
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """A rehearsal of something else is none; what was run stays as it is."""
        vals = self._clean_input(vals)
        changed = self.browse()
        if not self.env.su and self._scope_fields & vals.keys():
            changed = self._filter_changed(vals)
            changed._check_not_started()
        result = super().write(vals)
        rehearsed = changed.filtered(lambda run: run.state == "rehearsed").sudo()
        rehearsed.line_ids.unlink()
        if rehearsed:
            rehearsed.write({"state": "draft"})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        self._check_not_started()

    # === ACTION METHODS === #

    def action_rehearse(self):
        """List what these runs would bill and what they leave out, and why. Nothing else
        is written, no number used. Rehearsed again, a line that was left stays so.

        :return: True
        :rtype: bool
        :raise UserError: if a run has started already
        """
        self.check_access("write")
        for run in self:
            run._lock()
            run._check_not_started()
            run._rehearse()
        return True

    def action_run(self):
        """Bill what was rehearsed, in the background: ``state`` tells when it is done. A
        run that is done takes up again what went wrong.

        :return: True
        :rtype: bool
        :raise UserError: if a run was not rehearsed, or bills nothing
        :raise AccessError: if the user may not invoice all of its orders
        """
        self.check_access("write")
        self._check_may_run()
        for run in self:
            run._lock()
            run._check_ready()
            run._get_lines_to_do().order_id.with_env(
                run.with_company(run.company_id).env
            )._check_may_invoice_time()
        runs = self.sudo()
        runs.write({"state": "running", "user_id": self.env.uid})
        self.env.ref("helpdesk_billing_run.ir_cron_run").sudo()._trigger()
        return True

    def action_view_lines(self):
        """Open the lines of these runs, by customer.

        :return: a window action on ``helpdesk.billing.run.line``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_billing_run.helpdesk_billing_run_line_action"
        )
        action["domain"] = [("run_id", "in", self.ids)]
        action["context"] = {"search_default_group_by_customer": 1}
        return action

    def action_view_changed(self):
        """Open the lines of orders that differ much from the period before.

        :return: a window action on ``helpdesk.billing.run.line``
        :rtype: dict
        """
        action = self.action_view_lines()
        action["context"]["search_default_changed"] = 1
        return action

    def action_view_unsent(self):
        """Open the lines of customers to whom nothing is sent, and why.

        :return: a window action on ``helpdesk.billing.run.line``
        :rtype: dict
        """
        action = self.action_view_lines()
        lines = self.filtered("send_invoices").line_ids.filtered("unsent_reason")
        action["domain"] = [("id", "in", lines.ids)]
        return action

    def action_view_errors(self):
        """Open the lines that went wrong.

        :return: a window action on ``helpdesk.billing.run.line``
        :rtype: dict
        """
        action = self.action_view_lines()
        action["domain"] += [("has_error", "=", True)]
        return action

    def action_view_invoices(self):
        """Open the invoices that these runs made.

        :return: a window action on ``account.move``
        :rtype: dict
        """
        self.check_access("read")
        return self.line_ids.move_id._get_helpdesk_action()

    # === CHECKS === #

    def _get_ruled_fields(self):
        """What is done follows from what was run."""
        return super()._get_ruled_fields() | {"rehearsed_date", "state", "user_id"}

    def _filter_changed(self, vals):
        """Runs whose scope these values change."""
        return self.filtered(
            lambda run: any(
                run._is_other_value(name, vals[name])
                for name in self._scope_fields & vals.keys()
            )
        )

    def _lock(self):
        """Two people at once neither rehearse nor start a run twice.

        :raise UserError: if a colleague is at it
        """
        self.ensure_one()
        if not self.sudo().try_lock_for_update():
            raise UserError(
                self.env._("Somebody else is working on %(run)s.", run=self.name)
            )
        self.invalidate_recordset(["state"])

    def _check_not_started(self):
        for run in self:
            if run.state in ("running", "done"):
                raise UserError(
                    self.env._(
                        "%(run)s has been run. Make a new one for what is open still.",
                        run=run.name,
                    )
                )

    def _check_may_run(self):
        """Only who may invoice orders starts a run, and only who posts lets it post.

        :raise AccessError: for everybody else
        """
        if self.env.su:
            return
        if not any(map(self.env.user.has_group, self._groups_to_run)):
            raise AccessError(
                self.env._(
                    "You may rehearse, but not invoice. Ask a salesperson or an "
                    "accountant to run it."
                )
            )
        may_post = self.env.user.has_group("account.group_account_invoice")
        if any(self.mapped("post_invoices")) and not may_post:
            raise AccessError(
                self.env._(
                    "You may not post invoices. Untick “Post”, or ask an accountant to "
                    "run it."
                )
            )

    def _check_ready(self):
        if self.state in ("draft", "running"):
            raise UserError(
                self.env._("%(run)s is running already.", run=self.name)
                if self.state == "running"
                else self.env._("Rehearse %(run)s first.", run=self.name)
            )
        if self.state == "done":
            failed = self.sudo().line_ids.filtered("error")
            failed.write({"error": False, "is_done": False})
        if not self._get_lines_to_do():
            raise UserError(self.env._("%(run)s has nothing to bill.", run=self.name))

    # === WHAT A RUN TAKES === #

    def _get_time_run(self, items=None):
        """Time on tickets that this run takes, of all its items or of some.

        :param items: ``sale.order.line``
        :rtype: TimeRun
        """
        time = self._domain_scope(items) & self._domain_teams()
        return TimeRun(
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            time=time,
            grouped=self.grouping == "order",
        )

    def _domain_scope(self, items=None):
        """Time on tickets of the company and the customers, of all teams and days.

        :param items: ``sale.order.line`` to which it is limited, and each of which bills
            time of its own customer and company only
        """
        domain = Domain("helpdesk_ticket_id", "!=", False)
        domain &= Domain("project_id", "!=", False)
        if items is not None:
            return domain & Domain("so_line", "in", items.ids)
        domain &= Domain("company_id", "=", self.company_id.id)
        if self.partner_ids:
            companies = self.partner_ids.commercial_partner_id
            domain &= Domain("helpdesk_commercial_partner_id", "in", companies.ids)
        return domain

    def _domain_teams(self):
        if not self.team_ids:
            return Domain.TRUE
        return Domain("helpdesk_ticket_id.team_id", "in", self.team_ids.ids)

    # === REHEARSAL === #

    def _rehearse(self):
        """Replace the lines by what is open now."""
        run = self.sudo()
        left = {
            line.sale_line_id
            for line in run.line_ids
            if line.kind == "bill" and line.decision == "leave"
        }
        run.line_ids.unlink()
        vals_list = self._filter_visible(run._read_rehearsal())
        for vals in vals_list:
            item = self.env["sale.order.line"].browse(vals["sale_line_id"]).sudo()
            if vals["kind"] == "bill" and item in left:
                vals["decision"] = "leave"
        run.env["helpdesk.billing.run.line"].create(vals_list)
        run.write({"state": "rehearsed", "rehearsed_date": fields.Datetime.now()})

    def _filter_visible(self, vals_list):
        """Rows that the user may know of: salespeople who see own orders only rehearse
        only these."""
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return vals_list
        orders = orders.browse({vals["order_id"] for vals in vals_list} - {False})
        visible = set(orders._filtered_access("read").ids)
        return [
            vals
            for vals in vals_list
            if not vals["order_id"] or vals["order_id"] in visible
        ]

    def _read_rehearsal(self):
        """Values of the lines: each hour that is not billed is in one of them.

        :rtype: list[dict]
        """
        Line = self.env["account.analytic.line"]
        scope = self._domain_scope()
        period = get_period_domain(self.date_from, self.date_to)
        inside = period & self._domain_teams()
        to_bill = Line._domain_time("open") | Line._domain_time("free")
        covered = Line._domain_time("covered") & ~Line._domain_billed_elsewhere()
        vals_list = self._read_lines_to_bill(scope & inside & to_bill)
        for kind, domain in (
            ("period", to_bill & ~period),
            ("team", to_bill & period & ~self._domain_teams()),
            ("waiting", Line._domain_time("waiting") & inside),
            ("covered", covered & inside),
        ):
            if domain.is_false():
                continue
            for item, hours, worked in self._read_by_item(scope & domain):
                vals_list.append(self._get_line_vals(kind, item, hours, worked))
        vals_list += self._compare_with_period_before(vals_list)
        return vals_list + self._read_lines_without_item(
            scope & inside & Line._domain_time("non_billable")
        )

    def _read_by_item(self, domain):
        """Hours to bill and hours worked by item, in one query."""
        groups = self.env["account.analytic.line"]._read_group(
            domain, ["so_line"], ["billable_hours:sum", "unit_amount:sum"]
        )
        items = self.env["sale.order.line"].browse(item.id for item, *_hours in groups)
        items.order_id.mapped("helpdesk_commercial_partner_id")
        return [(items.browse(item.id), *hours) for item, *hours in groups]

    def _read_lines_to_bill(self, domain):
        """Lines of the items of which the run takes time."""
        groups = self._read_by_item(domain)
        items = self.env["sale.order.line"].browse(item.id for item, *_h in groups)
        forecasts = items._read_forecast(self._get_time_run())
        late_hours = self._read_late_hours(domain)
        vals_list = []
        for item, hours, worked in groups:
            forecast = forecasts.get(item.id)
            kind = self._get_kind(item, hours, forecast)
            vals = self._get_line_vals(kind, item, hours, worked)
            if kind == "bill":
                vals |= self._get_bill_vals(item, forecast, worked, late_hours)
            vals_list.append(vals)
        return vals_list

    def _get_bill_vals(self, item, forecast, worked, late_hours):
        """What is billed of an item, and what is in it: late hours, and hours that rules
        and rounding add.

        :param Forecast forecast: what the run would bill
        :param float worked: hours that were worked
        :param dict late_hours: see :meth:`_read_late_hours`
        :rtype: dict
        """
        billed, currency = item._get_hours(forecast.quantity), self.company_currency_id
        price = forecast.amount_company / billed if billed else 0.0
        late = late_hours.get(item.id, 0.0)
        return {
            "decision": "bill",
            "quantity": forecast.quantity,
            "amount": forecast.amount,
            "amount_tax": forecast.tax,
            "amount_total": forecast.amount + forecast.tax,
            "amount_company": forecast.amount_company,
            "amount_total_company": forecast.amount_company + forecast.tax_company,
            "hours_added": billed - worked,
            "amount_added": currency.round(price * (billed - worked)),
            "hours_late": late,
            "amount_late": currency.round(price * late),
        }

    def _read_late_hours(self, domain):
        """Hours of days up to which their order was billed already, in two queries.

        :param Domain domain: open time
        :return: hours to bill by item id
        :rtype: dict
        """
        Line = self.env["account.analytic.line"]
        billed = Line._read_group(
            self._domain_scope() & Line._domain_time("billed"),
            ["order_id"],
            ["date:max"],
        )
        last_days = {order.id: day for order, day in billed if order}
        if not last_days:
            return {}
        domain &= Domain("date", "<=", max(last_days.values()))
        hours = defaultdict(float)
        for order, item, day, own in Line._read_group(
            domain, ["order_id", "so_line", "date:day"], ["billable_hours:sum"]
        ):
            if order.id in last_days and day <= last_days[order.id]:
                hours[item.id] += own
        return hours

    # === THE PERIOD BEFORE === #

    def _get_period_before(self):
        """The period of the same length before the one of this run: whole months before
        whole months; the month before, where all open time is billed.

        :return: its first and its last day
        :rtype: tuple
        """
        last = self.date_to or fields.Date.context_today(self)
        first = self.date_from or last.replace(day=1)
        months = 12 * (last.year - first.year) + last.month - first.month + 1
        is_whole = first.day == 1 and last == end_of(last, "month")
        if not self.date_from or not self.date_to or is_whole:
            start = fields.Date.subtract(first, months=months)
        else:
            start = fields.Date.subtract(first, days=(last - first).days + 1)
        return start, fields.Date.subtract(first, days=1)

    def _compare_with_period_before(self, vals_list):
        """Complete values of lines, in place, with what was billed for the period before.

        :param list vals_list: of lines with an item
        :return: values of lines for items of which nothing is open any more
        :rtype: list[dict]
        """
        period = get_period_domain(*self._get_period_before())
        domain = self._domain_scope() & self._domain_teams() & period
        before = self.env["sale.order.line"]._read_billed(domain)
        by_item = {vals["sale_line_id"]: vals for vals in reversed(vals_list)}
        gone = []
        for item, billed in before.items():
            vals = by_item.get(item.id)
            if not vals:
                vals = self._get_line_vals("gone", item, 0.0, 0.0)
                gone.append(vals)
            vals |= {
                "hours_before": billed.hours,
                "amount_before": billed.amount,
                "amount_before_company": billed.amount_company,
            }
        self._note_changes(vals_list + gone)
        return gone

    def _note_changes(self, vals_list):
        """Complete values of lines, in place, with how they and their orders changed."""
        orders = defaultdict(lambda: [0.0, 0.0])
        for vals in vals_list:
            is_billed = vals["kind"] == "bill"
            now = vals["hours"] if is_billed else 0.0
            before = vals.get("hours_before", 0.0)
            if is_billed or before:
                amount = vals.get("amount_company", 0.0)
                vals["hours_change"] = now - before
                vals["amount_change"] = amount - vals.get("amount_before_company", 0.0)
            orders[vals["order_id"]][0] += now
            orders[vals["order_id"]][1] += before
        for vals in vals_list:
            now, before = orders[vals["order_id"]]
            change = abs(now - before)
            vals["is_changed"] = "hours_change" in vals and (
                change >= max(LARGE_CHANGE_HOURS, LARGE_CHANGE * max(now, before))
            )

    # === LINES === #

    def _get_kind(self, item, hours, forecast):
        """What the run does with the open time of an item."""
        if forecast and item.product_uom_id.compare(forecast.quantity, 0.0) > 0:
            return "bill"
        if hours < 0:
            return "below"
        return "billed" if hours else "free"

    def _read_lines_without_item(self, domain):
        """Lines of time that no item bills, by customer and reason."""
        vals_list = []
        for partner, item, state, team_bills, by_hand, worked in self.env[
            "account.analytic.line"
        ]._read_group(
            domain,
            [
                "helpdesk_commercial_partner_id",
                "so_line",
                "so_line.state",
                "helpdesk_ticket_id.team_id.use_helpdesk_sale_timesheet",
                "is_so_line_edited",
            ],
            ["unit_amount:sum"],
        ):
            if state:
                kind = "order"
            elif not team_bills:
                kind = "no_team"
            else:
                kind = "by_hand" if by_hand else "no_item"
            vals = self._get_line_vals(kind, item, worked, worked)
            vals_list.append(vals | {"partner_id": partner.id})
        return vals_list

    def _get_line_vals(self, kind, item, hours, worked):
        """Values of a line that is left out."""
        return {
            "run_id": self.id,
            "kind": kind,
            "decision": "leave",
            "partner_id": item.order_id.helpdesk_commercial_partner_id.id,
            "order_id": item.order_id.id,
            "sale_line_id": item.id,
            "hours": hours,
            "hours_worked": worked,
            "quantity": 0.0,
        }

    # === RUN === #

    @api.model
    def _cron_run(self):
        """Bill the runs that were started. Each customer is a transaction; killed, it
        goes on with the next one."""
        for run in self.sudo().search([("state", "=", "running")], order="id"):
            if not run._bill_customers():
                return  # no time left; called again at once

    def _get_lines_to_do(self, partner_id=None):
        """Lines that are still to be billed, with raised rights.

        :param int partner_id: of one customer only; False for who has none
        :rtype: helpdesk.billing.run.line
        """
        domain = Domain("run_id", "=", self.id) & Domain("kind", "=", "bill")
        domain &= Domain("decision", "=", "bill") & Domain("is_done", "=", False)
        if partner_id is not None:
            domain &= Domain("partner_id", "=", partner_id)
        lines = self.env["helpdesk.billing.run.line"].sudo()
        return lines.search_fetch(domain, ["order_id", "partner_id"], order="id")

    def _bill_customers(self):
        """Bill one customer after the other, in a transaction each.

        :return: whether the run is done
        :rtype: bool
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        # also lines whose customer was deleted since
        waiting = [
            partner.id for partner in self._get_lines_to_do().grouped("partner_id")
        ]
        tries = defaultdict(int)
        while waiting:
            partner_id = waiting.pop(0)
            is_billed = self._get_lines_to_do(partner_id)._bill()
            tries[partner_id] += 1
            if not is_billed and tries[partner_id] < MAX_TRIES:
                waiting.append(partner_id)
            is_time_left = cron._commit_progress(1, remaining=len(waiting) + 1)
            self._forget_customer(len(waiting))
            if not is_time_left:
                return False
        if self._get_lines_to_do():  # somebody keeps their orders
            cron._commit_progress(0, remaining=1)
            return False
        self._finish()
        cron._commit_progress(1, remaining=0)
        return True

    def _forget_customer(self, left):
        """Let go of the environments of a customer that is done: stock looks through all
        that are alive whenever it needs one, and memory would grow with each.

        :param int left: how many customers wait
        """
        self.env.transaction.reset()
        if left % COLLECT_EVERY == 0:  # some are held in circles
            gc.collect()

    def _finish(self):
        """List what came since the rehearsal, and close the run."""
        Line = self.env["account.analytic.line"]
        known = self.line_ids.sale_line_id
        run = self._get_time_run()
        since = run.get_domain() & Line._domain_time("open")
        since &= Domain("so_line", "not in", known.ids)
        vals_list = [
            self._get_line_vals("since", item, hours, worked)
            for item, hours, worked in self._read_by_item(since)
        ]
        self.env["helpdesk.billing.run.line"].create(vals_list)
        self.write({"state": "done"})

    def _get_billing_env(self):
        """Environment of who started the run, in its company."""
        user = self.env["res.users"].with_user(self.user_id.id)
        context = {
            **self.env.context,
            **user.context_get(),  # cached: the record is not, see _forget_customer
            "allowed_company_ids": self.company_id.ids,
            "raise_if_nothing_to_invoice": False,
        }
        su = self.user_id.id == SUPERUSER_ID
        return self.env(user=self.user_id.id, su=su, context=context)

    def _make_invoices(self, lines):
        """Bill lines of one customer, with the rights of who started the run.

        :param lines: ``helpdesk.billing.run.line``
        :return: the invoices, which may be none
        :rtype: account.move
        """
        orders = lines.order_id.with_env(self._get_billing_env())
        moves = orders._invoice_time(self._get_time_run(lines.sale_line_id))
        if moves and self.post_invoices:
            moves.action_post()
            if self.send_invoices:
                moves._send_by_run(self)
        return moves

    @api.model
    def _get_error_sentence(self, error):
        """What a person reads about a customer whose invoice failed."""
        if isinstance(error, UserError):
            return str(error)
        _logger.warning("A billing run could not bill a customer", exc_info=error)
        return self.env._("Unexpected error: %(error)s", error=str(error)[:200])

    @api.model
    def _is_concurrent(self, error):
        """Whether a colleague was faster, and another try is worth it."""
        return isinstance(error, OperationalError)
