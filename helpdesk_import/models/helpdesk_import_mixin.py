from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskImportMixin(models.AbstractModel):
    """Records that come by file, more than once: what a row does not change is left
    alone, so that a second import changes nothing, and meets no lock."""

    _name = "helpdesk.import.mixin"
    _description = "Helpdesk Import"

    # === IMPORT === #

    @api.model
    def _check_import_table(self, fields, data):
        """Refuse what is no table: screens send none, remote calls may.

        :raise ValidationError: with what ``load`` takes
        """
        is_table = (
            isinstance(fields, list | tuple)
            and isinstance(data, list | tuple)
            and all(isinstance(name, str) and name for name in fields)
            and all(isinstance(row, list | tuple) for row in data)
            and all(len(row) == len(fields) for row in data)
        )
        if not is_table:
            raise ValidationError(
                self.env._(
                    "An import takes a list of field names, and rows with a text for "
                    "each of them."
                )
            )

    def _load_records_write(self, values):
        if self._is_imported(values):
            values = self._get_changed_values(values)
            if not values:
                return None
        return super()._load_records_write(values)

    def _is_imported(self, values):
        """Tell whether a row is one of these. Meant for override by models of which
        others import records, too.

        :param dict values: what the row gives to this record
        :rtype: bool
        """
        return True

    def _get_changed_values(self, values):
        """Those of the values of a row that this record does not have yet.

        :param dict values: as for ``write``
        :rtype: dict
        """
        self.ensure_one()
        return {
            name: value
            for name, value in values.items()
            if name != "id" and not self._has_value(name, value)
        }

    def _has_value(self, name, value):
        field = self._fields[name]
        if field.type in ("one2many", "properties"):
            return False
        if field.type == "many2many":
            had = set(self[name].ids)
            given = set(field.convert_to_cache(value, self, validate=False))
            # a link, which the screen sends on wish, adds to what there is
            is_added = all(command[0] == fields.Command.LINK for command in value or [])
            return given <= had if is_added and value else given == had
        had = field.convert_to_cache(self[name], self, validate=False)
        return (field.convert_to_cache(value, self) or False) == (had or False)

    # === SCREEN === #

    @api.model
    def _get_import_only_fields(self):
        """Fields that screens show read-only, and a file may bring. Meant for override.

        :rtype: list[str]
        """
        return []
