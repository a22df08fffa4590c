import { describe, expect, test } from "@odoo/hoot";
import { animationFrame, queryAllTexts, runAllTimers } from "@odoo/hoot-dom";
import { mailModels } from "@mail/../tests/mail_test_helpers";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";

import { user } from "@web/core/user";

const ITEMS = [...Array(12).keys()].map((index) => ({ id: index + 1, name: `Item ${index + 1}` }));

class SaleOrderLine extends models.Model {
    _name = "sale.order.line";
    _records = ITEMS;
    _views = {
        kanban: `<kanban><templates><t t-name="card"><field name="name"/></t></templates></kanban>`,
    };

    name = fields.Char();
}

class Ticket extends models.Model {
    _name = "ticket";
    _records = [{ id: 1, sale_line_id: false }];

    sale_line_id = fields.Many2one({ relation: "sale.order.line" });
    is_so_line_edited = fields.Boolean();
}

defineModels({ ...mailModels, SaleOrderLine, Ticket });

/** Open a ticket as somebody who may, or may not, read order items. */
async function openTicket(mayRead, widget = "helpdesk_sale_item") {
    patchWithCleanup(user, { checkAccessRight: async () => mayRead });
    await mountView({
        type: "form",
        resModel: "ticket",
        resId: 1,
        arch: `<form>
            <field name="sale_line_id" widget="${widget}" options="{'no_create': True, 'no_open': True}"/>
            <field name="is_so_line_edited" invisible="1"/>
        </form>`,
    });
    await contains("[name='sale_line_id'] input").click();
    await runAllTimers();
    await animationFrame();
}

describe("on a desk", () => {
    describe.current.tags("desktop");

    test("salespersons may search all items", async () => {
        await openTicket(true);
        expect(queryAllTexts(".o-autocomplete--dropdown-item")).toInclude("Search more...");
    });

    test("agents pick from the list or type, the search dialog would fail", async () => {
        await openTicket(false);
        const offered = queryAllTexts(".o-autocomplete--dropdown-item");
        expect(offered).toInclude("Item 1");
        expect(offered).not.toInclude("Search more...");
        await contains("[name='sale_line_id'] input").edit("Item 12", { confirm: false });
        await runAllTimers();
        await animationFrame();
        expect(".o-autocomplete--dropdown-item:first").toHaveText("Item 12");
    });

    test("an item chosen on a time line is noted as set by hand", async () => {
        onRpc("ticket", "web_save", ({ args }) => {
            expect(args[1].sale_line_id).toBe(2);
            expect(args[1].is_so_line_edited).toBe(true);
            expect.step("saved");
        });
        await openTicket(false, "helpdesk_time_sale_item");
        await contains(".o-autocomplete--dropdown-item:contains(Item 2)").click();
        await clickSave();
        expect.verifySteps(["saved"]);
    });
});

describe("on a phone", () => {
    describe.current.tags("mobile");

    test("salespersons get the search dialog", async () => {
        await openTicket(true);
        expect(".modal").toHaveCount(1);
    });

    test("agents get the list", async () => {
        await openTicket(false);
        expect(".modal").toHaveCount(0);
        expect(queryAllTexts(".o-autocomplete--dropdown-item")).toInclude("Item 1");
    });
});
