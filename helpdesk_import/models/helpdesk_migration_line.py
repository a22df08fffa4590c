from odoo import api, fields, models

ENTITIES = [
    ("team", "Teams"),
    ("stage", "Stages"),
    ("type", "Types"),
    ("category", "Categories"),
    ("channel", "Channels"),
    ("tag", "Tags"),
    ("contact", "Contacts"),
    ("user", "Users"),
    ("ticket", "Tickets"),
    ("message", "Messages"),
    ("file", "Files"),
    ("follower", "Followers"),
    ("order", "Order Links"),
    ("time", "Time"),
    ("rating", "Ratings"),
    ("rule", "Rules"),
    ("item", "Order Item"),
]


class HelpdeskMigrationLine(models.Model):
    """What a rehearsal, a move or a comparison has to say."""

    _name = "helpdesk.migration.line"
    _description = "Move from an Old Desk: Result"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, id"

    migration_id = fields.Many2one(
        "helpdesk.migration", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("count", "Count"),
            ("problem", "Cannot Come"),
            ("sum", "Both Sides"),
            ("difference", "Difference"),
        ],
        required=True,
    )
    sequence = fields.Integer(export_string_translation=False)
    entity = fields.Selection(ENTITIES, string="What", required=True)
    name = fields.Char(string="Which")
    reason = fields.Text()
    found = fields.Integer(help="On the old desk.")
    here = fields.Integer(string="Known", help="Here already.")
    new = fields.Integer()
    left = fields.Integer(string="Left Out")
    number = fields.Integer(string="Times")
    hours = fields.Float()
    old_value = fields.Float(string="There")
    new_value = fields.Float(string="Here")
    is_equal = fields.Boolean(string="Equal", compute="_compute_is_equal")

    # === COMPUTE METHODS === #

    @api.depends("old_value", "new_value")
    def _compute_is_equal(self):
        for line in self:
            line.is_equal = abs(line.old_value - line.new_value) < 0.001
