from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicket(models.Model):
    """Tickets of another desk come with their numbers and dates, and in silence."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "helpdesk.import.mixin"]

    opened_date = fields.Datetime(
        string="Opened On",
        compute="_compute_opened_date",
        inverse="_inverse_opened_date",
        copy=False,
        help="When the ticket was opened, at the former desk for what was imported.",
    )

    # === COMPUTE METHODS === #

    @api.depends("create_date")
    def _compute_opened_date(self):
        for ticket in self:
            ticket.opened_date = ticket.create_date

    def _inverse_opened_date(self):
        if not self._is_moving_in():
            raise ValidationError(
                self.env._(
                    "When a ticket was opened cannot be written. It comes with the file "
                    "of an import only."
                )
            )
        for date, tickets in self.grouped("opened_date").items():
            if date:
                tickets._set_opened(date)

    @api.depends("timesheet_ids.billed_elsewhere")
    def _compute_hours(self):
        """Time that was billed elsewhere is covered."""
        super()._compute_hours()

    # === IMPORT === #

    @api.model
    def load(self, fields, data):
        """Bring in tickets of a file as they were: no mail, no assignment, numbers and
        dates as given. See the stock method.

        :param list[str] fields: a path to a field per column
        :param list[list[str]] data: rows
        :return: ``ids``, ``messages`` and ``nextrow``
        :rtype: dict
        :raise ValidationError: if this is no table, or has time in it, which a second
            import would double
        """
        self._check_import_table(fields, data)
        if any(name.partition("/")[0] == "timesheet_ids" for name in fields):
            raise ValidationError(
                self.env._(
                    "Time comes by a file of its own, with an External ID in each row: "
                    "Timesheets, Import records. Leave it out of the tickets' file."
                )
            )
        return super(HelpdeskTicket, self._as_moving_in()).load(fields, data)

    def _load_records_create(self, vals_list):
        return super()._load_records_create(
            [
                vals if self._closes(vals) else vals | {"close_date": False}
                for vals in vals_list
            ]
        )

    def _get_changed_values(self, values):
        """A row of a ticket that is open does not close it by a date alone."""
        changed = super()._get_changed_values(values)
        if not self._closes(values):
            changed.pop("close_date", None)
        return changed

    def _closes(self, values):
        """Whether a row leaves a ticket closed. Desks keep when one was closed that was
        opened again.

        :param dict values: what the row gives
        :rtype: bool
        """
        stage = self.stage_id.browse(values.get("stage_id")) or self.stage_id
        return stage.fold

    @api.model
    def get_import_templates(self):
        """Offer the template of tickets on the import screen.

        :return: ``label`` and ``template`` of each
        :rtype: list[dict]
        """
        return [
            {
                "label": self.env._("Import Template for Tickets"),
                "template": "/helpdesk_import/static/csv/tickets.csv",
            }
        ]

    @api.model
    def _get_import_only_fields(self):
        return [
            *super()._get_import_only_fields(),
            "ticket_ref",
            "first_response_date",
        ]
