from odoo import api, models


class ProjectSaleLineEmployeeMap(models.Model):
    _inherit = "project.sale.line.employee.map"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Unbilled ticket time follows a new rate."""
        rates = super().create(vals_list)
        rates.project_id._recompute_ticket_sale_lines(rates.employee_id)
        return rates

    def write(self, vals):
        """Unbilled ticket time follows a changed rate, also one without item now."""
        projects, employees = self.project_id, self.employee_id
        result = super().write(vals)
        if {"employee_id", "project_id", "sale_line_id"} & vals.keys():
            (projects | self.project_id)._recompute_ticket_sale_lines(
                employees | self.employee_id
            )
        return result

    def unlink(self):
        """Unbilled ticket time goes back to the item of its ticket."""
        projects, employees = self.project_id, self.employee_id
        result = super().unlink()
        projects._recompute_ticket_sale_lines(employees)
        return result
