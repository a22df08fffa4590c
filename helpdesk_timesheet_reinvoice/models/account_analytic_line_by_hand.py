from odoo import api, models
from odoo.exceptions import ValidationError


class AccountAnalyticLine(models.Model):
    """Items that a person chose for a line, apart from those the rules chose.

    Screens send along items that the rules chose while the form was open. Such an item
    is no choice of a person: it is set by hand if it differs from what the rules choose
    for the line as it was saved, or if the client says so (``is_so_line_edited``).
    """

    _inherit = "account.analytic.line"

    # === COMPUTE METHODS === #

    def _compute_so_line(self):
        """An item set by hand ends with the customer it was chosen for: its mark is
        taken off first. That a person chose not to bill a line stays."""
        foreign = self.sudo().filtered(
            lambda line: (
                line.is_so_line_edited
                and line.helpdesk_ticket_id
                and line.so_line
                and line.so_line.helpdesk_commercial_partner_id
                != line.helpdesk_ticket_id.commercial_partner_id
                and line._is_not_billed()
            )
        )
        if foreign:
            foreign.is_so_line_edited = False
        return super()._compute_so_line()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Keep items that a person gave to new lines."""
        lines = super().create(vals_list)
        given = zip(lines, vals_list, strict=True)
        lines.browse(
            line.id for line, vals in given if vals.get("so_line")
        )._check_chosen_item()
        if any(self._gives_item(vals) for vals in vals_list):
            lines._mark_chosen_by_hand()
        return lines

    def write(self, vals):
        """Keep items that a person gives to lines."""
        if "so_line" not in vals:
            return super().write(vals)
        former = {line: line.so_line for line in self.sudo()}
        result = super().write(vals)
        if vals["so_line"]:
            changed = self.browse(
                line.id for line, item in former.items() if line.so_line != item
            )
            changed._check_chosen_item()
            changed.sudo().filtered("helpdesk_ticket_id")._name_customer_of_ticket()
        if self._gives_item(vals):
            self._mark_chosen_by_hand()
        return result

    # === BUSINESS METHODS === #

    def _check_chosen_item(self):
        """Refuse an item that may not bill these lines when it is given to them; one
        that they had before must not stand in the way of other changes.

        :raise ValidationError: with a sentence that says what to do
        """
        ticket_lines = self.sudo().filtered("helpdesk_ticket_id")
        for ticket, lines in ticket_lines._get_lines_by_ticket():
            for item in lines.so_line:
                refusal = item._get_helpdesk_refusal(
                    ticket.commercial_partner_id, ticket.company_id
                )
                if refusal:
                    raise ValidationError(refusal)

    @api.model
    def _gives_item(self, vals):
        """Tell whether a person gives an item without saying if it is by hand.

        :rtype: bool
        """
        return "so_line" in vals and "is_so_line_edited" not in vals and not self.env.su

    def _mark_chosen_by_hand(self):
        """Mark those of the lines whose item is not what the rules choose."""
        chosen = self.sudo().filtered(
            lambda line: (
                line.helpdesk_ticket_id
                and not line.is_so_line_edited
                and line._is_not_billed()
                and line.so_line != line._get_item_by_rule()
            )
        )
        if chosen:
            chosen.write({"is_so_line_edited": True})

    def _get_item_by_rule(self):
        """Item that the rules choose for this line.

        :rtype: sale.order.line
        """
        self.ensure_one()
        item = self.project_id.allow_billable and self._timesheet_determine_sale_line()
        return item or self.env["sale.order.line"]

    def _recompute_so_line(self):
        """Choose the item again for these lines, as far as they may change. Written in
        groups, so that the items before and after are both computed again."""
        field = self._fields["so_line"]
        pending = self.sudo() & self.env.records_to_compute(field).sudo()
        lines_by_item = {}
        for line in self.sudo():
            if line.is_so_line_edited or not line._is_not_billed():
                continue
            item = line._get_item_by_rule()
            if item != line.so_line:
                lines_by_item[item] = lines_by_item.get(item, line.browse()) | line
        for item, lines in lines_by_item.items():
            lines.write({"so_line": item.id})
        # Deleting a record (a rate) lets the ORM mark the former items only.
        pending.modified([field.name])
