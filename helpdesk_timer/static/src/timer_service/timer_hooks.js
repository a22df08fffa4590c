import { useEffect, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { formatClock } from "@helpdesk_timesheet_reinvoice/components/time_entry/time_entry_inputs";

/**
 * The timers, for a component that shows them: it is drawn again while one runs.
 *
 * @returns {import("./timer_service").TimerService}
 */
export function useTimers() {
    const service = useService("helpdesk_timer");
    const state = useState(service.state);
    // the methods read what this component watches
    return new Proxy(service, {
        get: (target, name, receiver) =>
            name === "state" ? state : Reflect.get(target, name, receiver),
    });
}

/**
 * Hours of a row follow the timer of its ticket, until the person types others.
 *
 * @param {Object} timers see useTimers
 * @param {() => Number} getTicketId
 * @param {() => Object} getValues values of the row
 * @param {() => void} onChange
 */
export function useMeasuredHours(timers, getTicketId, getValues, onChange) {
    const proposed = { hours: "" };
    useEffect(
        (hours) => {
            const values = getValues();
            if (values.hours === proposed.hours || values.hours === hours) {
                const isNew = values.hours !== hours;
                proposed.hours = hours;
                if (isNew) {
                    values.hours = hours;
                    onChange();
                }
            }
        },
        () => {
            const timer = timers.get(getTicketId());
            const isKnown = timer && !timers.isForgotten(timer);
            const minutes = isKnown ? Math.round(timers.getSeconds(timer) / 60) : 0;
            return [formatClock(minutes / 60), getTicketId(), getValues()];
        }
    );
}

/**
 * A running time as it is shown.
 *
 * @param {Number} seconds
 * @param {Boolean} [withSeconds]
 * @returns {String} h:mm or h:mm:ss
 */
export function formatSeconds(seconds, withSeconds = false) {
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(seconds / 60);
    const text = `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
    return withSeconds ? `${text}:${two(seconds % 60)}` : text;
}
