import { toRaw } from "@odoo/owl";
import { Composer } from "@mail/core/common/composer";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

/** Nobody answers past what the customer wrote meanwhile without knowing. */
patch(Composer.prototype, {
    async sendMessage() {
        const isAnswer =
            this.thread?.model === "helpdesk.ticket" &&
            this.env.inChatter &&
            this.props.type === "message" &&
            !this.props.composer.message;
        if (isAnswer && this.canProcessMessage && !(await this.knowsAllAnswers())) {
            return;
        }
        return super.sendMessage();
    },
    /** Ask if the customer wrote after the last message that is shown. */
    async knowsAllAnswers() {
        const thread = toRaw(this.thread);
        const { action, dialog, orm } = this.store.env.services;
        let unseen = [];
        try {
            unseen = await orm.silent.call("helpdesk.ticket", "get_unseen_answers", [
                [thread.id],
                thread.newestPersistentMessage?.id || 0,
            ]);
        } catch {
            // the answer is sent, or refused, by itself
        }
        if (!unseen.length || !action) {
            return true;
        }
        return new Promise((resolve) => {
            const read = async () => {
                await this.thread.fetchNewMessages();
                resolve(false);
            };
            const { author, preview } = unseen[0];
            dialog.add(ConfirmationDialog, {
                title: _t("There is a new message of the customer"),
                body: `${author}: ${preview}`,
                confirmLabel: _t("Read It First"),
                confirm: read,
                cancelLabel: _t("Send Anyway"),
                cancel: () => resolve(true),
                dismiss: read,
            });
        });
    },
});
