import { registry } from "@web/core/registry";

// From an order to what became of its hours, and back.
registry.category("web_tour.tours").add("helpdesk_time_statement_tour", {
    steps: () => [
        {
            content: "The time statement",
            trigger: "button[name=action_view_time_statement]:contains('Time Statement')",
            run: "click",
        },
        {
            trigger: ".o_helpdesk_time_statement:contains('It adds up')",
        },
        {
            trigger: ".o_field_widget[name=open_hours]:contains('02:30')",
        },
        {
            trigger: ".o_back_button",
            run: "click",
        },
        {
            trigger: "button[name=action_view_time_statement]",
        },
    ],
});
