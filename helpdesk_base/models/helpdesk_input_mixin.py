import math
from collections.abc import Set
from contextlib import suppress
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import MissingError, ValidationError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS

_MAX_CHAR = 20_000
_MAX_INTEGER = 2**31 - 1
_COMMANDS = tuple(Command)
_COMMANDS_WITH_ID = (Command.UPDATE, Command.DELETE, Command.UNLINK, Command.LINK)
_COMMANDS_WITH_VALUES = (Command.CREATE, Command.UPDATE)
_ID_LISTS = (list, tuple, Set)


class HelpdeskInputMixin(models.AbstractModel):
    """Refuse malformed values with a sentence instead of a server error.

    Screens send well-formed values; imports and remote calls may not. What the
    ORM or PostgreSQL would answer with a traceback (unknown field, text where a
    record is expected, a number that is not finite, a NUL character) is checked
    here, before anything is written.
    """

    _name = "helpdesk.input.mixin"
    _description = "Helpdesk Input Check"

    # Longest accepted text of a Char field, in characters, by field name.
    _input_max_length = {}
    # Many2one fields that are checked for records that exist; empty for all.
    _input_linked_fields = ()
    # Types of required fields that are refused when they are given as empty.
    _input_required_types = ("char", "many2one", "selection")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._clean_input_list(vals_list)
        self._check_required_input(vals_list)
        self._check_linked_input(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        vals = self._clean_input(vals)
        self._check_linked_input([vals])
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_named_in_form(self, name, values):
        """Record that an open form names anew, or that the context proposes for it.

        :param str name: a many2one field
        :param dict values: values of the form
        :return: the record with the rights of the user; empty for none, and for what
            the saved record has anyway
        """
        default = self.env.context.get(f"default_{name}")
        value = values.get(name, False if self else default)
        if isinstance(value, dict):
            value = value.get("id")
        record = self.env[self._fields[name].comodel_name]
        record = record.browse(self._clean_value(name, value) or [])
        return record - self.sudo()[name].with_env(self.env)

    @api.model
    def _clean_input_list(self, vals_list):
        """Return checked copies of the values of new records.

        :param list[dict] vals_list: as given to ``create``
        :rtype: list[dict]
        :raise ValidationError: see :meth:`_clean_input`
        """
        if not isinstance(vals_list, list | tuple):
            vals_list = [vals_list]
        return [self._clean_input(vals) for vals in vals_list]

    @api.model
    def _clean_input(self, vals):
        """Return a checked copy of ``vals``; NUL characters are dropped from texts.

        :param dict vals: values as given to ``create`` or ``write``
        :return: the same values, cleaned
        :rtype: dict
        :raise ValidationError: when a value can never fit its field
        """
        if not isinstance(vals, dict):
            raise ValidationError(
                self.env._("Values must be given as a list of field names and values.")
            )
        return {name: self._clean_value(name, value) for name, value in vals.items()}

    def _clean_value(self, name, value):
        """Check one value; to be extended for field types of other addons."""
        field = self._fields.get(name)
        if field is None:
            raise ValidationError(
                self.env._(
                    "There is no field “%(field)s” on %(model)s.",
                    field=name,
                    model=self._description,
                )
            )
        if value is None or value is False or value == "":
            # what a model inherits from is made by the ORM when it is not given
            required = field.required and name not in self._inherits.values()
            if required and field.type in self._input_required_types:
                raise self._required_error(field)
            return False
        check = getattr(self, f"_clean_type_{field.type}", None)
        return check(field, value) if check else value

    def _check_required_input(self, vals_list):
        """Texts a new record cannot do without, such as its name."""
        for field in self._fields.values():
            if not field.required or field.type != "char" or field.inherited:
                continue
            if field.compute or field.default or field.related:
                continue
            if f"default_{field.name}" in self.env.context:
                continue
            if not all(vals.get(field.name) for vals in vals_list):
                raise self._required_error(field)

    def _check_linked_input(self, vals_list):
        """Records that are pointed to must exist; one query a field."""
        for name in {name for vals in vals_list for name in vals}:
            field = self._fields[name]
            if field.type != "many2one" or field.inherited or name in MAGIC_COLUMNS:
                continue
            if self._input_linked_fields and name not in self._input_linked_fields:
                continue
            ids = {vals[name] for vals in vals_list if isinstance(vals.get(name), int)}
            records = self.env[field.comodel_name].sudo().browse(ids - {False})
            unknown = records - self._get_known_records(records)
            if unknown:
                raise self._input_error(
                    field,
                    self.env._(
                        "a record that exists, and there is none with the ID %(ids)s",
                        ids=", ".join(map(str, unknown.ids)),
                    ),
                )

    @api.model
    def _get_known_records(self, records):
        """Those of the records that exist; they will be read anyway, so read them."""
        known = records.browse()
        for record in records:
            try:
                known |= record if record.write_date else record.exists()
            except MissingError:
                continue
        return known

    def _clean_type_char(self, field, value):
        value = self._clean_type_text(field, value)
        limit = self._input_max_length.get(field.name, _MAX_CHAR)
        if isinstance(value, str) and len(value) > limit:
            raise ValidationError(
                self.env._(
                    "“%(field)s” is limited to %(limit)s characters; %(length)s were"
                    " given. Move the rest to a message or an attachment.",
                    field=self._input_label(field),
                    limit=limit,
                    length=len(value),
                )
            )
        return value

    def _clean_type_text(self, field, value):
        if isinstance(value, dict) and field.translate:
            # a text for each language, as copies of records give it
            languages = dict(self.env["res.lang"].get_installed()).keys() | {"en_US"}
            if value.keys() <= languages:
                return {
                    lang: self._clean_type_text(field, value[lang]) for lang in value
                }
        if isinstance(value, dict | list | tuple | set | bool):
            raise self._input_error(field, self.env._("a text"))
        return value.replace("\x00", "") if isinstance(value, str) else value

    def _clean_type_html(self, field, value):
        return self._clean_type_text(field, value)

    def _clean_type_integer(self, field, value):
        number = self._clean_number(field, value)
        if number != int(number) or abs(number) > _MAX_INTEGER:
            raise self._input_error(field, self.env._("a whole number"))
        return int(number)

    def _clean_type_float(self, field, value):
        return self._clean_number(field, value)

    def _clean_type_monetary(self, field, value):
        return self._clean_number(field, value)

    def _clean_type_boolean(self, field, value):
        # a text such as "false" would count as true
        if isinstance(value, str | list | tuple | dict | set | float):
            raise self._input_error(field, self.env._("true or false"))
        if isinstance(value, int) and value not in (0, 1):
            raise self._input_error(field, self.env._("true or false"))
        return value

    def _clean_type_date(self, field, value):
        try:
            return self._parse_input_date(value)
        except (TypeError, ValueError):
            raise self._input_error(field, self.env._("a date as YYYY-MM-DD")) from None

    def _clean_type_datetime(self, field, value):
        with suppress(ValueError):
            if isinstance(value, str):
                return fields.Datetime.to_datetime(value)
            if isinstance(value, date):
                return value
        raise self._input_error(field, self.env._("a time as YYYY-MM-DD HH:MM:SS"))

    @api.model
    def _parse_input_date(self, value):
        """Return a date for what a caller gave as one.

        :param value: date, time, or text of either in the format of the server
        :rtype: date
        :raise ValueError: when the text is no date, also if only its end is not
        :raise TypeError: when it is neither text nor date
        """
        if isinstance(value, date):
            return fields.Date.to_date(value)
        if not isinstance(value, str):
            raise TypeError(value)
        if len(value) > len("YYYY-MM-DD"):
            value = fields.Datetime.to_datetime(value)
        return fields.Date.to_date(value)

    def _clean_number(self, field, value):
        try:
            if isinstance(value, bool):
                raise ValueError(value)
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise self._input_error(field, self.env._("a number"))
        return number

    def _clean_type_selection(self, field, value):
        allowed = field.get_values(self.env)
        if not isinstance(value, str) or value not in allowed:
            raise self._input_error(field, ", ".join(allowed))
        return value

    def _clean_type_many2one(self, field, value):
        if isinstance(value, models.BaseModel):
            return value
        if not self._is_record_id(value):
            raise self._input_error(field, self.env._("the ID of a record"))
        return value

    def _clean_type_many2many(self, field, value):
        if isinstance(value, models.BaseModel):
            return value
        commands = value if isinstance(value, list | tuple) else None
        if commands is None or not all(map(self._is_x2many_command, commands)):
            raise self._input_error(field, self.env._("a list of record IDs"))
        return value

    def _clean_type_one2many(self, field, value):
        return self._clean_type_many2many(field, value)

    @api.model
    def _is_x2many_command(self, command):
        """Whether it is the ID of a record, or a command with all that it needs."""
        if isinstance(command, int):
            return self._is_record_id(command)
        if not isinstance(command, list | tuple) or not 0 < len(command) <= 3:
            return False
        code, *rest = command
        if code not in _COMMANDS:
            return False
        record_id, values = (*rest, None, None)[:2]
        if code in _COMMANDS_WITH_ID and not self._is_record_id(record_id):
            return False
        if code in _COMMANDS_WITH_VALUES:
            return isinstance(values, dict)
        if code == Command.SET:
            return isinstance(values, _ID_LISTS) and all(
                map(self._is_record_id, values)
            )
        return True

    @api.model
    def _is_record_id(self, value):
        if isinstance(value, api.NewId):
            return True
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and 0 < value <= _MAX_INTEGER
        )

    def _input_label(self, field):
        return field.get_description(self.env, ["string"])["string"]

    def _required_error(self, field):
        return ValidationError(
            self.env._(
                "“%(field)s” is missing. Fill it in.", field=self._input_label(field)
            )
        )

    def _input_error(self, field, expected):
        return ValidationError(
            self.env._(
                "“%(field)s” cannot take this value. Expected: %(expected)s.",
                field=self._input_label(field),
                expected=expected,
            )
        )
