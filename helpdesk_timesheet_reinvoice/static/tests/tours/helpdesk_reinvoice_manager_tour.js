import { registry } from "@web/core/registry";

// The configuration of the documentation page: the two options of a team, its project.
registry.category("web_tour.tours").add("helpdesk_reinvoice_manager_tour", {
    steps: () => [
        {
            content: "Configuration",
            trigger: "button[data-menu-xmlid='helpdesk_base.helpdesk_menu_config']",
            run: "click",
        },
        {
            content: "Helpdesk Teams",
            trigger: "[data-menu-xmlid='helpdesk_base.helpdesk_menu_config_teams']",
            run: "click",
        },
        {
            trigger: ".o_data_row td[name=name]:contains('Postpaid')",
            run: "click",
        },
        {
            content: "Without the first option there is no second one",
            trigger: ".o_form_view:not(:has(.o_field_widget[name=use_helpdesk_sale_timesheet]))",
        },
        {
            content: "Timesheet on Ticket",
            trigger:
                "#timesheet_setting:contains('Timesheet on Ticket') .o_field_widget[name=use_helpdesk_timesheet] input",
            run: "click",
        },
        {
            content: "Time Reinvoicing",
            trigger:
                "#reinvoice_setting:contains('Time Reinvoicing') .o_field_widget[name=use_helpdesk_sale_timesheet] input",
            run: "click",
        },
        {
            content: "The project may be left to the team",
            trigger:
                "#timesheet_setting .o_field_widget[name=project_id] input[placeholder*='when you save']",
        },
        {
            content: "Save",
            trigger: "button.o_form_button_save",
            run: "click",
        },
        {
            content: "A project was made for the team",
            trigger: "#timesheet_setting .o_field_widget[name=project_id] input:value('Postpaid')",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});
