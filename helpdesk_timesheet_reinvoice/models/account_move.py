from odoo import api, fields, models

from odoo.addons.helpdesk_base.tools import Private


class AccountMove(models.Model):
    _inherit = "account.move"

    ticket_count = fields.Integer(
        compute="_compute_ticket_count",
        export_string_translation=False,
    )

    # === COMPUTE METHODS === #

    @api.depends("timesheet_ids.helpdesk_ticket_id")
    def _compute_ticket_count(self):
        counts = dict(
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                self._domain_ticket_time(),
                ["timesheet_invoice_id"],
                ["helpdesk_ticket_id:count_distinct"],
            )
        )
        for move in self:
            move.ticket_count = counts.get(move._origin.sudo(), 0)

    # === CRUD METHODS === #

    def write(self, vals):
        """Keep ticket time in step with documents that change their state or type."""
        if "move_type" in vals:
            switched = self._free_time_of_switched(vals["move_type"])
            result = super().write(vals)
            switched._bill_time_of_switched()
            return result
        if vals.get("state") not in ("cancel", "draft"):
            return super().write(vals)
        if self:  # before a sentence names documents
            self.check_access("write")
        self._check_no_credit_in_draft()
        undone = self._prepare_credit_undo(vals["state"])
        if vals["state"] == "draft":
            revived = self.filtered(lambda move: move.state == "cancel")
            revived._check_not_billed_again()
            result = super().write(vals)
            revived._take_time_again()
        else:
            self._check_not_credited()
            # Cancelling an invoice frees its hours but chooses no new item for them.
            lines = self.env["account.analytic.line"].sudo()
            lines = lines.search([("timesheet_invoice_id", "in", self.ids)])
            with lines._protect_billed_values():
                result = super().write(vals)
        undone._undo_credit()
        return result

    def unlink(self):
        """A deleted credit note credits nothing any more, see :meth:`write`."""
        if self:  # before a sentence names documents
            self.check_access("unlink")
        self._check_not_credited()
        self._check_no_credit_in_draft()
        self._check_credit_not_billed_again()
        return super().unlink()

    # === ACTION METHODS === #

    def action_view_tickets(self):
        """Open the tickets whose time is billed on these invoices.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        :raise AccessError: if the user may not read the invoices
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_timesheet_reinvoice.helpdesk_ticket_action_of_document"
        )
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(self._domain_ticket_time(), ["helpdesk_ticket_id"])
        )
        action["domain"] = [("id", "in", [ticket.id for (ticket,) in groups])]
        action["context"] = {"create": False}
        return action

    def action_post(self):
        """A credit note frees as many hours as it credits: :meth:`_post` has done so,
        and the stock method, which frees the whole item, must leave the rest alone."""
        documents = self.with_context(helpdesk_keep_ticket_time=Private(True))
        return super(AccountMove, documents).action_post()

    def _post(self, soft=True):
        """Free credited time however the credit note is posted: by hand, in a batch,
        or by the scheduled action on its date."""
        posted = super()._post(soft)
        own = posted.with_context(helpdesk_keep_ticket_time=None)
        own._free_credited_time()
        return posted

    # === BUSINESS METHODS === #

    def _domain_ticket_time(self):
        return [
            ("timesheet_invoice_id", "in", self.ids),
            ("helpdesk_ticket_id", "!=", False),
        ]

    def _get_helpdesk_action(self):
        """Window action on these invoices: the form of one, the list of several.

        :rtype: dict
        """
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Invoices"),
            "res_model": "account.move",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", self.ids)],
            "context": {"create": False, "default_move_type": "out_invoice"},
        }
        if len(self) == 1:
            action.update(views=[[False, "form"]], res_id=self.id)
        return action
