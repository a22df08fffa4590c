from odoo import api, models
from odoo.exceptions import MissingError, ValidationError
from odoo.models import MAGIC_COLUMNS

from ..tools import VALUE_CHECKS, clean_text

MAX_CHAR = 20_000


class CleanValues(dict):
    """Values that passed the gate. They stay so if they are changed in place or by
    ``|``: what our own code adds is not looked at again."""

    __slots__ = ()

    def __or__(self, other):
        return CleanValues(super().__or__(other))


class HelpdeskGate(models.AbstractModel):
    """What people and remote calls give to records is looked at once, before anything
    is written; what the server does with raised rights is not looked at.

    Malformed values are refused with a sentence: screens send none, imports and remote
    calls may. So are ruled fields, which nobody writes from outside.

    An override of ``create`` or ``write`` that looks at values asks the gate first, by
    :meth:`_clean_input_list` or :meth:`_clean_input`. Whoever asks first has the values
    checked, all below get them back as they are, so it does not matter in which order
    addons override. Own models ask in any case, see ``helpdesk.input.mixin``; models of
    other addons are as these have them, and ask about what is ours.
    """

    _name = "helpdesk.gate"
    _description = "Helpdesk Gate"

    # Longest accepted text of a Char field, in characters, by field name.
    _input_max_length = {}

    # === VALUES === #

    @api.model
    def _clean_input_list(self, vals_list):
        """Return checked copies of the values of new records.

        :param list[dict] vals_list: as given to ``create``
        :rtype: list[CleanValues]
        :raise ValidationError: see :meth:`_clean_input`
        """
        is_list = isinstance(vals_list, list | tuple)
        return self.browse()._pass_gate(vals_list if is_list else [vals_list])

    def _clean_input(self, vals):
        """Return a checked copy of ``vals``; NUL characters are dropped from texts.

        :param dict vals: as given to ``write``
        :rtype: CleanValues
        :raise ValidationError: if a value can never fit its field, or is not for people
            to write
        """
        if isinstance(vals, CleanValues):
            return vals
        return self._pass_gate([vals])[0]

    def _pass_gate(self, vals_list):
        passed = [
            vals if isinstance(vals, CleanValues) else self._clean_values(vals)
            for vals in vals_list
        ]
        fresh = [
            new for new, vals in zip(passed, vals_list, strict=True) if new is not vals
        ]
        if fresh and not self.env.su:
            self._check_linked(fresh)
            self._check_ruled(self._get_ruled_names(*fresh))
        return passed

    def _clean_values(self, vals):
        if self.env.su:
            return CleanValues(vals)
        if not isinstance(vals, dict):
            raise ValidationError(
                self.env._("Values must be given as a list of field names and values.")
            )
        return CleanValues(
            (name, self._clean_value(name, value)) for name, value in vals.items()
        )

    def _clean_value(self, name, value):
        """Check one value.

        :raise ValidationError: see :meth:`_clean_input`
        """
        field = self._fields.get(name)
        if field is None:
            raise ValidationError(
                self.env._(
                    "There is no field “%(field)s” on %(model)s.",
                    field=name,
                    model=self._description,
                )
            )
        if isinstance(value, str):
            value = clean_text(value)  # what is left may be nothing
        if value is None or value is False or value == "":
            self._check_may_be_empty(field)
            return False
        try:
            if field.type == "selection":
                return field.convert_to_cache(value, self)
            value = VALUE_CHECKS.get(field.type, lambda given: given)(value)
        except (OverflowError, TypeError, ValueError):
            raise self._get_input_error(field) from None
        if field.type == "char" and len(str(value)) > self._get_max_length(field):
            raise self._get_input_error(field)
        return value

    def _check_may_be_empty(self, field):
        """Refuse to empty a field that a record cannot do without.

        :raise ValidationError: if nothing else fills it
        """
        # what a model inherits from is made by the ORM when it is not given
        is_needed = field.required and field.name not in self._inherits.values()
        if is_needed and field.type in ("char", "many2one", "selection"):
            raise ValidationError(
                self.env._(
                    "“%(field)s” is missing. Fill it in.",
                    field=field._description_string(self.env),
                )
            )

    def _check_linked(self, vals_list):
        """Records that are pointed to must exist. They will be read anyway, as those that
        they replace, so they are read here: one query a field, if any."""
        for name in {name for vals in vals_list for name in vals}:
            field = self._fields[name]
            if field.type != "many2one" or field.inherited or name in MAGIC_COLUMNS:
                continue
            ids = {vals[name] for vals in vals_list if isinstance(vals.get(name), int)}
            records = self.env[field.comodel_name].sudo().browse(ids - {False})
            if records and field.store:
                former = self.sudo()[name].ids
                records = records.with_prefetch([*records.ids, *former])
            for record in records:
                try:
                    record.write_date  # noqa: B018
                except MissingError:
                    raise self._get_input_error(field) from None

    def _get_max_length(self, field):
        return self._input_max_length.get(field.name, MAX_CHAR)

    def _get_input_error(self, field):
        """Tell what a field takes."""
        expected = {
            "boolean": self.env._("true or false"),
            "char": self.env._(
                "a text of %(limit)s characters at most",
                limit=self._get_max_length(field),
            ),
            "date": self.env._("a date as YYYY-MM-DD"),
            "datetime": self.env._("a time as YYYY-MM-DD HH:MM:SS"),
            "float": self.env._("a number"),
            "integer": self.env._("a whole number"),
            "many2many": self.env._("a list of record IDs"),
            "many2one": self.env._("the ID of a record that exists"),
            "monetary": self.env._("a number"),
            "one2many": self.env._("a list of record IDs"),
        }.get(field.type) or self.env._("a text")
        if field.type == "selection":
            expected = ", ".join(field.get_values(self.env))
        return ValidationError(
            self.env._(
                "“%(field)s” cannot take this value. Expected: %(expected)s.",
                field=field._description_string(self.env),
                expected=expected,
            )
        )

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

    # === RULED FIELDS === #

    def _get_ruled_fields(self):
        """Fields that nobody writes from outside: they follow from what the server does,
        and a screen that shows them read-only binds screens alone. A value that changes
        nothing may be sent along.

        Meant for override by addons that add such a field.

        :rtype: set[str]
        """
        return set()

    def _get_ruled_reason(self, names):
        """Why ruled fields are not written, and what to do instead. Meant for override.

        :param set names: the fields that were given
        :rtype: str
        """
        return self.env._(
            "%(fields)s of a %(model)s cannot be written. Leave it out.",
            fields=", ".join(
                f"“{self._fields[name]._description_string(self.env)}”"
                for name in sorted(names)
            ),
            model=self._description,
        )

    def _get_ruled_names(self, *vals_list):
        """Ruled fields to which a person gives anything else than these records have;
        for new records anything at all, also by the context.

        :param dict vals_list: values on their way to ``create`` or ``write``
        :rtype: set[str]
        """
        if self.env.su:
            return set()
        ruled = self._get_ruled_fields()
        if not self:
            vals_list = [self._get_context_defaults(), *vals_list]
        return {
            name
            for vals in vals_list
            for name in ruled & vals.keys()
            if self._is_other_value(name, vals[name])
        }

    @api.model
    def _get_context_defaults(self):
        """Values that the context gives to new records, by field name."""
        prefix = "default_"
        return {
            key.removeprefix(prefix): value
            for key, value in self.env.context.items()
            if key.startswith(prefix)
        }

    def _is_other_value(self, name, value):
        field = self._fields[name]
        if not self or field.type in ("one2many", "many2many"):
            return bool(self or value)  # commands always do something
        return any(
            (field.convert_to_write(record[name], record) or False) != (value or False)
            for record in self.sudo()
        )

    def _check_ruled(self, names):
        """Refuse to write ruled fields.

        :param set names: see :meth:`_get_ruled_names`
        :raise ValidationError: with the reason, if there are any
        """
        if names:
            raise ValidationError(self._get_ruled_reason(names))

    def _check_follows(self, names):
        """Stored related fields may be sent along as far as they tell what their source
        does. Stock marks them read-only, which binds screens alone; record rules look
        at them.

        :param names: fields that were written
        :raise ValidationError: if one of them tells anything else
        """
        for field in () if self.env.su else map(self._fields.get, names):
            if not (field.related and field.store and field.readonly):
                continue
            if any(r[field.name] != r.mapped(field.related) for r in self.sudo()):
                raise self._get_follows_error(field.name, field.related.split(".")[0])

    def _get_follows_error(self, name, origin):
        return ValidationError(
            self.env._(
                "“%(field)s” follows from “%(origin)s”. Change that instead.",
                field=self._fields[name]._description_string(self.env),
                origin=self._fields[origin]._description_string(self.env),
            )
        )
