import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import tourUtils from "@sale/js/tours/tour_utils";

// A salesperson sells the service; the agent's time comes later.
registry.category("web_tour.tours").add("helpdesk_reinvoice_sell_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("sale.sale_menu_root", "Open the Sales app"),
        ...tourUtils.createNewSalesOrder(),
        ...tourUtils.selectCustomer("Beta Garage"),
        ...tourUtils.addProduct("Support on call"),
        {
            trigger: ".o_selected_row div[name=product_uom_qty] input",
            run: "edit 10 && press Tab",
        },
        {
            trigger: ".o_field_cell[name=price_subtotal]:contains('1,000.00')",
        },
        {
            content: "Confirm",
            trigger: "button[name=action_confirm]:enabled",
            run: "click",
        },
        {
            trigger:
                ".o_field_widget[name=state] .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});

// From the ticket through its order to the invoice.
registry.category("web_tour.tours").add("helpdesk_reinvoice_invoice_tour", {
    steps: () => [
        {
            content: "Sales Order",
            trigger: "button[name=action_view_sale_order]:contains('Sales Order')",
            run: "click",
        },
        {
            content: "The Delivered column matches the ticket",
            trigger: ".o_data_row td[name=qty_delivered]:contains('2.50'):visible",
        },
        {
            content: "Create Invoice",
            trigger: ".o_statusbar_buttons button:contains('Create Invoice')",
            run: "click",
        },
        {
            trigger: ".modal button[name=create_invoices]",
            run: "click",
        },
        {
            content: "The invoice bills the hours and names the ticket",
            trigger: ".o_field_widget[name=invoice_line_ids] .o_data_row:contains('2.50')",
        },
        {
            content: "And leads back to the ticket",
            trigger: "button[name=action_view_tickets]:contains('Tickets')",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Oven is cold')",
        },
    ],
});
