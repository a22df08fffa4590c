from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

# As many customers as one run of the job asks between two commits.
BATCH = 50


class HelpdeskTimeAgreement(models.Model):
    """Time that a customer was asked to agree to, with one mail and one signed link.

    The link shows what is still that customer's: lines of a ticket that went to another
    customer leave it, and so does what was billed meanwhile.
    """

    _name = "helpdesk.time.agreement"
    _description = "Agreement on Time"
    _inherit = ["portal.mixin", "mail.thread", "helpdesk.input.mixin"]
    _order = "id desc"

    name = fields.Char(compute="_compute_name", store=True)
    partner_id = fields.Many2one(
        "res.partner", string="Asked", required=True, index=True, readonly=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    deadline = fields.Date(
        required=True,
        readonly=True,
        help="No answer until this day, inclusive, counts as agreement.",
    )
    line_ids = fields.One2many(
        comodel_name="account.analytic.line",
        inverse_name="agreement_id",
        string="Time",
        readonly=True,
    )
    open_count = fields.Integer(
        string="Unanswered", compute="_compute_open_count", compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id", "create_date")
    def _compute_name(self):
        for agreement in self:
            agreement.name = self.env._(
                "Time of %(customer)s, %(day)s",
                customer=agreement.commercial_partner_id.name or "-",
                day=format_date(self.env, agreement.create_date or fields.Date.today()),
            )

    def _compute_open_count(self):
        groups = self.env["account.analytic.line"]._read_group(
            [("agreement_id", "in", self.ids), ("customer_state", "=", "asked")],
            ["agreement_id"],
            ["__count"],
        )
        counts = {agreement.id: count for agreement, count in groups}
        for agreement in self:
            agreement.open_count = counts.get(agreement.id, 0)

    def _compute_access_url(self):
        super()._compute_access_url()
        for agreement in self:
            agreement.access_url = f"/my/time/{agreement.id}"

    # === ASKING === #

    @api.model
    def _ask(self, lines):
        """Ask the customers of some lines, each contact with one mail.

        :param lines: time lines; those that need no asking are passed over
        :return: the agreements that were sent
        :rtype: helpdesk.time.agreement
        """
        lines = lines.sudo()
        lines = lines.search(Domain("id", "in", lines.ids) & lines._domain_to_ask())
        agreements = self.browse()
        for (contact, customer, company), asked in lines.grouped(
            lambda line: (
                line._get_agreeing_contact(),
                line.helpdesk_commercial_partner_id,
                line.company_id,
            )
        ).items():
            if not contact.email:
                continue
            days = min(
                asked.helpdesk_ticket_id.team_id.mapped("customer_approval_days")
            )
            agreement = self.sudo().create(
                {
                    "partner_id": contact.id,
                    "commercial_partner_id": customer.id,
                    "company_id": company.id,
                    "deadline": fields.Date.today() + timedelta(days=days),
                }
            )
            asked.write({"customer_state": "asked", "agreement_id": agreement.id})
            agreement._send()
            agreements |= agreement
        return agreements

    def _send(self):
        """Send the mail with the signed link, in the language of the contact."""
        template = self.env.ref(
            "helpdesk_timesheet_approval.mail_template_agree", raise_if_not_found=False
        )
        for agreement in self:
            agreement._portal_ensure_token()
            if template:
                agreement.message_post_with_source(
                    template,
                    message_type="notification",
                    subtype_xmlid="mail.mt_comment",
                    partner_ids=agreement.partner_id.ids,
                )

    @api.model
    def _cron_ask(self):
        """Ask all customers about their new time; goes on where it stopped."""
        lines = self.env["account.analytic.line"].sudo()
        customers = lines._read_group(
            lines._domain_to_ask(), ["helpdesk_commercial_partner_id"]
        )
        ids = [customer.id for (customer,) in customers]
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            self._ask(
                lines.search(
                    lines._domain_to_ask()
                    & Domain("helpdesk_commercial_partner_id", "in", batch)
                )
            )
            self.env["ir.cron"]._commit_progress(
                len(batch), remaining=len(ids) - start - len(batch)
            )

    @api.model
    def _cron_close(self):
        """No answer in time counts as agreement."""
        lines = (
            self.env["account.analytic.line"]
            .sudo()
            .search(
                Domain("customer_state", "=", "asked")
                & Domain("agreement_id.deadline", "<", fields.Date.today())
            )
        )
        lines._set_agreed("")

    # === ANSWERS === #

    def _get_lines_to_show(self):
        """Time that the signed link shows: that of the customer who was asked, neither
        billed nor handed to somebody else since.

        :rtype: account.analytic.line
        """
        self.ensure_one()
        return (
            self.sudo()
            .line_ids.filtered(
                lambda line: (
                    line.helpdesk_commercial_partner_id == self.commercial_partner_id
                    and line.customer_state in ("asked", "agreed", "questioned")
                    and line._is_not_billed()
                )
            )
            .sorted(lambda line: (line.helpdesk_ticket_id.id, line.date, line.id))
        )

    def _agree(self, lines, name):
        """The customer agrees to lines of this agreement.

        :param lines: some of :meth:`_get_lines_to_show`
        :param str name: who answers
        """
        asked = lines & self._get_lines_to_show()
        asked.filtered(lambda line: line.customer_state != "agreed")._set_agreed(name)

    def _question(self, lines, comment, name):
        """The customer questions lines: they wait, the question is on the ticket, and
        who worked has a to-do.

        :param lines: some of :meth:`_get_lines_to_show`
        :param str comment: what is in question
        :param str name: who answers
        :raise UserError: if there is no comment, or no such line any more
        """
        asked = lines & self._get_lines_to_show()
        comment = (comment or "").strip()[:1000]
        if not comment:
            raise UserError(
                self.env._("Say what is in question, so that we can answer.")
            )
        if not asked:
            raise UserError(
                self.env._("This time cannot be questioned any more: it was billed.")
            )
        asked.write(
            {
                "customer_state": "questioned",
                "customer_answer": comment,
                "customer_answer_by": name,
                "customer_answer_date": fields.Datetime.now(),
            }
        )
        for (ticket, user), group in asked.grouped(
            lambda line: (line.helpdesk_ticket_id, line.user_id)
        ).items():
            self._tell_question(ticket, user, group, comment)

    def _tell_question(self, ticket, worker, lines, comment):
        """Put a question on the ticket, and give somebody the to-do to answer it.

        :param ticket: ``helpdesk.ticket`` of the lines
        :param worker: ``res.users`` who worked, may be empty
        :param lines: what is in question
        :param str comment: the question
        """
        ticket.message_post(
            body=self.env._(
                "Question on %(lines)s: %(comment)s",
                lines="; ".join(
                    f"{format_date(self.env, line.date)} {line.name}" for line in lines
                ),
                comment=comment,
            ),
            author_id=self.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        if answers := self._get_answering_user(ticket, worker):
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=answers.id,
                summary=self.env._("The customer questions time"),
                note=comment,
            )

    def _get_answering_user(self, ticket, worker):
        """Who answers a question on time: who worked, else who has the ticket, else who
        looks after its team. Nobody of them may have left.

        :param ticket: ``helpdesk.ticket`` with the time
        :param worker: ``res.users``, empty for time of people who are no users
        :rtype: res.users
        """
        present = worker.filtered("active") or ticket.user_id.filtered("active")
        return present or ticket.team_id._get_leads()[:1]
