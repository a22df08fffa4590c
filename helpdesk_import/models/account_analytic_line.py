from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AccountAnalyticLine(models.Model):
    """Time on tickets comes from another desk, and never twice; what that desk has
    billed is not billed again."""

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "helpdesk.import.mixin"]
    # What would bill time that was billed elsewhere.
    _item_choice_fields = frozenset({"so_line", "is_so_line_edited"})

    billed_elsewhere = fields.Boolean(
        copy=False,
        help="This time was invoiced before it was imported: it is covered, and nothing "
        "bills it here.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("billed_elsewhere", "helpdesk_ticket_id")
    def _check_billed_elsewhere(self):
        if any(line.billed_elsewhere and not line.helpdesk_ticket_id for line in self):
            raise ValidationError(
                self.env._("Time that was billed elsewhere is, and stays, of a ticket.")
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Time that was billed elsewhere has no item, as if a person had said so: that
        stays when this addon is gone."""
        for vals in vals_list:
            if vals.get("billed_elsewhere"):
                vals.update(so_line=False, is_so_line_edited=True)
        return super().create(vals_list)

    def write(self, vals):
        """Nothing gives an item to time that was billed elsewhere, as long as it is."""
        vals = self._clean_input(vals)
        if "billed_elsewhere" in vals:
            given = {"is_so_line_edited": bool(vals["billed_elsewhere"])}
            if vals["billed_elsewhere"]:
                given["so_line"] = False
            return super().write(vals | given)
        elsewhere = self.browse()
        if self._item_choice_fields & vals.keys():
            elsewhere = self.sudo().filtered("billed_elsewhere").with_env(self.env)
        if not elsewhere:
            return super().write(vals)
        if not self.env.su:
            elsewhere._check_not_locked(elsewhere._get_changed_names(vals))
        rest = {k: v for k, v in vals.items() if k not in self._item_choice_fields}
        super(AccountAnalyticLine, elsewhere).write(rest)
        return super(AccountAnalyticLine, self - elsewhere).write(vals)

    # === BILLED ELSEWHERE === #

    @api.model
    def _domain_billed_elsewhere(self):
        elsewhere = Domain("billed_elsewhere", "=", True)
        return super()._domain_billed_elsewhere() | elsewhere

    def _may_be_cut(self):
        """There is nothing to bill in parts."""
        return not any(self.mapped("billed_elsewhere")) and super()._may_be_cut()

    def _get_so_line_reason(self):
        if self.billed_elsewhere:
            return self.env._("Billed elsewhere, before it was imported")
        return super()._get_so_line_reason()

    def _get_changed_names(self, values):
        """No item is what time has that was billed elsewhere."""
        names = super()._get_changed_names(values)
        if not values.get("so_line") and all(self.mapped("billed_elsewhere")):
            names.discard("so_line")
        return names

    def _get_lock_reasons(self, names=None):
        reasons = super()._get_lock_reasons(names)
        is_chosen = names and names & self._item_choice_fields
        if not is_chosen or "billed_elsewhere" in names:
            return reasons
        elsewhere = self.sudo().filtered("billed_elsewhere")
        if elsewhere:
            reasons.append(
                self.env._(
                    "Time of %(tickets)s was billed elsewhere, before it was imported. "
                    "Import its row with Billed Elsewhere 0 to bill it here.",
                    tickets=", ".join(
                        elsewhere.helpdesk_ticket_id.mapped("display_name")
                    ),
                )
            )
        return reasons

    def _get_ruled_fields(self):
        """What was billed elsewhere is said by the file of an import, by who may bill
        other hours than were worked."""
        ruled = super()._get_ruled_fields()
        is_known = self.env["helpdesk.ticket"]._is_moving_in() and any(
            map(self.env.user.has_group, self._write_off_groups)
        )
        return ruled if is_known else ruled | {"billed_elsewhere"}

    def _get_ruled_reason(self, names):
        if "billed_elsewhere" not in names:
            return super()._get_ruled_reason(names)
        return self.env._(
            "That time was billed elsewhere is said by the file of an import. Ask an "
            "administrator of the helpdesk or an accountant to import it."
        )

    # === IMPORT === #

    @api.model
    def load(self, fields, data):
        """Refuse rows without a key that would double time on tickets. See the stock
        method.

        A key is asked for where rows would really double: the former desk's time, and
        what is there already. Whoever imports the week's work without one goes on.

        :param list[str] fields: a path to a field per column
        :param list[list[str]] data: rows
        :return: ``ids``, ``messages`` and ``nextrow``
        :rtype: dict
        :raise ValidationError: if this is no table
        """
        self._check_import_table(fields, data)
        keyless = self._find_rows_without_key(fields, data)
        row = self._find_elsewhere_without_key(fields, data, keyless)
        if row is not None:
            return self._refuse_without_key(row)
        env = self.env["helpdesk.ticket"]._as_moving_in().env
        savepoint = self.env.cr.savepoint()
        result = super(AccountAnalyticLine, self.with_env(env)).load(fields, data)
        row = self._find_doubled(result["ids"] or [], keyless)
        savepoint.close(rollback=row is not None)
        return result if row is None else self._refuse_without_key(row)

    @api.model
    def _refuse_without_key(self, row):
        """What ``load`` returns for a row that would double time."""
        message = self.env._(
            "This time on a ticket would be there twice. Give each row its External ID: "
            "by it, a second import of the file doubles no hours."
        )
        rows = {"from": row, "to": row}
        message = {"type": "error", "message": message, "rows": rows, "record": row}
        return {"ids": False, "messages": [message], "nextrow": 0}

    @api.model
    def _find_rows_without_key(self, fields, data):
        """Indexes of rows that no second import would find again.

        :rtype: list[int]
        """
        keys = [i for i, name in enumerate(fields) if name in ("id", ".id")]
        return [i for i, row in enumerate(data) if not any(row[k] for k in keys)]

    @api.model
    def _find_elsewhere_without_key(self, fields, data, keyless):
        """Index of the first row without a key that was billed elsewhere: nothing but
        a file says so, and that file comes again. None if there is none."""
        if "billed_elsewhere" not in fields:
            return None
        column, no = fields.index("billed_elsewhere"), ("", "0", "false", "no", "none")
        return next(
            (i for i in keyless if str(data[i][column]).strip().lower() not in no), None
        )

    @api.model
    def _find_doubled(self, ids, keyless):
        """Index of the first imported row without a key whose time was there before the
        import, by ticket, day, person, text and hours. None if there is none."""
        rows = {ids[i]: i for i in keyless if i < len(ids)}
        lines = self.sudo().browse(rows).filtered("helpdesk_ticket_id")
        if not lines:
            return None
        others = self.sudo().search(
            Domain("helpdesk_ticket_id", "in", lines.helpdesk_ticket_id.ids)
            & Domain("date", "in", lines.mapped("date"))
            & Domain("id", "not in", ids)
        )
        known = set(map(self._get_same_time_key, others))
        doubled = [rows[x.id] for x in lines if self._get_same_time_key(x) in known]
        return min(doubled, default=None)

    @api.model
    def _get_same_time_key(self, line):
        """What two lines have in common that are the same work."""
        hours, text = round(line.unit_amount, 6), line.name
        return line.helpdesk_ticket_id, line.date, line.employee_id, text, hours

    def _is_imported(self, values):
        """All other time is as stock has it."""
        ticket = self.helpdesk_ticket_id or values.get("helpdesk_ticket_id")
        return bool(ticket) and super()._is_imported(values)

    @api.model
    def get_import_templates(self):
        """Offer the template of time on tickets, beside what stock offers.

        :return: ``label`` and ``template`` of each
        :rtype: list[dict]
        """
        return [
            *super().get_import_templates(),
            {
                "label": self.env._("Import Template for Time on Tickets"),
                "template": "/helpdesk_import/static/csv/time.csv",
            },
        ]
