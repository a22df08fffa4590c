import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** What the user has to do and did today; each figure opens its tickets. */
export class MyFigures extends Component {
    static template = "helpdesk_base.MyFigures";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ figures: [] });
        onWillStart(async () => {
            this.state.figures = await this.orm.call("helpdesk.team", "get_my_figures");
        });
    }
    async open(name) {
        this.action.doAction(
            await this.orm.call("helpdesk.team", "action_view_my_figure", [name])
        );
    }
}

export class OverviewRenderer extends KanbanRenderer {
    static template = "helpdesk_base.OverviewRenderer";
    static components = { ...KanbanRenderer.components, MyFigures };
}

registry.category("views").add("helpdesk_overview_kanban", {
    ...kanbanView,
    Renderer: OverviewRenderer,
});
