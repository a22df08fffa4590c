import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { useCommand } from "@web/core/commands/command_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getEmptyValues, TimeEntryInputs } from "./time_entry_inputs";

/** Buttons of addons beside "Log": components with the row as their only prop. */
const rowButtons = registry.category("helpdesk_time_entry_buttons");

/**
 * The row above the time of a ticket: what was done, how long it took, Log. Below it
 * stands in words what will be billed.
 */
export class TimeEntry extends Component {
    static template = "helpdesk_timesheet_reinvoice.TimeEntry";
    static components = { TimeEntryInputs };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.state = useState({
            entry: { can_log: false, refusal: "", hours: 0, fields: [] },
            values: { name: "", hours: "" },
            sentence: "",
            error: "",
            busy: false,
        });
        this.previewSoon = useDebounced(() => this.preview(), 250);
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps(async (next) => {
            if (next.record.resId !== this.shownId) {
                await this.load(next.record);
            }
        });
        // also when the pager brings the next ticket: twelve in a row without the mouse
        useEffect(
            () => this.focus(),
            () => [this.shownId]
        );
    }

    /** Buttons of addons, in their order. */
    get buttons() {
        return rowButtons.getEntries().map(([name, Button]) => ({ name, Button }));
    }

    get resId() {
        return this.props.record.resId;
    }

    /** Get what the row asks for; what was typed for another ticket is gone. */
    async load(record = this.props.record) {
        this.shownId = record.resId;
        const entry = await this.orm.call("helpdesk.ticket", "get_time_entry", [
            record.resId ? [record.resId] : [],
        ]);
        Object.assign(this.state, { entry, sentence: "", error: "" });
        this.state.values = getEmptyValues(entry);
        if (this.state.values.hours) {
            this.previewSoon();
        }
    }

    focus() {
        if (!this.ui.isSmall) {
            this.root.el?.querySelector("input")?.focus();
        }
    }

    onInput() {
        this.state.error = "";
        this.previewSoon();
    }

    async preview() {
        const asked = (this.asked = {});
        if (!this.resId || !this.state.values.hours) {
            this.state.sentence = "";
            return;
        }
        const sentence = await this.orm.silent.call("helpdesk.ticket", "preview_time", [
            [this.resId],
            { ...this.state.values },
        ]);
        if (asked === this.asked) {
            this.state.sentence = sentence;
        }
    }

    /**
     * Save the ticket and do something to its time; what goes wrong is said below the
     * row, which keeps what was typed.
     *
     * @param {(resId: Number) => Promise} callback
     * @returns {Promise<Boolean>} whether it was done
     */
    async run(callback) {
        if (this.state.busy) {
            return false;
        }
        Object.assign(this.state, { busy: true, error: "" });
        try {
            const isSaved = await this.props.record.save();
            if (!isSaved) {
                return false;
            }
            this.shownId = this.resId;
            await callback(this.resId);
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            this.state.error = error.data.message;
            return false;
        } finally {
            this.state.busy = false;
        }
        await this.props.record.load();
        return true;
    }

    async log() {
        const values = { ...this.state.values };
        if (!values.hours) {
            this.root.el.querySelector(".o_time_entry_hours").focus();
            return;
        }
        const isLogged = await this.run((resId) => this.record(resId, values));
        if (isLogged) {
            await this.load();
            this.focus();
        }
    }

    /** Meant for patching by what must end when time is recorded. */
    record(resId, values) {
        return this.orm.call("helpdesk.ticket", "action_log_time", [[resId], values]);
    }
}

/** Opens the row from anywhere on the ticket. */
export class TimeShortcut extends Component {
    static template = "helpdesk_timesheet_reinvoice.TimeShortcut";
    static props = { ...standardWidgetProps };

    setup() {
        useCommand(_t("Log time on this ticket"), () => this.open(), {
            category: "smart_action",
            hotkey: "alt+shift+l",
            hotkeyOptions: { bypassEditableProtection: true },
        });
    }

    open() {
        const row = document.querySelector(".o_time_entry input");
        if (row) {
            row.focus();
        } else {
            // the row takes the cursor itself when its tab opens
            document.querySelector(".o_notebook .nav-link[name='timesheets']")?.click();
        }
    }
}

registry.category("view_widgets").add("helpdesk_time_entry", { component: TimeEntry });
registry.category("view_widgets").add("helpdesk_time_shortcut", { component: TimeShortcut });
