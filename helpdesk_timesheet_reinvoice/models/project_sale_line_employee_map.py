from odoo import models


class ProjectSaleLineEmployeeMap(models.Model):
    _inherit = "project.sale.line.employee.map"

    # === CRUD METHODS === #

    def unlink(self):
        """Unbilled ticket time goes back to the item of its ticket."""
        projects = self.project_id
        result = super().unlink()
        projects._recompute_ticket_sale_lines()
        return result
