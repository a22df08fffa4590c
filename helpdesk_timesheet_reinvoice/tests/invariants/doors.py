"""Ways into the desk that are no form of a ticket: screens, calendars, clients that
send what they like, and people who come and go."""

from .world import day

#: Keys that steer steps inside the server; a client that sends them changes nothing.
FORGED = (
    "helpdesk_amounts_later",
    "helpdesk_hours_to_explain",
    "helpdesk_invoice_ticket_ids",
    "helpdesk_keep_ticket_time",
    "helpdesk_open_time_only",
    "helpdesk_quantity_follows_time",
)


class Doors:
    """To be mixed into :class:`desk.DeskWorld`."""

    def _values_of(self, case, hours, on):
        return {
            "name": "Through another door",
            "unit_amount": hours,
            "date": day(on),
            "helpdesk_ticket_id": case.id,
        }

    def log_from_screen(self, case, hours, person, on, item):
        """Log time from a screen that proposes an item of its own."""
        worker = self._pick(self.workers, person)
        proposed = self._pick(self._items(), item).id
        lines = self.env["account.analytic.line"].with_user(worker)
        lines = lines.with_context(
            default_so_line=proposed, default_is_so_line_edited=True
        )
        lines.create(self._values_of(self._pick(self.cases, case), hours, on))

    def log_forged(self, case, hours, person, on):
        """Log time with a client that sends every key it has heard of."""
        worker = self._pick(self.workers, person)
        lines = self.env["account.analytic.line"].with_user(worker)
        lines = lines.with_context(**dict.fromkeys(FORGED, True))
        lines.create(self._values_of(self._pick(self.cases, case), hours, on))

    def log_in_calendar(self, case, hours, person, on):
        """Log a whole week in the calendar, days off included."""
        worker = self._pick(self.workers, person)
        record = self._pick(self.cases, case)
        lines = self.env["account.analytic.line"].with_user(worker)
        lines = lines.with_context(timesheet_calendar=True)
        lines.create(
            [{**self._values_of(record, hours, on + step)} for step in range(7)]
        )

    def leave(self, person, back):
        """Somebody leaves, or comes back: open tickets go back to the team."""
        worker = self._pick(self.workers, person)
        self._ticket(0).write({"user_id": worker.id if back else False})
        worker.active = back
        worker.with_context(active_test=False).employee_ids.active = back
        if not back and self.cases.filtered(
            lambda ticket: ticket.user_id == worker and not ticket.is_closed
        ):
            raise AssertionError("somebody who left has open tickets")

    def archive_team(self, team, active):
        """Close a team, or open it again."""
        record = self._pick(self.teams, team).with_user(self.lead)
        record.with_context(active_test=False).write({"active": active})
