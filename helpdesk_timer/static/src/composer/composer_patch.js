import { toRaw, useEffect, useState } from "@odoo/owl";
import { Composer } from "@mail/core/common/composer";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { useDebounced } from "@web/core/utils/timing";
import {
    getEmptyValues,
    TimeEntryInputs,
} from "@helpdesk_timesheet_reinvoice/components/time_entry/time_entry_inputs";
import { useMeasuredHours, useTimers } from "../timer_service/timer_hooks";

Composer.components = { ...Composer.components, TimeEntryInputs };

/** Time with the answer: a row of its own, sent and recorded in one go. */
patch(Composer.prototype, {
    setup() {
        super.setup();
        this.timers = useTimers();
        this.orm = useService("orm");
        this.time = useState({ entry: null, values: { name: "", hours: "" }, error: "" });
        this.time.sentence = "";
        this.previewTimeSoon = useDebounced(() => this.previewTime(), 250);
        useEffect(
            () => {
                this.loadTime();
            },
            () => [this.ticketId]
        );
        useMeasuredHours(
            this.timers,
            () => this.ticketId,
            () => this.time.values,
            () => this.previewTimeSoon()
        );
    },
    /** The ticket that is answered, else false. */
    get ticketId() {
        const isTicket = this.thread?.model === "helpdesk.ticket" && this.env.inChatter;
        return this.timers.enabled && isTicket && !this.props.composer.message
            ? this.thread.id
            : false;
    },
    get timeEntry() {
        return this.ticketId && this.time.entry?.can_log ? this.time.entry : null;
    },
    async loadTime() {
        const { ticketId } = this;
        this.time.entry = null;
        if (!ticketId) {
            return;
        }
        const entry = await this.orm.silent.call("helpdesk.ticket", "get_time_entry", [
            [ticketId],
        ]);
        if (ticketId === this.ticketId) {
            Object.assign(this.time, { entry, error: "", sentence: "" });
            this.time.values = getEmptyValues(entry);
            this.previewTimeSoon();
        }
    },
    onTimeInput() {
        this.time.error = "";
        this.previewTimeSoon();
    },
    onTimeEnter(ev) {
        if (ev.ctrlKey) {
            this.sendMessage();
        }
    },
    clearTime() {
        this.time.values.hours = "";
        this.onTimeInput();
    },
    async previewTime() {
        const asked = (this.askedTime = {});
        const values = { ...this.time.values };
        let sentence = "";
        if (this.timeEntry && values.hours) {
            sentence = await this.orm.silent.call("helpdesk.ticket", "preview_time", [
                [this.ticketId],
                values,
            ]);
        }
        if (asked === this.askedTime) {
            this.time.sentence = sentence;
        }
    },
    get timeToSend() {
        const isEntered = this.timeEntry && this.time.values.hours.trim();
        return isEntered ? { ...toRaw(this.time.values) } : false;
    },
    async processMessage(cb) {
        try {
            return await super.processMessage(cb);
        } catch (error) {
            if (!this.timeToSend || !error.data?.message) {
                throw error;
            }
            // neither sent nor recorded: text and time are still there
            this.time.error = error.data.message;
            this.state.active = true;
        }
    },
    async _sendMessage(value, postData, extraData) {
        const entry = this.timeToSend;
        if (!entry) {
            return super._sendMessage(value, postData, extraData);
        }
        const { ticketId } = this;
        const extra = { ...extraData, helpdesk_time: entry };
        const message = await super._sendMessage(value, postData, extra);
        await this.timers.tell(ticketId);
        await this.loadTime();
        return message;
    },
    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (!this.timeToSend) {
            return context;
        }
        const { name, hours, ...other } = this.timeToSend;
        return {
            ...context,
            default_helpdesk_time_name: name,
            default_helpdesk_time_hours: hours,
            default_helpdesk_time_values: other,
        };
    },
    onCloseFullComposerCallback(isDiscard) {
        if (this.ticketId && !isDiscard) {
            this.timers.tell(this.ticketId);
            this.loadTime();
        }
        return super.onCloseFullComposerCallback(isDiscard);
    },
});
