"""Billing runs of a world with tickets: people rehearse and start them, a job bills."""

import contextlib
from unittest.mock import patch

from odoo.fields import Domain

from odoo.addons.base.models.ir_cron import IrCron
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants import desk
from odoo.addons.helpdesk_timesheet_reinvoice.tests.invariants.world import day

from ...models.helpdesk_billing_run import HelpdeskBillingRun
from . import checks

FATES = ("open", "billed", "covered", "waiting", "free", "non_billable")
#: What only reads, or writes but the rows of runs.
REHEARSING = {"decide", "delete_run", "new_run", "rehearse", "start_run"}


class Killed(BaseException):
    """The process that bills is no more."""


class RunWorld(desk.DeskWorld):
    """Customers whose time is billed in runs, beside all other ways."""

    # === SETTING UP === #

    def _make_cases(self):
        super()._make_cases()
        self.runs = self.env["helpdesk.billing.run"]
        self.is_undisturbed = False

    @property
    def records(self):
        return self.customers, self.orders, self.cases, self.runs

    @records.setter
    def records(self, records):
        self.customers, self.orders, self.cases, self.runs = records

    # === CHECKS === #

    def more_checks(self, memory, before, after):
        return {
            **super().more_checks(memory, before, after),
            "fates": checks.check_fates(self, after, self._read_fates()),
            "leaks": checks.check_leaks(
                after,
                self._read_leaks(),
                {team.id: team.use_helpdesk_sale_timesheet for team in self.teams},
            ),
        }

    def check_runs(self, operation, before, after):
        """Checks of the run that a step was about; also where it changed no facts.

        :return: pairs of check and sentence
        """
        found = []
        if operation in REHEARSING:
            found += [
                ("rehearsal", f"{operation} changed {name}")
                for name in after.differences(before)
            ]
        if operation in ("new_run", "rehearse") and self.touched:
            texts = checks.check_rehearsal(self, after, self._read_run(self.touched))
            found += [("rehearsal", text) for text in texts]
        for run in self.finished:
            texts = checks.check_run(after, self._read_run(run), self.is_undisturbed)
            found += [("run", text) for text in texts]
        return found

    def _read_fates(self):
        Line = self.env["account.analytic.line"].sudo()
        own = Domain("id", ">", self.start["account_analytic_line"])
        own &= Domain("helpdesk_ticket_id", "!=", False)
        return {
            fate: set(Line.search(own & Line._domain_time(fate)).ids) for fate in FATES
        }

    def _read_leaks(self):
        groups = (
            self.env["helpdesk.leak"]
            .with_user(self.lead)
            ._read_group([("ticket_id", "in", self.cases.ids)], ["kind"], ["hours:sum"])
        )
        return dict(groups)

    def _read_run(self, run):
        """What a run says, as values by name."""
        run = run.sudo()
        lines = self.env["account.analytic.line"].sudo()
        inside = run._get_time_run().get_domain() & lines._domain_time("open")
        return {
            "id": run.id,
            "start": run.date_from,
            "end": run.date_to,
            "teams": run.team_ids.ids,
            "customers": run.partner_ids.commercial_partner_id.ids,
            "inside": set(lines.search(inside).ids),
            "rows": [
                {
                    "item": row.sale_line_id.id or None,
                    "error": row.error or "",
                    **{
                        name: row[name]
                        for name in (
                            "decision",
                            "differs",
                            "hours",
                            "is_done",
                            "kind",
                            "quantity",
                            "quantity_billed",
                            "reason",
                        )
                    },
                }
                for row in run.line_ids
            ],
        }

    def is_running(self):
        """Tell whether a run waits for the job."""
        return any(run.state == "running" for run in self.runs)

    # === PEOPLE === #

    def _runner(self, person):
        return (self.accountant, self.seller, self.lead, self.bookkeeper)[person % 4]

    def new_run(self, person, customers, team, start, end, by_order):
        """Plan a run and rehearse it."""
        user = self._runner(person)
        chosen = [self._pick(self.customers, number).id for number in customers]
        # who keeps the books may not choose teams
        teams = {} if team is None else {"team_ids": self._pick(self.teams, team).ids}
        run = (
            self.env["helpdesk.billing.run"]
            .with_user(user)
            .create(
                {
                    "partner_ids": chosen,
                    **teams,
                    "date_from": day(start),
                    "date_to": day(end),
                    "grouping": "order" if by_order else "customer",
                    "post_invoices": user == self.accountant and by_order,
                }
            )
        )
        run.action_rehearse()
        self.touched = run.with_env(self.env)
        self.runs |= self.touched

    def rehearse(self, run, person):
        """Rehearse a run again."""
        chosen = self._pick(self.runs, run)
        chosen.with_user(self._runner(person)).action_rehearse()
        self.touched = chosen

    def decide(self, run, line, leave):
        """Leave a row of a run, or bill it after all."""
        rows = self._pick(self.runs, run).line_ids.sorted("id")
        row = self._pick(rows, line).with_user(self.bookkeeper)
        row.write({"decision": "leave" if leave else "bill"})

    def start_run(self, run, person):
        """Start a run, or take up what went wrong."""
        ready = self.runs.filtered(
            lambda run: run.state == "rehearsed" and run._get_lines_to_do()
        )
        record = self._pick(ready or self.runs, run)
        record.with_user(self._runner(person)).action_run()

    def delete_run(self, run):
        """Delete a run."""
        record = self._pick(self.runs, run)
        record.with_user(self.lead).unlink()
        self.runs -= record

    # === THE JOB === #

    def work(self, customers, dies):
        """The job bills what was started, as many customers as it has time for; or it
        is killed while it bills the next one, and what was not committed is lost.

        :param int customers: how many, None for all
        :param bool dies: whether it is killed then
        """
        running = self.runs.filtered(lambda run: run.state == "running")
        with self._commits(customers, dies) as job, contextlib.suppress(Killed):
            job.with_env(self.env)._cron_run()
        self.finished = running.filtered(lambda run: run.state == "done")
        if customers is None and running - self.finished:
            raise AssertionError("the job ended, and a run is not done")

    @contextlib.contextmanager
    def _commits(self, customers, dies):
        """Let commits of the job be savepoints, so that a kill undoes what came after."""
        kept = [self.env.cr.savepoint()]
        done = {"customers": 0, "started": 0}

        def commit(cron, processed=0, **kwargs):
            kept.pop().close(rollback=False)
            kept.append(self.env.cr.savepoint())
            done["customers"] += processed
            is_over = customers is not None and done["customers"] >= customers
            return 0.0 if is_over and not dies else 60.0

        make = HelpdeskBillingRun._make_invoices

        def make_or_die(run, lines):
            moves = make(run, lines)
            done["started"] += 1
            if dies and done["started"] > (customers or 0):
                raise Killed
            return moves

        with (
            patch.object(IrCron, "_commit_progress", commit),
            patch.object(HelpdeskBillingRun, "_make_invoices", make_or_die),
        ):
            try:
                yield self.env["helpdesk.billing.run"]
            except Killed:
                kept.pop().close(rollback=True)
                self.env.invalidate_all(flush=False)
                raise
        if kept:
            kept.pop().close(rollback=False)

    def bill_month(self, customers, start, end, by_order, kills):
        """Rehearse and run in one go: nothing can come between but kills of the job.

        :param list kills: how many customers the job bills before each of them
        """
        self.new_run(0, customers, None, start, end, by_order)
        run = self.touched
        run.with_user(self.accountant).action_run()
        waiting = self.runs.filtered(lambda other: other.state == "running") - run
        self.is_undisturbed = not waiting
        for billed in kills:
            self.work(billed, True)
        if run.state != "done":
            self.work(None, False)
