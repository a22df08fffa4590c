from odoo import api, fields, models

from odoo.addons.base_import.models.base_import import FIELDS_RECURSION_LIMIT


class BaseImportImport(models.TransientModel):
    """Exports of other desks are read as if they had our columns and words."""

    _inherit = "base_import.import"

    mapping_ids = fields.Many2many(
        comodel_name="helpdesk.import.mapping",
        export_string_translation=False,
        help="Columns of another desk that the file was read by, which come first.",
    )

    @api.model
    def get_fields_tree(self, model, depth=FIELDS_RECURSION_LIMIT):
        """Offer what a ticket brings along from its former desk, such as its number."""
        tree = super().get_fields_tree(model, depth=depth)
        Model = self.env[model]
        if not depth or not hasattr(Model, "_get_import_only_fields"):
            return tree
        names = Model._get_import_only_fields()
        described = Model.fields_get(names, ["string", "type"])
        return tree + [
            {
                "id": name,
                "name": name,
                "string": described[name]["string"],
                "required": False,
                "fields": [],
                "type": described[name]["type"],
                "model_name": model,
            }
            for name in names
            if name in described
        ]

    def _read_file(self, options):
        """An export of another desk is translated as it is read: all that comes after,
        such as the preview and the test, is stock's."""
        length, rows = super()._read_file(options)
        mappings = self.env["helpdesk.import.mapping"]
        if options.get("has_headers") and rows:
            mappings = mappings._find_table(self.res_model, rows[0])
        if self.mapping_ids != mappings:
            self.mapping_ids = mappings
        return length, mappings._read_table(rows, options) if mappings else rows

    def _get_mapping_suggestions(self, headers, header_types, fields_tree):
        if not self.mapping_ids:
            return super()._get_mapping_suggestions(headers, header_types, fields_tree)
        return {
            (index, headers[index]): {
                "field_path": mapping.field_name.split("/"),
                "distance": 0,
            }
            for index, mapping in enumerate(self.mapping_ids)
        }

    def execute_import(self, fields, columns, options, dryrun=False):
        """Make the tags that an export of another desk names. See the stock method.

        :param list fields: path of the field for each column, or False
        :param list columns: headings
        :param dict options: of the screen
        :param bool dryrun: whether to take all back
        :return: ``ids``, ``messages`` and more
        :rtype: dict
        """
        if self.mapping_ids and "tag_ids" in (fields or []):
            made = options.get("name_create_enabled_fields") or {}
            options = {
                **options,
                "name_create_enabled_fields": {**made, "tag_ids": True},
            }
        return super().execute_import(fields, columns, options, dryrun=dryrun)
