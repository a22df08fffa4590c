from odoo import api, fields, models


class ProjectTask(models.Model):
    _inherit = "project.task"

    # Mirror of the ticket's `task_id`, kept on the task because logging time reads the
    # task anyway: time on plain tasks must not cost a query for tickets it lacks.
    helpdesk_ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Ticket",
        compute="_compute_helpdesk_ticket_id",
        inverse="_inverse_helpdesk_ticket_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        help="Ticket this task serves. Time on the task counts as time of the ticket.",
    )

    # === COMPUTE METHODS === #

    @api.depends()
    def _compute_helpdesk_ticket_id(self):
        """Asked for by the ticket when its task changes; new tasks have no ticket."""
        tickets = self.env["helpdesk.ticket"]
        if self.ids:
            tickets = tickets.sudo().with_context(active_test=False)
            tickets = tickets.search_fetch([("task_id", "in", self.ids)], ["task_id"])
        ticket_by_task = {ticket.task_id.id: ticket.id for ticket in tickets}
        for task in self:
            task.helpdesk_ticket_id = ticket_by_task.get(task.id, False)

    def _inverse_helpdesk_ticket_id(self):
        """Choosing the ticket on the task is choosing the task on the ticket."""
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False)
        served = Ticket.sudo().search([("task_id", "in", self.ids)])
        for task in self:
            ticket = task.helpdesk_ticket_id
            served_by_task = served.filtered(lambda t, task=task: t.task_id == task)
            if served_by_task == ticket:
                continue
            (served_by_task | ticket).sudo(self.env.su).check_access("write")
            served_by_task.write({"task_id": False})
            if ticket:
                ticket.sudo().write({"task_id": task.id})

    # === CRUD METHODS === #

    def write(self, vals):
        """A task that moves takes its ticket along, and the ticket its unbilled time."""
        result = super().write(vals)
        if "project_id" in vals:
            self.sudo().helpdesk_ticket_id._move_time_to_project()
        return result

    # === BUSINESS METHODS === #

    def _refresh_helpdesk_ticket(self):
        """Let the tasks look up the ticket they serve, after a ticket changed."""
        self.env.add_to_compute(self._fields["helpdesk_ticket_id"], self)

    def _get_ticket_of_time(self):
        """Ticket that time on this task belongs to: the one it serves, unless the team
        of that ticket records no time; then it is time of the task alone, as ever.

        :rtype: helpdesk.ticket
        """
        ticket = self.sudo().helpdesk_ticket_id
        return ticket.filtered("team_id.use_helpdesk_timesheet")
