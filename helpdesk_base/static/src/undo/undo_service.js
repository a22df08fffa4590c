import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const OFFERED_FOR = 15000;

/** A ticket was moved to another stage on this screen: offer to take it back. */
export const helpdeskUndoService = {
    dependencies: ["action", "bus_service", "notification", "orm"],

    start(env, { action, bus_service, notification, orm }) {
        bus_service.subscribe("helpdesk.ticket/moved", ({ ids, stage, is_mailed }) => {
            if (!document.hasFocus()) {
                return; // another tab of the same person
            }
            const texts = [_t("Moved to %s.", stage)];
            if (is_mailed) {
                texts.push(_t("The customer gets the e-mail of this stage in any case."));
            }
            const close = notification.add(texts.join(" "), {
                type: "info",
                autocloseDelay: OFFERED_FOR,
                buttons: [
                    {
                        name: _t("Undo"),
                        primary: true,
                        onClick: async () => {
                            close();
                            await orm.call("helpdesk.ticket", "action_undo_stage", [ids]);
                            await action.doAction("soft_reload");
                        },
                    },
                ],
            });
        });
        bus_service.start();
    },
};

registry.category("services").add("helpdesk_undo", helpdeskUndoService);
