from odoo import api, models

from odoo.addons.base_import.models.base_import import FIELDS_RECURSION_LIMIT


class BaseImportImport(models.TransientModel):
    _inherit = "base_import.import"

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
