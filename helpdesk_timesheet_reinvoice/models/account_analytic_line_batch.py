from collections import defaultdict

from odoo import api, models
from odoo.tools import frozendict

from odoo.addons.helpdesk_base.tools import Private, read_private


class AccountAnalyticLine(models.Model):
    """Many time lines in one call.

    The stock method computes the amount of each new line and writes it on this line
    alone, which is a quarter of the time that a batch takes. The lines of a batch mostly
    have the same amount: it is written on all of them at once.
    """

    _inherit = "account.analytic.line"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if len(vals_list) < 2 or not any(
            v.get("helpdesk_ticket_id") for v in vals_list
        ):
            return super().create(vals_list)
        batch = self.with_context(helpdesk_amounts_later=Private(True))
        lines = super(AccountAnalyticLine, batch).create(vals_list)
        lines = lines.with_env(self.env)
        for line_ids, vals in self._group_given(lines, vals_list):
            lines.browse(line_ids)._timesheet_postprocess(vals)
        return lines

    # === BUSINESS METHODS === #

    @api.model
    def _group_given(self, lines, vals_list):
        """Lines for which the same fields were given, with the values of one of them:
        which fields they are is all that the stock hooks ask for.

        :rtype: list[tuple]
        """
        groups = defaultdict(lambda: ([], {}))
        for line, vals in zip(lines, vals_list, strict=True):
            if not line.project_id:
                continue  # no time
            key = frozenset(name for name, value in vals.items() if value)
            ids, values = groups[key]
            ids.append(line.id)
            values.update(vals)
        return list(groups.values())

    def _timesheet_postprocess(self, values):
        """Lines that are created together wait until all of them are there."""
        if read_private(self.env, "helpdesk_amounts_later"):
            return values
        return super()._timesheet_postprocess(values)

    def _timesheet_postprocess_values(self, values):
        """What several lines get alike is written here, so that nothing is left to be
        written on each of them."""
        result = super()._timesheet_postprocess_values(values)
        groups = defaultdict(list)
        for line_id, given in result.items():
            groups[frozendict(given)].append(line_id)
        for given, line_ids in groups.items():
            if given and len(line_ids) > 1:
                self.browse(line_ids).sudo().write(dict(given))
                result.update((line_id, {}) for line_id in line_ids)
        return result
