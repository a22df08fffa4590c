import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("helpdesk_time_credit_tour", {
    steps: () => [
        {
            content: "Open the hours of the posted invoice",
            trigger: ".oe_stat_button:contains(Recorded)",
            run: "click",
        },
        {
            content: "Choose one line",
            trigger: ".o_data_row:contains(Phone call) .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Credit it",
            trigger: ".o_control_panel button:contains(Credit Hours)",
            run: "click",
        },
        {
            content: "The dialog shows the hours that go",
            trigger: ".modal .o_field_widget[name=timesheet_ids]:contains(Phone call)",
        },
        {
            content: "They belong on the other order",
            trigger: ".modal .o_field_widget[name=sale_line_id] input",
            run: "edit Right order",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Support)",
            run: "click",
        },
        {
            content: "Credit and bill again in one step",
            trigger: ".modal button:contains(Credit and Bill Again):visible",
            run: "click",
        },
        {
            content: "The credit note and the new draft invoice",
            trigger: ".o_list_view .o_data_row:contains(Draft)",
        },
    ],
});
