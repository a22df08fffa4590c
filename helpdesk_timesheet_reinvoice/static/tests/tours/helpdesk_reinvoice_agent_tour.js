import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// An agent without sales rights records time and links the ticket to the order.
registry.category("web_tour.tours").add("helpdesk_reinvoice_agent_tour", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the Helpdesk app",
            trigger: ".o_app[data-menu-xmlid='helpdesk_base.helpdesk_menu_root']",
            run: "click",
        },
        {
            content: "Tickets on the team's card",
            trigger: ".o_kanban_record:contains('Care') button:contains('Tickets')",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains('Oven is cold')",
            run: "click",
        },
        {
            content: "The Timesheets tab",
            trigger: ".o_notebook .nav-link:contains('Timesheets')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=timesheet_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "A new line starts in its text",
            trigger: ".o_selected_row .o_field_widget[name=name] input:focus",
            run: "edit Changed the fuse",
        },
        {
            content: "Two and a half hours",
            trigger: ".o_selected_row .o_field_widget[name=unit_amount] input",
            run: "edit 2:30",
        },
        {
            content: "The Sales Order Item field proposes the customer's items",
            trigger: ".o_field_widget[name=sale_line_id] input",
            run: "edit Support",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Alpha Bakery')",
            run: "click",
        },
        {
            content: "Save",
            trigger: "button.o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            content: "The line says why it is billed",
            trigger: ".o_data_row td[name=so_line_reason]:contains(\"Ticket's item\")",
        },
        {
            content: "The totals follow",
            trigger: ".o_field_widget[name=total_hours_spent]:contains('02:30')",
        },
        {
            trigger: ".o_field_widget[name=hours_to_invoice]:contains('02:30')",
        },
        {
            content: "No sales rights, no button to the order",
            trigger: ".o_form_view:not(:has(button[name=action_view_sale_order]))",
        },
    ],
});
