import { Component } from "@odoo/owl";
import { useCommand } from "@web/core/commands/command_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { TimeEntry } from "@helpdesk_timesheet_reinvoice/components/time_entry/time_entry";
import { formatSeconds, useMeasuredHours, useTimers } from "../timer_service/timer_hooks";

/** Start, pause and stop the time of one ticket. */
export class TimerButton extends Component {
    static template = "helpdesk_timer.TimerButton";
    static props = { ...standardWidgetProps };
    isSmall = false;

    setup() {
        this.timers = useTimers();
        this.titles = {
            pause: _t("Pause the timer"),
            resume: _t("Resume the timer"),
            start: _t("Start the timer"),
        };
    }

    get record() {
        return this.props.record;
    }

    get isShown() {
        const { use_helpdesk_timesheet: records } = this.record.data;
        return this.timers.enabled && (records || this.timer);
    }

    get timer() {
        return this.record.resId && this.timers.get(this.record.resId);
    }

    get time() {
        return formatSeconds(this.timers.getSeconds(this.timer));
    }

    get isRunning() {
        return this.timer?.state === "running";
    }

    toggle() {
        return this.isRunning ? this.timers.pause(this.record.resId) : this.start();
    }

    start() {
        return this.timers.start(this.record.resId);
    }

    stop() {
        return this.timers.askToStop(this.timer);
    }
}

/** In the form the ticket is saved first, and shows the time that was recorded. */
export class TimerFormButton extends TimerButton {
    setup() {
        super.setup();
        useBus(this.timers.bus, "recorded", async ({ detail: ticketId }) => {
            if (ticketId === this.record.resId && !(await this.record.isDirty())) {
                await this.record.load();
            }
        });
        useCommand(_t("Start or pause the timer of this ticket"), () => this.toggle(), {
            category: "smart_action",
            hotkey: "alt+shift+p",
            hotkeyOptions: { bypassEditableProtection: true },
            isAvailable: () => this.isShown,
        });
    }

    async start() {
        if (await this.record.save()) {
            await super.start();
        }
    }
}

/** On a card and in a list. */
export class TimerSmallButton extends TimerButton {
    isSmall = true;
}

/** Beside "Log". */
export class TimerRowButton extends TimerButton {
    static props = { row: Object };

    get record() {
        return this.props.row.props.record;
    }

    async start() {
        if (await this.record.save()) {
            await super.start();
        }
    }
}

// The row follows the timer, and ends it when its time is recorded.
patch(TimeEntry.prototype, {
    setup() {
        super.setup();
        this.timerService = useService("helpdesk_timer");
        useMeasuredHours(
            useTimers(),
            () => this.resId,
            () => this.state.values,
            () => this.previewSoon()
        );
    },
    async record(resId, values) {
        if (!this.timerService.get(resId)) {
            return super.record(resId, values);
        }
        const { name, hours, ...other } = values;
        const line = await this.orm.call("helpdesk.ticket", "action_timer_stop", [
            [resId],
            name,
            hours,
            other,
        ]);
        await this.timerService.refresh();
        // another device was quicker: what was typed is recorded all the same
        return line || super.record(resId, values);
    },
});

const fieldDependencies = [{ name: "use_helpdesk_timesheet", type: "boolean" }];
const widgets = registry.category("view_widgets");
widgets.add("helpdesk_timer", { component: TimerFormButton, fieldDependencies });
widgets.add("helpdesk_timer_small", {
    component: TimerSmallButton,
    fieldDependencies,
    listViewWidth: [110, 110],
});
registry.category("helpdesk_time_entry_buttons").add("timer", TimerRowButton);
