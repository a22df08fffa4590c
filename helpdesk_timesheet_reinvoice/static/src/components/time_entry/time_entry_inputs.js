import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/**
 * What is entered to record time: text, hours and what addons ask for. Drawn in the row
 * of a ticket, beside an answer and wherever time is recorded in passing.
 */
export class TimeEntryInputs extends Component {
    static template = "helpdesk_timesheet_reinvoice.TimeEntryInputs";
    static props = {
        // see get_time_entry of helpdesk.ticket
        entry: Object,
        // reactive: name, hours (as it is typed) and the names of entry.fields
        values: Object,
        onInput: { type: Function, optional: true },
        onEnter: { type: Function, optional: true },
        disabled: { type: Boolean, optional: true },
        textPlaceholder: { type: String, optional: true },
    };

    get defaultPlaceholder() {
        return _t("What was done?");
    }

    onChange(name, ev) {
        this.props.values[name] = ev.target.value;
        this.props.onInput?.();
    }

    onSelect(name, ev) {
        this.props.values[name] = Number(ev.target.value) || false;
        this.props.onInput?.();
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing && this.props.onEnter) {
            // neither the form nor a dialog around takes it for its own
            ev.preventDefault();
            ev.stopPropagation();
            this.props.onEnter(ev);
        }
    }
}

/**
 * Hours as they are typed.
 *
 * @param {Number} hours
 * @returns {String} h:mm, empty for none
 */
export function formatClock(hours) {
    const minutes = Math.round((hours || 0) * 60);
    if (!minutes) {
        return "";
    }
    return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/**
 * Values of an empty row.
 *
 * @param {Object} entry see get_time_entry of helpdesk.ticket
 * @returns {Object}
 */
export function getEmptyValues(entry) {
    const values = { name: "", hours: formatClock(entry.hours) };
    for (const field of entry.fields) {
        values[field.name] = field.value;
    }
    return values;
}
