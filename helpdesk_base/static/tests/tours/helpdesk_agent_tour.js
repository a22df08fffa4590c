import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// An agent's morning: from the card of the team through the pipeline to the next stage.
registry.category("web_tour.tours").add("helpdesk_agent_tour", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the Helpdesk app",
            trigger: ".o_app[data-menu-xmlid='helpdesk_base.helpdesk_menu_root']",
            run: "click",
        },
        {
            content: "The card counts the unassigned tickets",
            trigger: ".o_kanban_record:contains('Care') a:contains('Unassigned'):contains('4')",
        },
        {
            content: "Open the tickets of the team",
            trigger: ".o_kanban_record:contains('Care') button:contains('Tickets')",
            run: "click",
        },
        {
            content: "Empty stages are shown, too",
            trigger: ".o_kanban_group:contains('Working')",
        },
        {
            content: "Quick create a ticket",
            trigger: ".o_control_panel button.o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".o_kanban_quick_create .o_field_widget[name=name] input",
            run: "edit Fridge is warm",
        },
        {
            trigger: ".o_kanban_quick_create .o_kanban_add",
            run: "click",
        },
        {
            content: "It appears in the first stage",
            trigger:
                ".o_kanban_group:contains('Incoming') .o_kanban_record:contains('Fridge is warm')",
        },
        {
            content: "Leave quick create",
            trigger: ".o_kanban_quick_create .o_kanban_cancel",
            run: "click",
        },
        {
            content: "Drag the ticket to the next stage",
            trigger: ".o_kanban_record:contains('Fridge is warm')",
            run: "drag_and_drop(.o_kanban_group:contains('Working'))",
        },
        {
            content: "Open it",
            trigger:
                ".o_kanban_group:contains('Working') .o_kanban_record:contains('Fridge is warm')",
            run: "click",
        },
        {
            trigger: "button[name=action_assign_to_me]",
            run: "click",
        },
        {
            content: "It is mine now",
            trigger: ".o_field_widget[name=user_id] input:value('Ada Agent')",
        },
        {
            content: "Make it urgent",
            trigger: ".o_field_widget[name=priority] a.o_priority_star:eq(2)",
            run: "click",
        },
        {
            trigger: "button[name=action_next_stage]",
            run: "click",
        },
        {
            content: "The closed stage is reached",
            trigger: ".o_statusbar_status button[data-value].o_arrow_button_current:contains('Finished')",
        },
    ],
});
