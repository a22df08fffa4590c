from odoo import fields, models


class HelpdeskPackMovement(models.Model):
    """Hours that leave or come to a pack without being worked, so that it adds up:
    bought + rolled in = used + expired + rolled over + left."""

    _name = "helpdesk.pack.movement"
    _description = "Movement of a Pack"
    _order = "date desc, id desc"
    _check_company_auto = True

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Pack",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        [
            ("expired", "Expired"),
            ("out", "Rolled over"),
            ("in", "Rolled in"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True)
    hours = fields.Float(required=True, readonly=True, help="Always above zero.")
    other_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Other Pack",
        readonly=True,
        ondelete="set null",
        help="Pack that the hours went to or came from.",
    )
    company_id = fields.Many2one(
        related="sale_line_id.company_id", store=True, index=True
    )

    def _get_signed_hours(self):
        """What this movement adds to its pack.

        :rtype: float
        """
        return self.hours if self.kind == "in" else -self.hours
