import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("helpdesk_remove_from_invoice_tour", {
    steps: () => [
        {
            content: "Open the hours of the draft invoice",
            trigger: ".oe_stat_button:contains(Recorded)",
            run: "click",
        },
        {
            content: "Choose one line",
            trigger: ".o_data_row:contains(Phone call) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Take it off the invoice",
            trigger: ".o_control_panel button:contains(Remove from Invoice)",
            run: "click",
        },
        {
            trigger: ".modal button.btn-primary",
            run: "click",
        },
        {
            content: "The line is gone, the other one is still there",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Phone call))) .o_data_row",
        },
    ],
});
