from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.helpdesk_base.tools import add_columns

#: Hours that nobody sees.
FEW_HOURS = 1e-6


class LateHours(NamedTuple):
    """Hours of a day whose period was invoiced before they were recorded."""

    day: date
    hours: float


class AccountAnalyticLine(models.Model):
    """Time that a lead approves and a customer agrees to, in periods that are closed."""

    _inherit = "account.analytic.line"
    _approver_groups = (
        "helpdesk_base.group_helpdesk_manager",
        "hr_timesheet.group_hr_timesheet_approver",
    )
    # What approval and agreement are about, whoever changes it.
    _approved_values = ("date", "employee_id", "name", "unit_amount")
    # What else they are about where a person changes it.
    _approved_choices = ("helpdesk_ticket_id", "project_id", "so_line", "task_id")
    # What may let a customer pay more than was shown.
    _shown_values = frozenset({"billable_hours", "work_type_id"})
    # What is looked at when it is written.
    _watched_values = _shown_values.union(
        _approved_values, _approved_choices, {"company_id", "date"}
    )
    # What a closed period keeps.
    _closed_values = frozenset(
        {"date", "employee_id", "helpdesk_ticket_id", "project_id", "task_id"}
        | {"unit_amount", "user_id"}
    )
    _approval_values = {"approved_by_id": False, "approved_date": False}

    approval_state = fields.Selection(
        [("draft", "To approve"), ("approved", "Approved"), ("rejected", "Rejected")],
        string="Approval",
        default="draft",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_date = fields.Datetime(string="Approved On", readonly=True, copy=False)
    rejection_reason = fields.Char(string="Why Rejected", readonly=True, copy=False)
    customer_state = fields.Selection(
        [
            ("none", "Not asked"),
            ("asked", "Asked"),
            ("agreed", "Agreed"),
            ("questioned", "Questioned"),
        ],
        string="Customer",
        default="none",
        readonly=True,
        copy=False,
    )
    agreement_id = fields.Many2one(
        comodel_name="helpdesk.time.agreement",
        string="Asked With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    customer_answer = fields.Char(string="Customer's Answer", readonly=True, copy=False)
    customer_answer_by = fields.Char(string="Answered By", readonly=True, copy=False)
    customer_answer_date = fields.Datetime(
        string="Answered On", readonly=True, copy=False
    )
    is_late = fields.Boolean(
        string="Late",
        readonly=True,
        copy=False,
        help="Recorded for a day whose period was invoiced before.",
    )
    waits_for_approval = fields.Boolean(
        compute="_compute_waits_for_approval",
        store=True,
        export_string_translation=False,
        help="The team bills no time without approval or agreement, which this lacks.",
    )

    def _auto_init(self):
        """Time of before waits for nobody: one statement instead of computing it."""
        kinds = {"approval_state": "varchar", "customer_state": "varchar"}
        kinds["waits_for_approval"] = "bool"
        if "waits_for_approval" in add_columns(self.env.cr, self._table, kinds):
            self.env.cr.execute(
                "UPDATE account_analytic_line"
                " SET approval_state = 'draft', customer_state = 'none'"
                " WHERE helpdesk_ticket_id IS NOT NULL"
            )
        return super()._auto_init()

    # === COMPUTE METHODS === #

    @api.depends(
        "approval_state",
        "customer_state",
        "helpdesk_commercial_partner_id.helpdesk_time_detail",
        "helpdesk_ticket_id.team_id.use_customer_approval",
        "helpdesk_ticket_id.team_id.use_time_approval",
        "timesheet_invoice_id.state",
    )
    def _compute_waits_for_approval(self):
        """What is billed already waits for nothing: it stays delivered. Nor does time
        that is nobody's wait for a customer."""
        if not self.env["helpdesk.team"]._lets_time_wait():
            self.filtered("waits_for_approval").waits_for_approval = False
            return
        for line in self:
            team = line.helpdesk_ticket_id.sudo().team_id
            customer = line.helpdesk_commercial_partner_id.sudo()
            waits = (team.use_time_approval and line.approval_state != "approved") or (
                team.use_customer_approval
                and customer
                and customer.helpdesk_time_detail != "none"
                and line.customer_state != "agreed"
            )
            line.waits_for_approval = bool(waits) and line._is_not_billed()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Nothing is recorded in a closed period; what comes late is marked."""
        lines = super().create(vals_list)
        lines._check_period_open()
        lines._mark_late()
        return lines

    def write(self, vals):
        """What was approved or agreed is so no more once it is changed."""
        vals = self._clean_input(vals)
        if self._watched_values.isdisjoint(vals):
            return super().write(vals)
        names = set(self._approved_values)
        if not self.env.su:
            names |= set(self._approved_choices)
        names = sorted(names & vals.keys())
        is_kept = not names or self._is_same_work()
        before = {} if is_kept else self._read_approved(names)
        is_shown = vals.keys() & self._shown_values and not self._is_same_work()
        shown = self._read_approved(["billable_hours"]) if is_shown else {}
        result = super().write(vals)
        lines = self._without_joined(vals)
        if {"company_id", "date"} & vals.keys():
            lines._check_period_open()
            lines._mark_late()
        changed = [
            line.id
            for line in lines.sudo()
            if line in before and before[line] != [line[name] for name in names]
        ]
        if changed:
            self.sudo().browse(changed)._take_back()
        if shown:
            lines.sudo()._ask_about_more(shown)
        return result

    # === ACTION METHODS === #

    def action_approve(self):
        """Approve these lines: they count as delivered and can be billed. Lines that are
        approved already, or billed, are left as they are; so is the own time of who
        approves where the company wants a colleague to do so.

        :return: a notification that says how many were approved
        :rtype: dict
        :raise AccessError: for who may not approve
        :raise UserError: if none of them can be approved
        """
        self._check_may_approve()
        lines = self.sudo().filtered(
            lambda line: (
                line.helpdesk_ticket_id
                and line.approval_state != "approved"
                and line._is_not_billed()
            )
        )
        own = lines.filtered(
            lambda line: (
                line.user_id == self.env.user
                and line.company_id.helpdesk_approve_others
            )
        )
        lines -= own
        if not lines:
            raise UserError(self._get_nothing_to_approve(own))
        lines.write(
            {
                "approval_state": "approved",
                "approved_by_id": self.env.uid,
                "approved_date": fields.Datetime.now(),
                "rejection_reason": False,
            }
        )
        text = self.env._("%(count)s lines approved.", count=len(lines))
        if own:
            text += " " + self.env._(
                "%(count)s of your own are left to a colleague.", count=len(own)
            )
        return self._get_notification(text)

    def action_reject(self, reason=""):
        """Send these lines back to those who recorded them, who get a to-do.

        :param str reason: what is wrong
        :return: True
        :rtype: bool
        :raise ValidationError: if the reason is missing
        :raise AccessError: for who may not approve
        :raise UserError: if one of them is billed
        """
        self._check_may_approve()
        if not isinstance(reason, str) or not reason.strip():
            raise ValidationError(
                self.env._(
                    "Say why the time is rejected: whoever recorded it reads it."
                )
            )
        lines = self.sudo().filtered("helpdesk_ticket_id")
        if any(not line._is_not_billed() for line in lines) or not lines:
            raise UserError(
                self.env._(
                    "Only time on tickets that is not billed can be rejected. Take it off "
                    "its invoice first."
                )
            )
        lines.write(
            {
                **self._approval_values,
                "approval_state": "rejected",
                "rejection_reason": reason.strip(),
            }
        )
        lines._ask_again()
        lines._remind_of_rejection(reason.strip())
        return True

    def action_reset_approval(self):
        """Take approval or rejection back.

        :return: True
        :rtype: bool
        :raise AccessError: for who may not approve
        """
        self._check_may_approve()
        lines = self.sudo().filtered(lambda line: line._is_not_billed())
        lines._take_back()
        return True

    def action_open_reject(self):
        """Open the form that asks why these lines are rejected.

        :return: a window action
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_approval.helpdesk_time_reject_action"
        )
        return {**action, "context": {"default_line_ids": self.ids}}

    def action_ask_customer(self):
        """Ask the customers of these lines to agree now, instead of with the next weekly
        mail; also again, after a question was answered.

        :return: a notification that says how many customers were asked
        :rtype: dict
        :raise AccessError: for who may not approve
        :raise UserError: if there is nothing to ask
        """
        self._check_may_approve()
        lines = self.sudo()
        lines.filtered(lambda line: line.customer_state == "questioned")._ask_again()
        agreements = self.env["helpdesk.time.agreement"].sudo()._ask(lines)
        if not agreements:
            raise UserError(
                self.env._(
                    "There is nothing to ask: choose time with a sales order item that is "
                    "not billed, of a team whose customers agree to time, and that is "
                    "approved where the team wants that."
                )
            )
        return self._get_notification(
            self.env._("%(count)s customers were asked.", count=len(agreements))
        )

    # === WHAT NOBODY WRITES === #

    def _get_ruled_fields(self):
        """States follow from what people do, see the actions."""
        return super()._get_ruled_fields() | {
            "agreement_id",
            "approval_state",
            "approved_by_id",
            "approved_date",
            "customer_answer",
            "customer_answer_by",
            "customer_answer_date",
            "customer_state",
            "is_late",
            "rejection_reason",
        }

    def _get_ruled_reason(self, names):
        if names & {"approval_state", "approved_by_id", "approved_date"}:
            return self.env._(
                "Time is approved or rejected by a lead, not written so. Use Approve or "
                "Reject."
            )
        if any(name.startswith("customer_") for name in names):
            return self.env._("Only the customer says what the customer agrees to.")
        return super()._get_ruled_reason(names)

    # === LOCKS === #

    def _get_lock_reasons(self, names=None):
        """Approved time is locked for who does not approve, closed periods for all."""
        reasons = super()._get_lock_reasons(names)
        if names is None or names & self._closed_values:
            reasons += self._get_closed_reasons()
        about = {*self._approved_values, *self._approved_choices}
        about |= {"is_so_line_edited", "start_datetime", "work_type_id"}
        if names is None or names & about:
            approved = self.sudo().filtered(
                lambda line: line.approval_state == "approved" and line._is_not_billed()
            )
            if approved and not self._may_approve():
                reasons.append(approved._get_approved_reason())
        return reasons

    def _get_approved_reason(self):
        """Sentence about who approved this time, and what to do.

        :rtype: str
        """
        return self.env._(
            "This time was approved by %(users)s. Ask them, or another lead, to take the "
            "approval back.",
            users=", ".join(self.approved_by_id.mapped("name")) or "-",
        )

    def _get_closed_reasons(self):
        """Sentences about closed periods in which these lines lie.

        :rtype: list[str]
        """
        reasons = []
        for company in self.sudo().company_id:
            day = company._get_helpdesk_lock_date()
            closed = day and self.sudo().filtered(
                lambda line, day=day, company=company: (
                    line.company_id == company
                    and line.project_id
                    and line.date <= day
                    and (line.helpdesk_ticket_id or company.helpdesk_lock_all_time)
                )
            )
            if closed:
                reasons.append(
                    self.env._(
                        "Time until %(day)s is closed. Choose a later day, or ask an "
                        "administrator to open the period: Settings, Helpdesk, Time "
                        "Closed until.",
                        day=format_date(self.env, day),
                    )
                )
        return reasons

    def _check_period_open(self):
        """Refuse time in a closed period; what the product itself moves keeps its day.
        What moves in from another desk is as recorded by hand, but for what that desk
        has billed.

        :raise UserError: with the day
        """
        lines, is_asked = self, not self.env.su
        if self.env["helpdesk.ticket"]._is_moving_in():
            billed_there = self._domain_billed_elsewhere()
            lines, is_asked = self - self.filtered_domain(billed_there), True
        reasons = lines._get_closed_reasons() if is_asked else []
        if reasons:
            raise UserError("\n".join(reasons))

    # === APPROVAL === #

    def _may_approve(self):
        """Whether the user approves time: who manages the helpdesk, and approvers of
        timesheets.

        :rtype: bool
        """
        # screens ask with raised rights, for the person before them
        return self.env.uid == SUPERUSER_ID or any(
            map(self.env.user.has_group, self._approver_groups)
        )

    def _check_may_approve(self):
        """Refuse who may not approve these lines.

        :raise AccessError: for agents and others, and for time of other companies
        """
        of_company = self.sudo().company_id <= self.env.companies
        if not self.env.su and not (self._may_approve() and of_company):
            raise AccessError(
                self.env._(
                    "You may not approve time. Ask an administrator of the helpdesk or an "
                    "approver of timesheets."
                )
            )

    def _get_nothing_to_approve(self, own):
        """Sentence for a choice of lines of which none can be approved.

        :param own: own time that only a colleague may approve
        :rtype: str
        """
        if own:
            return self.env._("This is your own time. A colleague has to approve it.")
        return self.env._(
            "There is nothing to approve: choose time on tickets that is neither approved "
            "nor billed."
        )

    @api.model
    def _get_notification(self, text):
        """An action that shows a sentence, and what has changed behind it.

        :rtype: dict
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": text,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _read_approved(self, names):
        """What was approved, rejected, asked or agreed of these open lines.

        :param list names: fields about to be written
        :return: values by line
        :rtype: dict
        """
        return {
            line: [line[name] for name in names]
            for line in self.sudo()
            if (
                line.approval_state in ("approved", "rejected")
                or line.customer_state not in ("none", False)
            )
            and line._is_not_billed()
        }

    def _take_back(self):
        """These lines have changed: they are approved and agreed to anew. Who was told
        that they are rejected has done the to-do."""
        rejected = self.filtered(lambda line: line.approval_state == "rejected")
        decided = self.filtered(lambda line: line.approval_state != "draft")
        if decided:
            decided.write(
                {
                    **self._approval_values,
                    "approval_state": "draft",
                    "rejection_reason": False,
                }
            )
        self._ask_again()
        rejected._finish_reminders()

    def _remind_of_rejection(self, reason):
        """Give those who recorded these lines a to-do on the ticket."""
        for (ticket, user), lines in self.grouped(
            lambda line: (line.helpdesk_ticket_id, line.user_id)
        ).items():
            if user:
                ticket.activity_schedule(
                    "helpdesk_timesheet_approval.mail_activity_time_rejected",
                    user_id=user.id,
                    summary=self.env._(
                        "Rejected lines of time: %(count)s", count=len(lines)
                    ),
                    note=reason,
                )

    def _finish_reminders(self):
        """The to-dos about these lines are done, see :meth:`_remind_of_rejection`."""
        kind = "helpdesk_timesheet_approval.mail_activity_time_rejected"
        for user, lines in self.grouped("user_id").items():
            tickets = lines.helpdesk_ticket_id
            left = self.sudo().search(
                [
                    ("helpdesk_ticket_id", "in", tickets.ids),
                    ("user_id", "=", user.id),
                    ("approval_state", "=", "rejected"),
                ]
            )
            done = tickets - left.helpdesk_ticket_id
            if done:
                done.activity_feedback([kind], user_id=user.id)

    # === THE CUSTOMER === #

    def _ask_again(self):
        """What the customer was asked, or said, does not count any more."""
        asked = self.sudo().filtered(
            lambda line: line.customer_state not in ("none", False)
        )
        if asked:
            asked.write(
                {
                    "customer_state": "none",
                    "agreement_id": False,
                    "customer_answer": False,
                    "customer_answer_by": False,
                    "customer_answer_date": False,
                }
            )

    def _ask_about_more(self, shown):
        """Ask customers again who were shown fewer hours to bill than there are now.

        :param dict shown: see :meth:`_read_approved`, of ``billable_hours``
        """
        more = self.filtered(
            lambda line: (
                line in shown and line.billable_hours > shown[line][0] + FEW_HOURS
            )
        )
        more._ask_again()

    def _set_agreed(self, name):
        """Note that the customer agrees to these lines.

        :param str name: who said so, empty if nobody answered in time
        """
        if self:
            self.write(
                {
                    "customer_state": "agreed",
                    "customer_answer": False,
                    "customer_answer_by": name,
                    "customer_answer_date": fields.Datetime.now(),
                }
            )

    def _get_agreeing_contact(self):
        """Who is asked to agree to this line: whom the customer names, else the contact
        of the ticket, else the company.

        :rtype: res.partner
        """
        customer = self.helpdesk_commercial_partner_id
        named = customer.helpdesk_agreement_partner_id
        contact = self.helpdesk_ticket_id.partner_id
        return named or (contact if contact.email else customer)

    def _get_price_to_show(self):
        """What this line costs before taxes at the price of its order, where it is billed
        by time.

        :return: an amount in the currency of the order, or False
        :rtype: float | bool
        """
        item = self.so_line
        if not item or not item._is_helpdesk_delivered_timesheet():
            return False
        quantity = item._get_quantity(self.billable_hours)
        return quantity * item.price_unit * (1 - (item.discount or 0.0) / 100)

    @api.model
    def _domain_to_ask(self):
        """Time that customers are to be asked about: of teams that do so, approved where
        they want that, on an order and not billed yet.

        :rtype: Domain
        """
        approved = Domain("approval_state", "=", "approved") | Domain(
            "helpdesk_ticket_id.team_id.use_time_approval", "=", False
        )
        return (
            Domain("helpdesk_ticket_id.team_id.use_customer_approval", "=", True)
            & Domain("customer_state", "=", "none")
            & Domain(
                "helpdesk_commercial_partner_id.helpdesk_time_detail", "!=", "none"
            )
            & Domain("so_line.state", "=", "sale")
            & ~self._domain_time("billed")
            & approved
        )

    def _get_agreed_text(self):
        """Who agreed to this line and when, for the work report.

        :rtype: str
        """
        if self.customer_state != "agreed":
            return ""
        return self.env._(
            "%(name)s, %(day)s",
            name=self.customer_answer_by or self.env._("no answer in time"),
            day=format_date(self.env, self.customer_answer_date),
        )

    # === WHAT AN HOUR COUNTS === #

    @api.model
    def _get_waiting_fields(self):
        """What waits for approval or agreement is not delivered."""
        lets_wait = self.env["helpdesk.team"]._lets_time_wait
        return {**super()._get_waiting_fields(), "waits_for_approval": lets_wait}

    def _get_worker_task(self):
        """What a lead sent back, and what a customer asked, is answered by who worked."""
        if self.waits_for_approval and self.approval_state == "rejected":
            return self.env._("Rejected: %(why)s", why=self.rejection_reason or "-")
        if self.waits_for_approval and self.customer_state == "questioned":
            return self.env._(
                "The customer asks: %(question)s", question=self.customer_answer or "-"
            )
        return super()._get_worker_task()

    def _get_so_line_reason(self):
        """Time that waits says what for."""
        reason = super()._get_so_line_reason()
        if not (self.waits_for_approval and self.so_line and self._is_not_billed()):
            return reason
        team = self.helpdesk_ticket_id.sudo().team_id
        if self.approval_state == "rejected":
            wait = self.env._("Rejected: %(why)s", why=self.rejection_reason or "-")
        elif team.use_time_approval and self.approval_state != "approved":
            wait = self.env._("Waits for approval")
        elif self.customer_state == "questioned":
            wait = self.env._("Questioned by the customer")
        else:
            wait = self.env._("Waits for the customer")
        return self.env._("%(wait)s. %(reason)s", wait=wait, reason=reason)

    @api.depends("approval_state", "customer_state", "waits_for_approval")
    def _compute_so_line_reason(self):
        return super()._compute_so_line_reason()

    # === PIECES OF THE SAME WORK === #

    def _prepare_same_work(self, hours):
        """What was approved or agreed holds for each piece."""
        names = ("approval_state", "approved_by_id", "approved_date", "customer_state")
        names += ("agreement_id", "customer_answer_by", "customer_answer_date")
        values = {name: self[name] for name in (*names, "rejection_reason")}
        return {
            **super()._prepare_same_work(hours),
            **self._convert_to_write(values),
        }

    def _get_word_on_work(self):
        """Approval and agreement."""
        word = (self.approval_state, self.customer_state, self.agreement_id.id)
        return (*super()._get_word_on_work(), *word)

    def _forget_word_on_work(self):
        super()._forget_word_on_work()
        self.sudo()._take_back()

    # === LATE TIME === #

    def _mark_late(self):
        """Mark those of these open lines whose day was invoiced before they came."""
        lines = self.sudo().filtered("helpdesk_ticket_id")
        if not any(lines.so_line.mapped("qty_invoiced")):
            return
        lines = lines.filtered("so_line")._filter_not_billed()
        if not lines:
            return
        billed = dict(
            self.sudo()._read_group(
                Domain("order_id", "in", lines.order_id.ids)
                & Domain("helpdesk_ticket_id", "!=", False)
                & self._domain_time("billed"),
                ["order_id"],
                ["date:max"],
            )
        )
        for line in lines:
            last = billed.get(line.order_id)
            is_late = bool(last and line.date <= last)
            if line.is_late != is_late:
                line.is_late = is_late

    @api.model
    def _read_details(self, domain):
        """Late hours by day."""
        details = defaultdict(tuple, super()._read_details(domain))
        for item, ticket, day, hours in self._read_group(
            domain & Domain("is_late", "=", True),
            ["so_line", "helpdesk_ticket_id", "date:day"],
            ["billable_hours:sum"],
        ):
            details[item.id, ticket.id] += (LateHours(day, hours),)
        return details
