"""Tickets whose time is approved, agreed to and closed, and what people do with that."""

from datetime import timedelta

from odoo import fields

from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import desk
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.world import day

from . import checks
from . import facts as approval_facts

DETAILS = ("lines", "tickets", "none")


class ApprovalWorld(desk.DeskWorld):
    """Team 1 approves time and has its customers agree, until people change that. One
    of the workers may not approve, the lead and the bookkeeper may."""

    operation = ""

    # === SETTING UP === #

    def _make_customers(self):
        super()._make_customers()
        for customer in self.customers:
            customer.email = f"customer{customer.id}@example.com"

    def _make_projects(self):
        super()._make_projects()
        self.teams[1].write({"use_time_approval": True, "use_customer_approval": True})

    def read(self):  # pylint: disable=method-required-super
        self.facts = approval_facts.read(
            self.env.cr, self.start, self.env.company.id, super().read()
        )
        return self.facts

    def begin(self):
        super().begin()
        self.forget_options()

    def forget_options(self):
        """What is undone here leaves caches as the end of a transaction would not."""
        self.env.registry.clear_cache()

    # === WHAT HOLDS IN THIS WORLD === #

    def is_delivered(self, facts):
        return lambda line: not facts.marks[line.id].waits or facts.is_billed(line)

    def may_reprice(self, operation):
        return super().may_reprice(operation) or operation == "correct"

    def may_rework(self, operation):
        return super().may_rework(operation) or operation == "correct"

    def _read_reasons(self):
        """Time that waits says so first."""
        facts, reasons = self.facts, super()._read_reasons()
        for line in facts.lines.values():
            if line.case:
                reasons[line.id] = checks.without_wait(
                    facts, line, reasons[line.id] or ""
                )
        return reasons

    def more_checks(self, memory, before, after):
        return {
            **super().more_checks(memory, before, after),
            "waits": checks.check_waits(after),
            "unapproved": checks.check_billed(before, after),
            "words": checks.check_words(before, after, self.operation),
            "closed": checks.check_closed(before, after, self.operation),
        }

    # === THE LEAD === #

    def _choose_lines(self, first, count):
        lines = self._lines([("helpdesk_ticket_id", "!=", False)])
        return lines[first : first + count] or lines

    def _approver(self, person):
        return (self.lead, self.bookkeeper, self.lead, self.workers[0])[person % 4]

    def approve(self, first, count, person):
        """Approve some lines."""
        chosen = self._choose_lines(first, count)
        chosen.with_user(self._approver(person)).action_approve()

    def reject(self, first, count, person):
        """Reject some lines."""
        chosen = self._choose_lines(first, count)
        chosen.with_user(self._approver(person)).action_reject("Too long")

    def reset_approval(self, first, count, person):
        """Take approval or rejection back."""
        chosen = self._choose_lines(first, count)
        chosen.with_user(self._approver(person)).action_reset_approval()

    def correct(self, line, hours, on):
        """The bookkeeper corrects a line, approved or not."""
        record = self._pick(self._lines(), line).with_user(self.bookkeeper)
        record.write({"unit_amount": hours, "date": day(on)})

    def switch_approval(self, team, on):
        """Turn Approve Time before Billing of a team."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"use_time_approval": on})

    # === THE CUSTOMER === #

    def _agreements(self):
        return self.env["helpdesk.time.agreement"].search(
            [("commercial_partner_id", "in", self.customers.ids)], order="id"
        )

    def switch_agreement(self, team, on):
        """Turn Customers Agree to Time of a team."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.write({"use_customer_approval": on})

    def show(self, customer, detail):
        """Choose what a customer is shown."""
        company = self._pick(self.customers, customer).commercial_partner_id
        company.write({"helpdesk_time_detail": DETAILS[detail % 3]})

    def ask(self, first, count):
        """Ask customers about some lines."""
        chosen = self._choose_lines(first, count)
        chosen.with_user(self.lead).action_ask_customer()

    def ask_all(self):
        """The weekly mails."""
        lines = self.env["account.analytic.line"].sudo()
        self.env["helpdesk.time.agreement"]._ask(lines.search(lines._domain_to_ask()))

    def _choose_answered(self, agreement, first, count):
        agreement = self._pick(self._agreements(), agreement).sudo()
        shown = agreement._get_lines_to_show()
        return agreement, shown[first : first + count] or shown

    def agree(self, agreement, first, count):
        """A customer agrees to some lines."""
        asked, lines = self._choose_answered(agreement, first, count)
        asked._agree(lines, "Elena")

    def question(self, agreement, first, count):
        """A customer questions some lines."""
        asked, lines = self._choose_answered(agreement, first, count)
        asked._question(lines, "What was that?", "Elena")

    def stay_silent(self):
        """Nobody answers until the days are over."""
        self._agreements().write({"deadline": fields.Date.today() - timedelta(days=1)})
        self.env["helpdesk.time.agreement"]._cron_close()

    def settle(self):
        """The lead approves all, and no customer objects."""
        lines = self._choose_lines(0, 0).with_user(self.bookkeeper)
        open_lines = lines.filtered(lambda line: line.approval_state != "approved")
        open_lines.filtered(lambda line: line._is_not_billed()).action_approve()
        self.ask_all()
        self.stay_silent()

    # === PERIODS === #

    def close_period(self, until, grace, all_time):
        """Close time until a day, at once or after days of grace; or open it."""
        self.env.company.write(
            {
                "helpdesk_lock_date": day(until),
                "helpdesk_lock_grace_days": grace,
                "helpdesk_lock_all_time": all_time,
            }
        )
