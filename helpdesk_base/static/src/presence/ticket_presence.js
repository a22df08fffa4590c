import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Who says nothing for longer has gone without a word. */
const FORGET_AFTER = 150000;
/** How often it is said again, and only while somebody else is there. */
const REPEAT_AFTER = 60000;

/**
 * The colleagues who have the ticket open, too, so that two do not answer at once. Each
 * screen tells the others when it opens, writes and closes; nothing is stored.
 */
export class TicketPresence extends Component {
    static template = "helpdesk_base.TicketPresence";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.store = useService("mail.store");
        this.state = useState({ people: {} });
        this.onPresence = this.onPresence.bind(this);
        this.bus.subscribe("helpdesk.ticket/presence", this.onPresence);
        this.interval = browser.setInterval(() => this.repeat(), REPEAT_AFTER);
        this.onUnload = () => this.leave(this.ticketId);
        browser.addEventListener("pagehide", this.onUnload);
        useEffect(
            (ticketId) => {
                if (ticketId) {
                    this.enter(ticketId);
                    return () => this.leave(ticketId);
                }
            },
            () => [this.ticketId]
        );
        // a thread is there once the chatter has one
        this.writing = useState({ thread: null });
        useEffect(
            (isWriting, ticketId) => {
                if (ticketId && this.told !== undefined && this.told !== isWriting) {
                    this.tell(isWriting ? "writing" : "viewing");
                }
                this.told = isWriting;
            },
            () => [this.isWriting, this.ticketId]
        );
        onWillUnmount(() => {
            browser.clearInterval(this.interval);
            browser.removeEventListener("pagehide", this.onUnload);
            this.bus.unsubscribe("helpdesk.ticket/presence", this.onPresence);
        });
    }

    get ticketId() {
        return this.props.record.resId || false;
    }
    get isWriting() {
        return Boolean(this.writing.thread?.composer?.composerText?.trim());
    }
    get people() {
        return Object.values(this.state.people).map((person) => ({
            ...person,
            title:
                person.state === "writing"
                    ? _t("%s is writing on this ticket", person.name)
                    : _t("%s is looking at this ticket", person.name),
        }));
    }

    enter(ticketId) {
        this.state.people = {};
        this.told = undefined;
        this.writing.thread = this.store.Thread.insert({
            model: "helpdesk.ticket",
            id: ticketId,
        });
        this.bus.addChannel(`helpdesk.ticket_presence:${ticketId}`);
        this.tell("viewing", ticketId);
    }
    leave(ticketId) {
        if (ticketId) {
            this.bus.deleteChannel(`helpdesk.ticket_presence:${ticketId}`);
            this.tell("left", ticketId);
        }
    }
    async tell(state, ticketId = this.ticketId) {
        try {
            await this.orm.silent.call("helpdesk.ticket", "tell_presence", [
                [ticketId],
                state,
            ]);
        } catch {
            // nobody is told: no reason to stop somebody at work
        }
    }
    repeat() {
        const now = Date.now();
        for (const [id, person] of Object.entries(this.state.people)) {
            if (now - person.at > FORGET_AFTER) {
                delete this.state.people[id];
            }
        }
        if (this.ticketId && Object.keys(this.state.people).length) {
            this.tell(this.isWriting ? "writing" : "viewing");
        }
    }
    onPresence({ ticket_id, user_id, name, state }) {
        if (ticket_id !== this.ticketId || user_id === user.userId) {
            return;
        }
        if (state === "left") {
            delete this.state.people[user_id];
            return;
        }
        const isNew = !(user_id in this.state.people);
        this.state.people[user_id] = { id: user_id, name, state, at: Date.now() };
        if (isNew) {
            this.tell(this.isWriting ? "writing" : "viewing");
        }
    }
}

registry.category("view_widgets").add("helpdesk_ticket_presence", {
    component: TicketPresence,
});
