"""A rule of the choice, a factor, a condition to count, a lock, a field on the forms."""

from odoo import api, fields, models


class HelpdeskTeam(models.Model):
    _inherit = "helpdesk.team"

    leaf_factor = fields.Float(default=1.0)


class HelpdeskTicket(models.Model):
    _inherit = "helpdesk.ticket"

    leaf_night_item_id = fields.Many2one("sale.order.line", "Night Item")

    @api.model
    def _get_fields_for_time(self):
        return [*super()._get_fields_for_time(), "leaf_night_item_id"]

    def _get_close_refusal(self):
        return super()._get_close_refusal() or (
            self.leaf_night_item_id and self.env._("Take the night item off first.")
        )


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    leaf_night = fields.Boolean("At Night")
    leaf_waits = fields.Boolean("Waits")
    leaf_sealed = fields.Boolean("Sealed")

    @api.depends("leaf_night", "helpdesk_ticket_id.team_id.leaf_factor")
    def _compute_billable_hours(self):
        super()._compute_billable_hours()

    def _get_hours_by_rule(self):
        return {
            line: hours * (line.helpdesk_ticket_id.sudo().team_id.leaf_factor or 1.0)
            for line, hours in super()._get_hours_by_rule().items()
        }

    @api.depends("leaf_night", "helpdesk_ticket_id.leaf_night_item_id")
    def _compute_so_line(self):
        return super()._compute_so_line()

    @api.model
    def _get_item_deciders(self):
        deciders = super()._get_item_deciders()
        deciders.insert(deciders.index("_decide_by_rate"), "_decide_by_night")
        return deciders

    def _get_choice_key(self):
        return (*super()._get_choice_key(), self.leaf_night)

    @api.model
    def _decide_by_night(self, work):
        item = work.ticket.leaf_night_item_id
        return (item, "night") if item and work.line.leaf_night else None

    def _get_rule_reason(self, rule):
        if rule == "night":
            return self.env._("Worked at night")
        return super()._get_rule_reason(rule)

    @api.model
    def _get_waiting_fields(self):
        return {**super()._get_waiting_fields(), "leaf_waits": lambda: True}

    def _get_lock_reasons(self, names=None):
        reasons = super()._get_lock_reasons(names)
        if self.filtered("leaf_sealed") and names != {"leaf_sealed"}:
            reasons.append(self.env._("This time is sealed."))
        return reasons
