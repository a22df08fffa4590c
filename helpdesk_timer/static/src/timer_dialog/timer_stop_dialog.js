import { Component, onMounted, onWillStart, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import {
    formatClock,
    getEmptyValues,
    TimeEntryInputs,
} from "@helpdesk_timesheet_reinvoice/components/time_entry/time_entry_inputs";

/** What was done, and how long did it take? */
export class TimerStopDialog extends Component {
    static template = "helpdesk_timer.TimerStopDialog";
    static components = { Dialog, TimeEntryInputs };
    static props = { close: Function, timer: Object };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.timers = useService("helpdesk_timer");
        this.root = useRef("root");
        this.state = useState({
            entry: { can_log: true, refusal: "", hours: 0, fields: [] },
            values: { name: "", hours: "" },
            sentence: "",
            error: "",
            busy: false,
            isSplit: false,
        });
        this.previewSoon = useDebounced(() => this.preview(), 250);
        onWillStart(() => this.load());
        onMounted(() => {
            this.root.el.querySelector("input")?.focus();
            this.preview();
        });
    }

    get timer() {
        return this.props.timer;
    }

    async load() {
        const { timer } = this;
        try {
            this.state.entry = await this.orm.call("helpdesk.ticket", "get_time_entry", [
                [timer.ticket_id],
            ]);
        } catch (error) {
            // the ticket is hidden by now: it can still be discarded
            this.state.entry = { ...this.state.entry, can_log: false };
            this.state.error = error.data?.message || "";
        }
        const seconds = this.timers.getSeconds(timer);
        const isOver = timer.limit && seconds > timer.limit;
        this.state.values = {
            ...getEmptyValues(this.state.entry),
            name: timer.note,
            hours: formatClock((isOver ? timer.limit : seconds) / 3600),
        };
    }

    onInput() {
        this.state.error = "";
        this.previewSoon();
    }

    async preview() {
        const asked = (this.asked = {});
        if (!this.state.entry.can_log || !this.state.values.hours) {
            this.state.sentence = "";
            return;
        }
        const sentence = await this.orm.silent.call("helpdesk.ticket", "preview_time", [
            [this.timer.ticket_id],
            { ...this.state.values },
        ]);
        if (asked === this.asked) {
            this.state.sentence = sentence;
        }
    }

    async record() {
        if (this.state.busy || !this.state.entry.can_log) {
            return;
        }
        this.state.busy = true;
        try {
            const split = this.state.isSplit ? { split_at_midnight: true } : {};
            await this.timers.stop(this.timer, { ...this.state.values, ...split });
            this.props.close();
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            this.state.error = error.data.message;
        } finally {
            this.state.busy = false;
        }
    }

    async keep() {
        const { name } = this.state.values;
        if (name !== this.timer.note) {
            await this.timers.keepNote(this.timer, name);
        }
        this.props.close();
    }

    discard() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Discard this time?"),
            body: _t("What was measured is thrown away, nothing is recorded."),
            confirmLabel: _t("Discard"),
            confirmClass: "btn-danger",
            confirm: async () => {
                await this.timers.discard(this.timer);
                this.props.close();
            },
            cancel: () => {},
        });
    }
}
