import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, press } from "@odoo/hoot-dom";
import { mailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    makeServerError,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Ticket extends models.Model {
    _name = "helpdesk.ticket";
    _records = [
        { id: 1, name: "Oven", use_helpdesk_timesheet: true },
        { id: 2, name: "Till", use_helpdesk_timesheet: true },
    ];

    name = fields.Char();
    use_helpdesk_timesheet = fields.Boolean();
}

defineModels({ ...mailModels, Ticket });

const KINDS = {
    name: "kind_id",
    label: "Kind",
    options: [
        [7, "Remote"],
        [8, "On site"],
    ],
    value: 7,
};

describe.current.tags("desktop");

beforeEach(() => {
    onRpc("helpdesk.ticket", "get_time_entry", () => ({
        can_log: true,
        refusal: "",
        hours: 0,
        fields: [KINDS],
    }));
    onRpc("helpdesk.ticket", "preview_time", ({ args }) => {
        const { hours, kind_id: kind } = args[1];
        return `${hours} of kind ${kind}`;
    });
});

async function openTicket() {
    await mountView({
        type: "form",
        resModel: "helpdesk.ticket",
        resId: 1,
        resIds: [1, 2],
        arch: `<form>
            <field name="name"/>
            <field name="use_helpdesk_timesheet" invisible="1"/>
            <widget name="helpdesk_time_entry"/>
        </form>`,
    });
}

test("a row is typed, explained and logged", async () => {
    onRpc("helpdesk.ticket", "action_log_time", ({ args }) => {
        expect(args).toEqual([[1], { name: "Call", hours: "20m", kind_id: 8 }]);
        expect.step("logged");
        return 42;
    });
    await openTicket();
    expect(".o_time_entry_text").toBeFocused();
    await contains(".o_time_entry_text").edit("Call", { confirm: false });
    await contains(".o_time_entry_select").select("8");
    await contains(".o_time_entry_hours").edit("20m", { confirm: false });
    await advanceTime(300);
    await animationFrame();
    expect(".o_time_entry_sentence").toHaveText("20m of kind 8");
    await press("Enter");
    await animationFrame();
    expect.verifySteps(["logged"]);
    expect(".o_time_entry_text").toHaveValue("");
    expect(".o_time_entry_select").toHaveValue("7");
    expect(".o_time_entry_text").toBeFocused();
});

test("the ticket is saved first", async () => {
    onRpc("helpdesk.ticket", "web_save", () => expect.step("saved"));
    onRpc("helpdesk.ticket", "action_log_time", () => expect.step("logged"));
    await openTicket();
    await contains("[name='name'] input").edit("Cold oven", { confirm: false });
    await contains(".o_time_entry_hours").edit("1", { confirm: false });
    await contains(".o_time_entry_log").click();
    expect.verifySteps(["saved", "logged"]);
});

test("what is refused is said below the row, which keeps its words", async () => {
    onRpc("helpdesk.ticket", "action_log_time", () => {
        throw makeServerError({ message: "More than a day." });
    });
    await openTicket();
    await contains(".o_time_entry_text").edit("Call", { confirm: false });
    await contains(".o_time_entry_hours").edit("90", { confirm: false });
    await contains(".o_time_entry_log").click();
    expect(".o_time_entry_sentence .text-danger").toHaveText("More than a day.");
    expect(".o_time_entry_text").toHaveValue("Call");
});

test("without hours nothing is asked of the server", async () => {
    onRpc("helpdesk.ticket", "action_log_time", () => expect.step("logged"));
    await openTicket();
    await contains(".o_time_entry_text").edit("Call", { confirm: false });
    await contains(".o_time_entry_log").click();
    expect(".o_time_entry_hours").toBeFocused();
    expect.verifySteps([]);
});

test("the next ticket has an empty row with the cursor in it", async () => {
    await openTicket();
    await contains(".o_time_entry_text").edit("Call", { confirm: false });
    await contains(".o_pager_next").click();
    await animationFrame();
    expect("[name='name'] input").toHaveValue("Till");
    expect(".o_time_entry_text").toHaveValue("");
    expect(".o_time_entry_text").toBeFocused();
});
