"""The world of the machine with stock tasks: no helpdesk addon is needed."""

from .money import MoneyWorld

CASES = """
    SELECT task.id, task.sale_line_id, partner.commercial_partner_id,
           task.project_id, task.id, NULL, task.active, TRUE
      FROM project_task task
      LEFT JOIN res_partner partner ON partner.id = task.partner_id
     WHERE task.id > %s
     ORDER BY task.id
"""


class TaskWorld(MoneyWorld):
    """Tasks of two projects in the place of tickets."""

    case_model = "project.task"
    case_table = "project_task"
    case_column = "task_id"
    case_query = CASES
    worker_groups = "project.group_project_user,hr_timesheet.group_hr_timesheet_user"
    planner_groups = (
        "project.group_project_manager,hr_timesheet.group_hr_timesheet_user,"
        "sales_team.group_sale_salesman_all_leads"
    )

    def _make_cases(self):
        """Two tasks of customer A, one of B, one without customer."""
        self.cases = self.env["project.task"]
        for customer, project in ((0, 0), (3, 1), (1, 0), (None, 0)):
            self.new_case(customer, project)

    # === TASKS === #

    def new_case(self, customer, team):
        """Make a task, for a customer or nobody."""
        partner = (
            self._pick(self.customers, customer)
            if customer is not None
            else self.customers.browse()
        )
        task = (
            self.env["project.task"]
            .with_user(self.planner)
            .create(
                {
                    "name": "Case",
                    "project_id": self._pick(self.projects, team).id,
                    "partner_id": partner.id,
                }
            )
        )
        self.cases |= task.with_env(self.env)

    def _task(self, case):
        return self._pick(self.cases, case).with_user(self.planner)

    def _get_line_values(self, case):
        return {"task_id": case.id, "project_id": case.project_id.id}

    def set_case_item(self, case, item):
        """Choose the item of a task."""
        items = self._items_for(self._pick(self.cases, case), ("sale", "cancel"))
        chosen = self._pick(items, item)
        self._task(case).write({"sale_line_id": chosen.id})

    def clear_case_item(self, case):
        """Remove the item of a task."""
        self._task(case).write({"sale_line_id": False})

    def set_customer(self, case, customer):
        """Change the customer of a task."""
        partner = self._pick(self.customers, customer)
        self._task(case).write({"partner_id": partner.id})

    def set_customer_and_item(self, case, customer, item):
        """Change customer and item in one go."""
        partner = self._pick(self.customers, customer)
        chosen = self._pick(self._items(("sale", "cancel")), item)
        values = {"partner_id": partner.id, "sale_line_id": chosen.id}
        self._task(case).write(values)

    def set_project(self, case, project):
        """Move a task to another project."""
        chosen = self._pick(self.projects, project)
        self._task(case).write({"project_id": chosen.id})

    def archive(self, case, active):
        """Archive a task, or bring it back."""
        self._task(case).write({"active": active})

    def delete_case(self, case):
        """Delete a task."""
        task = self._task(case)
        task.unlink()
        self.cases -= task

    def move_line(self, line, case):
        """Hand a line to another task."""
        record = self._own(self._pick(self._lines(), line))
        record.write({"task_id": self._pick(self.cases, case).id})
