import { EventBus, reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { TimerStopDialog } from "../timer_dialog/timer_stop_dialog";

const TICKET = "helpdesk.ticket";
const ASKED = "helpdesk_timer.asked";

/**
 * The timers of the user, in step with the server on all tabs and devices. The clock is
 * that of the server: here only passes what ran since it was asked.
 */
export class TimerService {
    constructor(env, { action, bus_service, dialog, notification, orm }) {
        Object.assign(this, { action, dialog, env, notification, orm });
        // triggers "recorded" with the id of a ticket on which time was recorded
        this.bus = new EventBus();
        this.state = reactive({ timers: [], now: Date.now() });
        // only who may record time on tickets gets a list
        this.enabled = Boolean(session.helpdesk_timers);
        if (!this.enabled) {
            return;
        }
        this.set(session.helpdesk_timers);
        // a message may come late: only the server says how long it has been by now
        bus_service.subscribe("helpdesk_timer/changed", () => this.refresh());
        bus_service.start();
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", ({ detail }) => {
            if (detail !== "new") {
                this.askForgotten();
            }
        });
    }

    /** Take over what the server says. */
    set(timers) {
        const now = Date.now();
        this.state.now = now;
        this.state.timers = timers.map((timer) => ({ ...timer, toldAt: now }));
        const runs = timers.some((timer) => timer.state === "running");
        if (runs && !this.interval) {
            this.interval = browser.setInterval(() => (this.state.now = Date.now()), 1000);
        } else if (!runs && this.interval) {
            browser.clearInterval(this.interval);
            this.interval = null;
        }
    }

    async refresh() {
        this.set(await this.orm.silent.call("helpdesk.timer", "get_timers", []));
    }

    get running() {
        return this.state.timers.find((timer) => timer.state === "running");
    }

    get(ticketId) {
        return this.state.timers.find((timer) => timer.ticket_id === ticketId);
    }

    getSeconds(timer) {
        const run = timer.state === "running" ? this.state.now - timer.toldAt : 0;
        return timer.seconds + Math.max(Math.floor(run / 1000), 0);
    }

    isForgotten(timer) {
        const isOver = timer.limit && this.getSeconds(timer) > timer.limit;
        return timer.is_forgotten || (timer.state === "running" && isOver);
    }

    async start(ticketId) {
        const result = await this.orm.call(TICKET, "action_timer_start", [[ticketId]]);
        if (result?.params) {
            this.notification.add(result.params.message, { type: result.params.type });
        }
        await this.refresh();
    }

    async pause(ticketId) {
        await this.orm.call(TICKET, "action_timer_pause", [[ticketId]]);
        await this.refresh();
    }

    /** Ask what was done and how long it took, see TimerStopDialog; unless another device
     * was quicker. */
    async askToStop(timer) {
        await this.refresh();
        const fresh = this.state.timers.find((each) => each.id === timer?.id);
        if (fresh) {
            this.dialog.add(TimerStopDialog, { timer: fresh });
        }
    }

    /** Keep what was typed so far; it is proposed when the timer is stopped. */
    async keepNote(timer, note) {
        await this.orm.write("helpdesk.timer", [timer.id], { note });
        await this.refresh();
    }

    async stop(timer, { name, hours, ...other }) {
        const lineId = await this.orm.call(TICKET, "action_timer_stop", [
            [timer.ticket_id],
            name,
            hours || false,
            other,
        ]);
        await this.tell(timer.ticket_id);
        return lineId;
    }

    async discard(timer) {
        await this.orm.call("helpdesk.timer", "action_discard", [[timer.id]]);
        await this.refresh();
    }

    /** Time was recorded on a ticket: its form shows it. */
    async tell(ticketId) {
        await this.refresh();
        this.bus.trigger("recorded", ticketId);
    }

    openTicket(timer) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: TICKET,
            res_id: timer.ticket_id,
            views: [[false, "form"]],
        });
    }

    /** On the next screen, once in a session: how long did that take? */
    askForgotten() {
        const asked = JSON.parse(browser.sessionStorage.getItem(ASKED) || "[]");
        this.state.now = Date.now();
        const timer = this.state.timers.find(
            (each) => this.isForgotten(each) && !asked.includes(each.id)
        );
        if (timer) {
            browser.sessionStorage.setItem(ASKED, JSON.stringify([...asked, timer.id]));
            this.askToStop(timer);
        }
    }
}

export const timerService = {
    dependencies: ["action", "bus_service", "dialog", "notification", "orm"],
    start(env, services) {
        return new TimerService(env, services);
    },
};

registry.category("services").add("helpdesk_timer", timerService);
