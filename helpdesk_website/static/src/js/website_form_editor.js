import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("website.form_editor_actions").add("create_ticket", {
    formFields: [
        {
            type: "char",
            required: true,
            fillWith: "name",
            name: "partner_name",
            string: _t("Your Name"),
        },
        {
            type: "email",
            required: true,
            fillWith: "email",
            name: "partner_email",
            string: _t("Your Email"),
        },
        {
            type: "char",
            modelRequired: true,
            name: "name",
            string: _t("Subject"),
        },
        {
            type: "text",
            required: true,
            name: "description",
            string: _t("Description"),
        },
    ],
    fields: [
        {
            name: "team_id",
            type: "many2one",
            relation: "helpdesk.team",
            domain: [["is_published", "=", true]],
            required: true,
            string: _t("Helpdesk Team"),
            title: _t("Who gets the tickets; only teams with a published form."),
        },
    ],
});
