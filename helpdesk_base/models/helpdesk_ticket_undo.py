from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..tools import Private, read_private

_UNDO_WITHIN = timedelta(minutes=1)


class HelpdeskTicket(models.Model):
    """A ticket that was dropped into the wrong stage goes back where it was."""

    _inherit = "helpdesk.ticket"

    # === ACTION METHODS === #

    def action_undo_stage(self):
        """Take back the last change of stage, if the user made it within the last minute
        and nobody changed the stage since. A mail that the stage sent stays sent.

        :return: True
        :raise UserError: if there is nothing that can be taken back
        :raise AccessError: when the user may not write the tickets
        """
        self.check_access("write")
        values = {ticket: ticket._read_undo_values() for ticket in self}
        if not all(values.values()):
            raise UserError(
                self.env._(
                    "This can be taken back within a minute, by who did it, and only as"
                    " long as nobody else moved the ticket. Choose its stage by hand."
                )
            )
        for ticket, former in values.items():
            ticket = ticket.with_context(helpdesk_undo=Private(True))
            ticket.write({"stage_id": former.pop("stage_id")})
            # what follows from the stage was set anew
            ticket.write(former)
        self._call_for_assignee()
        return True

    # === BUSINESS METHODS === #

    def _read_undo_values(self):
        """Values before the last change of stage, as the log has them.

        :return: empty if it cannot be taken back
        :rtype: dict
        """
        self.ensure_one()
        tracked = {
            self.env["ir.model.fields"]._get(self._name, name).id: name
            for name in ("stage_id", "kanban_state", "snoozed_until")
        }
        log = self.env["mail.tracking.value"].sudo()
        domain = Domain("mail_message_id.model", "=", self._name)
        domain &= Domain("mail_message_id.res_id", "=", self.id)
        stage_field = next(key for key, name in tracked.items() if name == "stage_id")
        last = log.search(
            domain & Domain("field_id", "=", stage_field), order="id desc", limit=1
        )
        message = last.mail_message_id
        if (
            not last
            or message.author_id != self.env.user.partner_id
            or message.date < fields.Datetime.now() - _UNDO_WITHIN
            or last.new_value_integer != self.stage_id.id
        ):
            return {}
        labels = dict(self._fields["kanban_state"]._description_selection(self.env))
        states = {label: state for state, label in labels.items()}
        values = {"stage_id": last.old_value_integer}
        for value in message.tracking_value_ids:
            name = tracked.get(value.field_id.id)
            if name == "kanban_state" and value.old_value_char in states:
                values[name] = states[value.old_value_char]
            elif name == "snoozed_until" and value.old_value_datetime:
                values[name] = value.old_value_datetime.date()
        return values

    def _offer_undo(self, former):
        """Let the screens of the user offer to take a change of stage back.

        :param dict former: stage before the change by ticket
        """
        moved = self.filtered(lambda ticket: former.get(ticket) != ticket.stage_id)
        for stage, tickets in moved.grouped("stage_id").items():
            self.env["bus.bus"]._sendone(
                self.env.user.partner_id,
                "helpdesk.ticket/moved",
                {
                    "ids": tickets.ids,
                    "stage": stage.display_name,
                    "is_mailed": bool(stage.sudo().template_id),
                },
            )

    def _is_moved_on_screen(self):
        """Whether a person moves the tickets on a screen, and not back."""
        return (
            not self.env.su
            and bool(request)
            and request.httprequest.path.startswith("/web/dataset/")
            and not read_private(self.env, "helpdesk_undo")
        )
