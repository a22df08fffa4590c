import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, formataddr, plaintext2html

from odoo.addons.rating.models import rating_data

_logger = logging.getLogger(__name__)

#: Days in which nobody is asked twice.
PAUSE_DAYS = 30
#: As many tickets as the job looks at between two commits.
BATCH = 50
TO_DO = "helpdesk_rating.mail_activity_unhappy"


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["rating.mixin", "helpdesk.ticket"]

    rating_due_date = fields.Datetime(
        string="Rating Asked after",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="The customer is asked for a rating after that, if the ticket is still "
        "closed and nothing else speaks against it.",
    )
    rating_asked_date = fields.Datetime(
        string="Asked for Rating",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    rated_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Rated Person",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="To whom the ticket was assigned when it was closed.",
    )

    # new tickets have none: no query for each of them
    rating_last_value = fields.Float(
        compute="_compute_rating_last_value", store=True, precompute=True
    )
    rating_last_text = fields.Selection(
        selection=rating_data.RATING_TEXT,
        related=None,
        compute="_compute_rating_last_text",
        compute_sudo=True,
    )

    # === COMPUTE METHODS === #

    @api.depends("rating_last_value")
    def _compute_rating_last_text(self):
        """Lists show it, so it is read of the ticket."""
        for ticket in self:
            ticket.rating_last_text = rating_data._rating_to_text(
                ticket.rating_last_value
            )

    # === CRUD METHODS === #

    def write(self, vals):
        vals = self._clean_input(vals)
        may_close = {"stage_id", "team_id"} & vals.keys()
        closed = self.filtered("is_closed") if may_close else self.browse()
        result = super().write(vals)
        if may_close:
            now_closed = self.filtered("is_closed")
            (closed - now_closed)._forget_rating_request()
            (now_closed - closed)._plan_rating_request()
        return result

    def _get_ruled_fields(self):
        return super()._get_ruled_fields() | {
            "rated_partner_id",
            "rating_asked_date",
            "rating_due_date",
            "rating_ids",
            "rating_last_value",
        }

    # === ACTION METHODS === #

    def action_view_ratings(self):
        """Open what customers said of these tickets.

        :return: a window action on ``rating.rating``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_rating.rating_rating_action"
        )
        ratings = Domain("helpdesk_ticket_id", "in", self.ids)
        ratings &= Domain("consumed", "=", True)
        action["domain"] = list(ratings)
        action["context"] = {}
        found = self.env["rating.rating"].search(ratings, limit=2)
        if len(found) == 1:
            form = self.env.ref("helpdesk_rating.rating_rating_view_form")
            action["res_id"] = found.id
            action["views"] = [(form.id, "form")]
        return action

    # === ASKING === #

    def _plan_rating_request(self):
        """These tickets were just closed: who is rated is settled now, and when the
        customer is asked. Whether, is seen then. Another desk's closing asks nobody."""
        if self._is_moving_in():
            return
        tickets = self.sudo().filtered(
            lambda ticket: ticket.team_id.use_rating and not ticket.merged_into_id
        )
        now = fields.Datetime.now()
        for (team, user), closed in tickets.grouped(
            lambda ticket: (ticket.team_id, ticket.user_id)
        ).items():
            closed.write(
                {
                    "rating_due_date": now + timedelta(hours=team.rating_delay_hours),
                    "rated_partner_id": user.partner_id.id,
                }
            )

    def _forget_rating_request(self):
        """These tickets were reopened before their customers were asked."""
        self.sudo().filtered("rating_due_date").rating_due_date = False

    @api.model
    def _cron_ask_for_ratings(self):
        """Ask the customers of tickets that were closed a while ago; goes on where it
        stopped: mails and the notes that they were sent are of one commit."""
        domain = Domain("rating_due_date", "<=", fields.Datetime.now())
        domain &= Domain("active", "in", [True, False])
        order = "rating_due_date, id"
        while due := self.sudo().search(domain, order=order, limit=BATCH):
            due._ask_for_rating()
            left = self.sudo().search_count(domain)
            if not self.env["ir.cron"]._commit_progress(len(due), remaining=left):
                break

    def _ask_for_rating(self):
        """Ask the customers of these tickets, where nothing speaks against it. A mail
        that cannot be made stops no other; the ticket says so."""
        self.write({"rating_due_date": False})
        for ticket in self._filter_to_rate():
            try:
                with self.env.cr.savepoint():
                    ticket._send_rating_request()
            except OperationalError:
                raise  # the job is tried again
            except Exception:  # noqa: BLE001 pylint: disable=broad-except
                _logger.warning("Nobody was asked to rate %s", ticket, exc_info=True)
                ticket._message_log(
                    body=self.env._(
                        "The customer could not be asked for a rating. Check the "
                        "template of the stage."
                    )
                )

    def _send_rating_request(self):
        """Post the mail of the stage, which is automatic; it leaves by the queue."""
        self.ensure_one()
        self.rating_asked_date = fields.Datetime.now()
        # a link that nobody used yet serves this closing as well
        unused = self.rating_ids.filtered(lambda rating: not rating.consumed)
        unused.rated_partner_id = self._rating_get_operator()
        self.with_context(mail_notify_force_send=False).message_post_with_source(
            self.stage_id.rating_template_id,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )

    def _filter_to_rate(self):
        """Those of these tickets whose customers may be asked now. Meant for override
        by addons that know of more reasons to leave people alone.

        :return: tickets that are closed in a stage that asks, answered by a colleague,
            of a customer from outside whom nobody asked within 30 days
        :rtype: helpdesk.ticket
        """
        tickets = self.filtered(
            lambda ticket: (
                ticket.active
                and ticket.is_closed
                and not ticket.merged_into_id
                and ticket.team_id.active
                and ticket.team_id.use_rating
                and ticket.stage_id.rating_template_id
                and ticket._get_rater()
            )
        )
        tickets = tickets._filter_answered()
        asked = tickets._read_asked_raters()
        chosen = self.browse()
        for ticket in tickets:
            if ticket._get_rater() not in asked:
                asked.add(ticket._get_rater())
                chosen |= ticket
        return chosen

    def _get_rater(self):
        """Who would rate the ticket: the address of a customer from outside.

        :return: normalized address, or False
        :rtype: str | bool
        """
        self.ensure_one()
        customer = self.partner_id
        if customer and not customer.partner_share:
            return False  # a colleague
        return email_normalize(customer.email or self.partner_email)

    def _filter_answered(self):
        """Those of these tickets to which a colleague wrote an answer."""
        answers = self.env["mail.message"]._read_group(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                ("is_internal", "=", False),
                ("author_id.partner_share", "=", False),
            ],
            ["res_id"],
        )
        answered = {ticket_id for (ticket_id,) in answers}
        return self.filtered(lambda ticket: ticket.id in answered)

    def _read_asked_raters(self):
        """Those customers of these tickets that were asked a short time ago, whatever
        the ticket.

        :return: normalized addresses
        :rtype: set[str]
        """
        since = fields.Datetime.now() - timedelta(days=PAUSE_DAYS)
        raters = {ticket._get_rater() for ticket in self}
        domain = Domain("rating_asked_date", ">=", since)
        domain &= Domain("partner_id", "in", self.partner_id.ids) | Domain(
            "partner_email", "in", [*raters, *self.mapped("partner_email")]
        )
        asked = self.search(domain)
        return {ticket._get_rater() for ticket in asked}

    # === RATING === #

    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        """Customers rate, by the page of the link in their mail, and nobody else.

        :raise AccessError: for any other call
        """
        self._check_rated_by_customer()
        rating = super().rating_apply(
            rate,
            token=token,
            rating=rating,
            feedback=feedback,
            subtype_xmlid=subtype_xmlid,
            notify_delay_send=notify_delay_send,
        )
        self._follow_up_rating(rating)
        return rating

    def rating_send_request(self, template, lang=False, force_send=True):
        """Customers are asked by the job, once for a closing, and by nobody else.

        :raise AccessError: for any other call
        """
        self._check_rated_by_customer()
        return super().rating_send_request(template, lang=lang, force_send=force_send)

    def _check_rated_by_customer(self):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Customers rate a ticket by the link in the mail they get once it is "
                    "closed. Nobody does it for them."
                )
            )

    def _follow_up_rating(self, rating):
        """Somebody looks after an unhappy customer; or need not any more, once the
        customer changed the rating.

        :param rating: the ``rating.rating``, just given or changed
        """
        self.ensure_one()
        ticket = self.sudo()
        to_dos = ticket.activity_search([TO_DO])
        if rating.rating >= rating_data.RATING_LIMIT_OK:
            to_dos.unlink()
            return
        lead = ticket.team_id.rating_alert_user_id
        if to_dos or not lead.active or not ticket.with_user(lead).has_access("read"):
            return
        ticket.activity_schedule(
            TO_DO, user_id=lead.id, note=plaintext2html(rating.feedback or "")
        )

    def _rating_get_operator(self):
        return self.sudo().rated_partner_id or super()._rating_get_operator()

    def _rating_get_parent_field_name(self):
        return "team_id"

    def _rating_apply_get_default_subtype_id(self):
        return self.env["ir.model.data"]._xmlid_to_res_id(
            "helpdesk_rating.mt_ticket_rating"
        )

    # === MAIL === #

    def message_post(self, **kwargs):
        """Ratings come by the link of the mail, not along with a message; the author of
        one without a contact is the address that was asked."""
        if kwargs.get("rating_value") or kwargs.get("rating_id"):
            self._check_rated_by_customer()
            if not kwargs.get("author_id") and self.partner_email:
                kwargs["author_id"] = False
                kwargs["email_from"] = formataddr(
                    (self.partner_name or "", self.partner_email)
                )
        return super().message_post(**kwargs)

    def _message_post_after_hook(self, message, msg_vals):
        rating = self.env["rating.rating"].sudo().browse(msg_vals.get("rating_id"))
        if rating and not rating.partner_id and rating.helpdesk_ticket_id == self:
            rating.message_id = message.id  # stock knows it by the contact
        return super()._message_post_after_hook(message, msg_vals)

    def _get_allowed_message_params(self):
        return super()._get_allowed_message_params() - {"rating_value"}

    # === MERGE === #

    def _merge_move(self, sources):
        """Ratings go where their messages go; a link of a merged ticket rates this
        one."""
        super()._merge_move(sources)
        sources.rating_ids.write(
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
            }
        )

    # === REPORTING === #

    def _read_group_select(self, aggregate_spec, query):
        """Tickets that nobody rated are no bad ones: leave them out of averages."""
        expression = super()._read_group_select(aggregate_spec, query)
        if aggregate_spec != "rating_last_value:avg":
            return expression
        value = self._field_to_sql(self._table, "rating_last_value", query)
        return SQL("%s FILTER (WHERE %s > 0)", expression, value)
