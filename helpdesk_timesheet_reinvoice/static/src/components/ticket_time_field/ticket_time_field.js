import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/** A new line starts where one types: in its text. Date and person are filled in. */
export class TicketTimeListRenderer extends ListRenderer {
    add() {
        this.startsInText = true;
        return super.add(...arguments);
    }

    focusCell(column, forward) {
        const text = this.columns.find((col) => col.name === "name");
        const starts = this.startsInText && this.editedRecord?.isNew;
        this.startsInText = false;
        return super.focusCell(starts && text ? text : column, forward);
    }
}

/** The time of a ticket. */
export class TicketTimeField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: TicketTimeListRenderer };
}

registry.category("fields").add("helpdesk_ticket_time", {
    ...x2ManyField,
    component: TicketTimeField,
});
