from odoo import api, models

#: As many files come with a form.
MAX_FILES = 10
MAX_SUBJECT_TYPED = 200
MAX_TEXT = 20_000


class HelpdeskTicket(models.Model):
    """What customers type into a form, be it of the portal or of a website: one rule."""

    _inherit = "helpdesk.ticket"

    @api.model
    def _check_form_texts(self, name, description):
        """Tell what is wrong with the texts of a form.

        :param str name: the subject, stripped
        :param str description: the text, stripped
        :return: field name -> sentence
        :rtype: dict
        """
        errors = {}
        if not name:
            errors["name"] = self.env._("Tell us in a few words what it is about.")
        elif len(name) > MAX_SUBJECT_TYPED:
            errors["name"] = self.env._("Keep the subject below 200 characters.")
        if not description:
            errors["description"] = self.env._(
                "Describe what happened, so that we can help."
            )
        elif len(description) > MAX_TEXT:
            errors["description"] = self.env._(
                "Keep the description below %(limit)s characters, and attach the rest as "
                "a file.",
                limit=MAX_TEXT,
            )
        return errors

    @api.model
    def _check_form_volume(self, file_count, email):
        """Refuse more than one person writes: all is taken, or a sentence says why not.
        How many tickets are too many is what the mail gateway is told, see the system
        parameters ``mail.gateway.loop.*``.

        :param int file_count: how many files come with the form
        :param str email: address of who sends it
        :return: field name -> sentence
        :rtype: dict
        """
        if file_count > MAX_FILES:
            return {
                "files": self.env._(
                    "Attach %(limit)s files at most, and send the others with an answer "
                    "to the ticket. Choose them again.",
                    limit=MAX_FILES,
                )
            }
        if self._is_above_mail_limit(email):
            return {
                "form": self.env._(
                    "You opened many tickets within a short time. Add to one of them "
                    "instead, or try again later."
                )
            }
        return {}
