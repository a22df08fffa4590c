from . import controllers, models


def _close_form(env):
    """Nobody makes tickets by a form any more: what looks at them is gone."""
    model = env["ir.model"]._get("helpdesk.ticket")
    model.write(
        {
            "website_form_access": False,
            "website_form_default_field_id": False,
            "website_form_key": False,
            "website_form_label": False,
        }
    )
    fields = env["ir.model.fields"].search(
        [("model_id", "=", model.id), ("website_form_blacklisted", "=", False)]
    )
    # the ORM lets nobody write fields of models that are not custom, see stock's
    # formbuilder_whitelist
    env.cr.execute(
        "UPDATE ir_model_fields SET website_form_blacklisted = true WHERE id IN %s",
        [(0, *fields.ids)],
    )
    fields.invalidate_recordset(["website_form_blacklisted"])
