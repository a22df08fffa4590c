from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    """Time that is sent along with an answer from the full composer."""

    _inherit = "mail.compose.message"

    helpdesk_time_name = fields.Char(string="What was done?")
    helpdesk_time_hours = fields.Char(
        string="Time to Record", help="Such as 1:30, 1.5 or 90m. Empty for none."
    )
    # what else the row below the message asked for, by name
    helpdesk_time_values = fields.Json(export_string_translation=False)

    def _action_send_mail(self, auto_commit=False):
        """Record the time with the answer: both, or none of them."""
        for wizard in self:
            if wizard.model != "helpdesk.ticket" or not wizard.helpdesk_time_hours:
                continue
            tickets = self.env["helpdesk.ticket"].browse(wizard._evaluate_res_ids())
            if len(tickets) == 1 and wizard.composition_mode == "comment":
                other = wizard.helpdesk_time_values
                tickets._log_entered_time(
                    {
                        **(other if isinstance(other, dict) else {}),
                        "name": wizard.helpdesk_time_name,
                        "hours": wizard.helpdesk_time_hours,
                    }
                )
                wizard.helpdesk_time_hours = False
        return super()._action_send_mail(auto_commit=auto_commit)
