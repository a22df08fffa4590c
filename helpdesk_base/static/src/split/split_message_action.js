import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";

/** A message about something else becomes a ticket of its own. */
registerMessageAction("helpdesk-split", {
    condition: ({ message, store, thread }) =>
        thread?.model === "helpdesk.ticket" &&
        store.self.main_user_id?.share === false &&
        thread.hasWriteAccess &&
        ["comment", "email"].includes(message.message_type),
    icon: "fa fa-code-fork",
    name: _t("Split off into a Ticket"),
    onSelected: async ({ message, store, thread }) => {
        const { action, orm } = store.env.services;
        action.doAction(
            await orm.call("helpdesk.ticket", "action_open_split", [
                [thread.id],
                [message.id],
            ])
        );
    },
    sequence: 70,
});
