from odoo import models
from odoo.fields import Domain


class ProjectProject(models.Model):
    _inherit = "project.project"

    # === CRUD METHODS === #

    def write(self, vals):
        """Items that a person chose for ticket time end with the Billable option."""
        result = super().write(vals)
        if "allow_billable" in vals and not vals["allow_billable"]:
            self._release_ticket_items()
        return result

    # === BUSINESS METHODS === #

    def _search_unbilled_ticket_lines(self, domain=Domain.TRUE):
        """Ticket time on these projects that may still change its item.

        :param Domain domain: further conditions on the lines
        :rtype: account.analytic.line
        """
        Line = self.env["account.analytic.line"].sudo()
        return Line.search(
            Domain("project_id", "in", self.ids)
            & Domain("helpdesk_ticket_id", "!=", False)
            & domain
            & ~Line._domain_time("billed")
        )

    def _release_ticket_items(self):
        """Make unbilled ticket time of these projects non-billable, also where a
        person chose the item, and let the choice start anew when Billable returns."""
        lines = self._search_unbilled_ticket_lines()
        chosen = lines.filtered(lambda line: line.so_line or line.is_so_line_edited)
        if chosen:
            chosen.write({"so_line": False, "is_so_line_edited": False})

    def _recompute_ticket_sale_lines(self, employees):
        """Choose the item of unbilled ticket time again, after a rate changed.

        A person's rate applies to tickets of the same customer only, and never makes a
        non-billable ticket billable.

        :param employees: ``hr.employee`` records whose rates changed; the time of
            others keeps its item
        """
        of_people = Domain("employee_id", "in", employees.ids)
        self._search_unbilled_ticket_lines(of_people)._recompute_so_line()
