from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.helpdesk_base.tools import format_clock, parse_duration

# What is longer than a day was meant as minutes, or is to be split over its days.
MAX_HOURS_PER_ENTRY = 24


class HelpdeskTimeEntryMixin(models.AbstractModel):
    """Time in one row: text, hours, and what addons ask for beside.

    The row on the ticket, the one beside an answer and whatever else records time in
    passing ask the same four methods; the time itself is created as any other.
    """

    _name = "helpdesk.time.entry.mixin"
    _description = "Time in One Row"

    # === ACTION METHODS === #

    @api.readonly
    def get_time_entry(self):
        """What a screen needs to draw the row of this ticket; nothing is written. A
        ticket that is not saved yet is no record: its row asks for text and hours.

        :return: ``can_log``: whether the user may record time here; ``refusal``: why
            not, or empty; ``hours``: proposed hours; ``placeholder``: what to write,
            empty where the screen knows; ``fields``: see :meth:`_get_time_entry_fields`;
            ``notice``: see :meth:`_get_time_entry_notice`
        :rtype: dict
        :raise AccessError: if the user may not read the ticket
        """
        if self:
            self.ensure_one()
            self.check_access("read")
        refusal = self._get_time_entry_refusal()
        return {
            "can_log": not refusal,
            "refusal": refusal,
            "hours": self._get_time_entry_hours(),
            "placeholder": self._get_time_entry_placeholder(),
            "fields": self._get_time_entry_fields() if self and not refusal else [],
            "notice": self._get_time_entry_notice() if self and not refusal else {},
        }

    def action_log_time(self, values):
        """Record time on this ticket, as the user.

        :param dict values: ``name``: what was done; ``hours``: a number of hours, or a
            text such as ``1:30``, ``1.5`` or ``90m``; ``date``: the day, today by
            default; and the names that :meth:`_get_time_entry_fields` offers
        :return: id of the new time line
        :rtype: int
        :raise ValidationError: if a value makes no sense, or the ticket takes no time
        :raise AccessError: if the user may not record time on it
        """
        return self._log_time(values)

    @api.readonly
    def preview_time(self, values):
        """Say what would become of time if it was recorded; nothing is written.

        :param dict values: see :meth:`action_log_time`
        :return: one sentence, or what is wrong with the values; empty without hours
        :rtype: str
        :raise AccessError: if the user may not read the ticket
        """
        self.ensure_one()
        self.check_access("read")
        if isinstance(values, dict) and values.get("hours") in (None, False, "", 0):
            return ""
        try:
            line = self._new_time_line(self._read_time_entry(values))
        except ValidationError as error:
            return error.args[0]
        return self._describe_time(line)

    # === BUSINESS METHODS === #

    def _log_time(self, values, started=None):
        """Record time on this ticket, see :meth:`action_log_time`.

        :param dict values: what was entered
        :param datetime started: when the work began, in UTC, if that was measured and it
            was not interrupted
        :return: id of the new time line
        :rtype: int
        """
        self.ensure_one()
        vals = self._read_time_entry(values)
        if started:
            vals.update(self._get_started_values(started))
        return self.env["account.analytic.line"].create(vals).id

    @api.model
    def _get_started_values(self, started):
        """What time tells of the moment at which the work began. Nothing by default;
        meant for override by addons that look at it.

        :param datetime started: in UTC
        :return: values for ``create`` of ``account.analytic.line``
        :rtype: dict
        """
        return {}

    def _get_time_entry_fields(self):
        """What the row asks for beside text and hours. Meant for override by addons
        that add a field to time; the value is given to ``create`` as it was chosen.

        :return: of each field its ``name`` on ``account.analytic.line``, its ``label``,
            the ``options`` as pairs of id and text, and the ``value`` that is proposed:
            an id, or False
        :rtype: list[dict]
        """
        return []

    def _get_time_entry_hours(self):
        """Hours that the row proposes. Meant for override.

        :rtype: float
        """
        return 0.0

    def _get_time_entry_notice(self):
        """What stands beside the row before anything is typed, such as a balance. Nothing
        by default; meant for override.

        :return: ``text``, and ``level``: success, warning or danger; empty for nothing
        :rtype: dict
        """
        return {}

    def _get_time_entry_placeholder(self):
        """Ask for the text in the language of the customer, who reads it, where it is
        not that of the user.

        :rtype: str
        """
        code = self.sudo().partner_id.lang
        if not code or code == (self.env.lang or "en_US"):
            return ""
        language = self.env["res.lang"]._get_data(code=code).name
        return self.env._("What was done? In %(language)s", language=language or code)

    def _get_time_entry_refusal(self):
        """Why the user cannot record time on this ticket.

        :return: a sentence that says what to do, empty if it can be recorded
        :rtype: str
        """
        if not self.env["account.analytic.line"].has_access("create"):
            return self.env._(
                "To record time, you need the right to your own timesheets."
            )
        if not self._get_employees_here():
            return self.env._(
                "To record time, you need to be an employee of this company."
            )
        return self._get_time_refusal() if self else ""

    def _get_employees_here(self):
        """Employees of the user whose time may be recorded in the chosen companies."""
        employees = self.env.user.sudo().employee_ids
        return employees.filtered(
            lambda employee: employee.company_id in self.env.companies
        )

    def _read_time_entry(self, values):
        """Read what was entered in a row.

        :param dict values: see :meth:`action_log_time`
        :return: values for ``create`` of ``account.analytic.line``
        :rtype: dict
        :raise ValidationError: if a value makes no sense
        """
        if not isinstance(values, dict):
            raise ValidationError(
                self.env._("Say what was done and how long it took, by name.")
            )
        offered = {
            field["name"]: field["value"] for field in self._get_time_entry_fields()
        }
        unknown = values.keys() - {"name", "hours", "date"} - offered.keys()
        if unknown:
            raise ValidationError(
                self.env._(
                    "Time is not recorded with “%(names)s”. Leave it out.",
                    names=", ".join(sorted(map(str, unknown))),
                )
            )
        # what the row proposed and nobody changed is no choice of a person
        vals = {
            name: values[name]
            for name in offered.keys() & values.keys()
            if values[name] != offered[name]
        }
        if values.get("date"):
            vals["date"] = values["date"]
        return {
            **vals,
            "helpdesk_ticket_id": self.id,
            "name": values.get("name") or "",
            "unit_amount": self._read_hours_entered(values.get("hours")),
        }

    @api.model
    def _read_hours_entered(self, value):
        """Read hours as they were entered.

        :param value: a number of hours, or a text
        :return: hours
        :rtype: float
        :raise ValidationError: if that is no duration, or longer than a day
        """
        try:
            hours = parse_duration(value)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "“%(value)s” is no duration. Write 1:30, 1.5 or 90m.",
                    value=str(value or "")[:40],
                )
            ) from None
        if hours <= 0:
            raise ValidationError(
                self.env._("Say how long it took: more than no time at all.")
            )
        if hours > MAX_HOURS_PER_ENTRY:
            raise ValidationError(
                self.env._(
                    "%(hours)s h is more than a day. Write minutes as 90m, or "
                    "record each day by itself.",
                    hours=format_clock(hours),
                )
            )
        return hours

    def _new_time_line(self, vals):
        """A time line that is not saved, with all that its rules make of it.

        :param dict vals: see :meth:`_read_time_entry`
        :rtype: account.analytic.line
        :raise ValidationError: if a value makes no sense
        """
        Line = self.env["account.analytic.line"]
        vals = dict(Line._clean_input_list([vals])[0])
        employees = self._get_employees_here()
        own = employees.filtered(lambda e: e.company_id == self.sudo().company_id)
        employee = (own or employees)[:1]
        vals.setdefault("date", fields.Date.context_today(self))
        Line._complete_line_of_ticket(vals, self.sudo())
        return Line.sudo().new(
            {**vals, "employee_id": employee.id, "user_id": self.env.uid}
        )

    def _describe_time(self, line):
        """Say what becomes of a time line. Meant for override by what does more with
        time than to record it.

        :param line: ``account.analytic.line`` that is not saved
        :rtype: str
        """
        return self.env._(
            "%(hours)s on %(project)s",
            hours=format_clock(line.unit_amount),
            project=line.project_id.name or "-",
        )
