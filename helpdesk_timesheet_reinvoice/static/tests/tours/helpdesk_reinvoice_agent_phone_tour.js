import { registry } from "@web/core/registry";

// On a phone the time of a ticket is a list of cards, and a line a dialog.
registry.category("web_tour.tours").add("helpdesk_reinvoice_agent_phone_tour", {
    steps: () => [
        {
            content: "The Timesheets tab",
            trigger: ".o_notebook .nav-link:contains('Timesheets')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=timesheet_ids] .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Call from the road",
        },
        {
            trigger: ".modal .o_field_widget[name=unit_amount] input",
            run: "edit 0:45",
        },
        {
            content: "Keep the line",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Save the ticket",
            trigger: "button.o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            content: "The card shows text and hours",
            trigger:
                ".o_field_widget[name=timesheet_ids] .o_kanban_record:contains('Call from the road'):contains('00:45')",
        },
    ],
});
