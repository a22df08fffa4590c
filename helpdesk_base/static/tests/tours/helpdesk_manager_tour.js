import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// A lead makes a team: every setting is reached and saved.
registry.category("web_tour.tours").add("helpdesk_manager_tour", {
    steps: () => [
        {
            trigger: "button[data-menu-xmlid='helpdesk_base.helpdesk_menu_config']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='helpdesk_base.helpdesk_menu_config_teams']",
            run: "click",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Night Shift",
        },
        {
            trigger: ".o_field_widget[name=alias_name] input",
            run: "edit night",
        },
        {
            trigger: ".o_field_widget[name=assign_method] input[data-value=balanced]",
            run: "click",
        },
        {
            content: "Nobody can get a ticket yet, says the form",
            trigger: ".o_form_view:contains('Add members')",
        },
        {
            trigger: ".o_field_widget[name=allow_portal_ticket_closing] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=privacy_visibility] input[data-value=internal]",
            run: "click",
        },
        {
            content: "Portal options leave with the portal",
            trigger:
                ".o_form_view:not(:has(.o_field_widget[name=allow_portal_ticket_closing]))",
        },
        ...stepUtils.saveForm(),
    ],
});
