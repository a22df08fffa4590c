from contextlib import contextmanager

from odoo.exceptions import UserError

from .common import SALESMAN, ReinvoiceCommon

APPROVER = "hr_timesheet.group_hr_timesheet_approver"
PROJECT_USER = "project.group_project_user"
PROJECT_MANAGER = "project.group_project_manager"
TIMESHEET_USER = "hr_timesheet.group_hr_timesheet_user"


class RuleCommon(ReinvoiceCommon):
    """The world of the rules: the tickets of both customers are billed, each on the
    item of its customer. Lena leads projects without helpdesk rights, Pia logs project
    time without them, Otto sells his own orders only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.ticket | cls.ticket_a2).write({"sale_line_id": cls.item_a.id})
        (cls.ticket_b | cls.ticket_assigned).write({"sale_line_id": cls.item_b.id})
        project = f"{PROJECT_USER},{TIMESHEET_USER}"
        cls.project_lead, cls.project_user, cls.own_salesman = cls._new_users(
            {
                "login": "hd_project_lead",
                "groups": PROJECT_MANAGER,
                "name": "Lena Lead",
            },
            {"login": "hd_project_user", "groups": project, "name": "Pia Project"},
            {"login": "hd_own_sales", "groups": SALESMAN, "name": "Otto Own"},
        )
        cls.env["hr.employee"].create(
            {"name": "Pia Project", "user_id": cls.project_user.id}
        )

    # === HELPERS === #

    @contextmanager
    def _refused(self, sentence):
        """What is done inside is refused with a sentence, and changes nothing."""
        with self.assertRaisesRegex(UserError, sentence), self.env.cr.savepoint():
            yield
            self.env.flush_all()
        self.env.invalidate_all()

    def _new_rate(self, employee, item, project=None):
        """Rate of a person on the support project, given by its project manager."""
        return (
            self.env["project.sale.line.employee.map"]
            .with_user(self.project_lead)
            .create(
                {
                    "project_id": (project or self.project).id,
                    "employee_id": employee.id,
                    "sale_line_id": item.sudo().id,
                }
            )
        )

    def _new_task(self, name="Oven works", **values):
        values.setdefault("project_id", self.project.id)
        return self.env["project.task"].create({"name": name, **values})

    def _bill(self, line):
        """Put a line on a posted invoice."""
        invoice = self._invoice(line.so_line.order_id)
        self.assertTrue(invoice)
        invoice.action_post()
        self.assertEqual(line.timesheet_invoice_id, invoice)
        return invoice

    def _second_team(self, bills=True, **values):
        """Another team that records time on a project of its own."""
        team = self._new_team("Rescue", self.team.stage_ids, self.agent, **values)
        team.write(
            {"use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": bills}
        )
        return team
