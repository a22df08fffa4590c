import { onWillStart } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { Many2One } from "@web/views/fields/many2one/many2one";
import {
    buildM2OFieldDescription,
    Many2OneField,
} from "@web/views/fields/many2one/many2one_field";
import { Many2XAutocomplete } from "@web/views/fields/relational_utils";
import { SoLineField } from "@sale_timesheet/components/so_line_field/so_line_field";

/**
 * Agents without sales rights pick order items by name and cannot read them, so they
 * must not be led to the search dialog: neither by "Search more..." nor on a phone,
 * where the dialog takes the place of the drop-down. They type to find an item instead.
 */
export class SaleItemAutocomplete extends Many2XAutocomplete {
    static template = "helpdesk_timesheet_reinvoice.SaleItemAutocomplete";

    setup() {
        super.setup();
        onWillStart(async () => {
            this.mayBrowse = await user.checkAccessRight(this.props.resModel, "read");
        });
    }

    addSearchMoreSuggestion() {
        return this.mayBrowse && super.addSearchMoreSuggestion(...arguments);
    }
}

export class SaleItemMany2One extends Many2One {
    static components = { ...Many2One.components, Many2XAutocomplete: SaleItemAutocomplete };
}

/** The sales order item of a ticket. */
export class SaleItemField extends Many2OneField {
    static components = { Many2One: SaleItemMany2One };
}

/** The sales order item of a time line; a choice is noted as made by hand. */
export class TimeSaleItemField extends SoLineField {
    static components = { Many2One: SaleItemMany2One };
}

registry.category("fields").add("helpdesk_sale_item", {
    ...buildM2OFieldDescription(SaleItemField),
});
registry.category("fields").add("helpdesk_time_sale_item", {
    ...buildM2OFieldDescription(TimeSaleItemField),
});
