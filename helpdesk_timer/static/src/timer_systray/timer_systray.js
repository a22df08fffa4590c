import { Component } from "@odoo/owl";
import { useCommand } from "@web/core/commands/command_hook";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatSeconds, useTimers } from "../timer_service/timer_hooks";

/** The running timer on every screen, and the paused ones. */
export class TimerSystray extends Component {
    static template = "helpdesk_timer.TimerSystray";
    static components = { Dropdown };
    static props = {};

    setup() {
        this.timers = useTimers();
        this.dropdown = useDropdownState();
        this.titles = { pause: _t("Pause the timer"), resume: _t("Resume the timer") };
        useCommand(_t("Stop the running timer"), () => this.stop(this.timers.running), {
            hotkey: "alt+shift+o",
            hotkeyOptions: { bypassEditableProtection: true },
            isAvailable: () => Boolean(this.timers.running),
        });
    }

    get list() {
        return this.timers.state.timers;
    }

    getTime(timer) {
        const runs = timer.state === "running";
        return formatSeconds(this.timers.getSeconds(timer), runs);
    }

    open(timer) {
        this.dropdown.close();
        this.timers.openTicket(timer);
    }

    toggle(timer) {
        return timer.state === "running"
            ? this.timers.pause(timer.ticket_id)
            : this.timers.start(timer.ticket_id);
    }

    stop(timer) {
        this.dropdown.close();
        this.timers.askToStop(timer);
    }
}

registry
    .category("systray")
    .add("helpdesk_timer.systray", { Component: TimerSystray }, { sequence: 30 });
