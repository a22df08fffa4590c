from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskWriteOff(models.TransientModel):
    """Bill fewer hours of some time lines than were worked, for a reason."""

    _name = "helpdesk.write.off"
    _description = "Write Off Hours"

    line_ids = fields.Many2many(
        comodel_name="account.analytic.line",
        string="Time",
        required=True,
    )
    mode = fields.Selection(
        [
            ("all", "All of them"),
            ("each", "So many hours of each line"),
            ("total", "So many hours altogether, the newest first"),
        ],
        string="Take Off",
        required=True,
        default="all",
    )
    hours = fields.Float(help="Hours that are not billed.")
    reason = fields.Char(required=True, help="The customer reads it.")
    hours_to_bill = fields.Float(
        string="Billed So Far", compute="_compute_hours_to_bill"
    )
    hours_left = fields.Float(string="Billed Then", compute="_compute_hours_to_bill")

    # === COMPUTE METHODS === #

    @api.depends("hours", "line_ids", "mode")
    def _compute_hours_to_bill(self):
        for form in self:
            form.hours_to_bill = sum(form.line_ids.mapped("billable_hours"))
            form.hours_left = form.hours_to_bill - sum(form._get_shares().values())

    # === ACTION METHODS === #

    def action_write_off(self):
        """Take the hours off, see ``action_write_off`` of the time.

        :return: an action that closes the form
        :rtype: dict
        :raise UserError: if there is nothing to take off
        :raise ValidationError: if there are fewer hours than are to be taken off
        :raise AccessError: for who may not bill other hours than were worked
        """
        self.ensure_one()
        shares = self._get_shares()
        if not any(shares.values()):
            raise UserError(
                self.env._(
                    "Nothing is to be billed of these lines, or no hours are given."
                )
            )
        by_hours = {}
        for line, hours in shares.items():
            if hours:
                by_hours[hours] = by_hours.get(hours, line.browse()) | line
        for hours, lines in by_hours.items():
            lines.action_write_off(hours, self.reason)
        return {"type": "ir.actions.act_window_close"}

    # === BUSINESS METHODS === #

    def _get_shares(self):
        """How many hours each line loses.

        :return: hours by line
        :rtype: dict
        """
        lines = self.line_ids.sorted(lambda line: (line.date, line.id), reverse=True)
        if self.mode == "each":
            return dict.fromkeys(lines, self.hours)
        rest, shares = self.hours, {}
        for line in lines:
            billable = max(line.billable_hours, 0.0)
            shares[line] = billable if self.mode == "all" else min(rest, billable)
            rest -= shares[line]
        if self.mode == "total" and lines and rest > 1e-6:
            shares[lines[0]] += rest  # more than there is: the time says so
        return shares
