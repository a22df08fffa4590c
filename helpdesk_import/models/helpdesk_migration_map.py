from odoo import fields, models


class HelpdeskMigrationMap(models.Model):
    """What a company, a team or a stage of the old desk is here."""

    _name = "helpdesk.migration.map"
    _description = "Move from an Old Desk: Mapping"
    _inherit = ["helpdesk.input.mixin"]
    _order = "kind, sequence, old_id, id"

    migration_id = fields.Many2one(
        "helpdesk.migration", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("company", "Company"), ("team", "Team"), ("stage", "Stage")], required=True
    )
    sequence = fields.Integer(export_string_translation=False)
    old_id = fields.Integer(string="ID There", readonly=True)
    old_company_id = fields.Integer(string="Company ID There", readonly=True)
    old_company_name = fields.Char(string="Company There", readonly=True)
    name = fields.Char(string="On the Old Desk", required=True)
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    is_taken = fields.Boolean(string="Bring", default=True)
    is_closed = fields.Boolean(string="Closes", readonly=True)
    company_id = fields.Many2one(
        "res.company", string="Company Here", ondelete="set null"
    )
    team_id = fields.Many2one(
        "helpdesk.team",
        string="Team Here",
        ondelete="set null",
        domain="[('company_id', '=?', company_id)]",
        help="Empty: a team of this name is made.",
    )
    stage_id = fields.Many2one(
        "helpdesk.stage",
        string="Stage Here",
        ondelete="set null",
        help="Empty: a stage of this name is made.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """What is mapped may change until a job runs."""
        if not self.env.su:
            self.migration_id._check_idle()
            # what was passed over comes now, maybe: keys know what is here
            self.migration_id.sudo().write({"position": 0})
        return super().write(vals)

    # === CHECKS === #

    def _get_ruled_fields(self):
        """What the old desk has is read from there."""
        return super()._get_ruled_fields() | {
            "is_closed",
            "kind",
            "migration_id",
            "name",
            "old_company_id",
            "old_company_name",
            "old_id",
            "ticket_count",
        }
