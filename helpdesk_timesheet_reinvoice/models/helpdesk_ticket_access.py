from odoo import api, models
from odoo.exceptions import AccessError


class HelpdeskTicket(models.Model):
    """A ticket opens no project or task that its reader may not open."""

    _inherit = "helpdesk.ticket"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        for ticket in tickets if not self.env.su else ():
            ticket._check_may_open_project(ticket.sudo().project_id)
        return tickets

    def write(self, vals):
        if self.env.su or not vals.get("project_id"):
            return super().write(vals)
        former = {ticket: ticket.sudo().project_id for ticket in self}
        result = super().write(vals)
        for ticket, project in former.items():
            ticket._check_may_open_project(ticket.sudo().project_id - project)
        return result

    def onchange(self, values, field_names, fields_spec):
        """Where a task leads is read with raised rights."""
        task = self._get_named_in_form("task_id", values)
        self._check_may_take_tasks([{"task_id": task.id}] if task else [])
        return super().onchange(values, field_names, fields_spec)

    # === BUSINESS METHODS === #

    def _check_may_open_project(self, project):
        """Rights are asked for a project that a person names. Those of the ticket's own
        team and task are open to all who work on the ticket.

        :param project: ``project.project`` that was named, may be empty
        :raise AccessError: if the user may not read it
        """
        ticket = self.sudo()
        if project - ticket.team_id.project_id - ticket.task_id.project_id:
            project.with_env(self.env).check_access("read")

    @api.model
    def _check_may_take_tasks(self, vals_list):
        """The time of a task becomes time of its ticket: nobody takes that of a task
        that person may not see.

        :param list[dict] vals_list: checked values for ``create`` or ``write``
        :raise AccessError: if a task is hidden from the user
        """
        if self.env.su or not vals_list:
            return
        default = self.default_get(["task_id"]).get("task_id")
        to_id = self._fields["task_id"].convert_to_cache
        ids = {to_id(vals.get("task_id", default), self) for vals in vals_list}
        tasks = self.env["project.task"].browse(ids - {None})
        # those that do not exist are refused with the other bad values
        if not tasks.exists().has_access("read"):
            raise AccessError(
                self.env._(
                    "You may not see this task, so you cannot choose it for a ticket. "
                    "Ask somebody who works on its project to do it."
                )
            )
