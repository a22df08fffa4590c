from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: With fewer ratings a share of happy customers says nothing, and is not shown.
MIN_RATINGS = 5
MAX_DELAY_HOURS = 24 * 30


class HelpdeskTeam(models.Model):
    _name = "helpdesk.team"
    _inherit = ["rating.parent.mixin", "helpdesk.team"]
    _rating_satisfaction_days = 90

    use_rating = fields.Boolean(
        string="Customer Ratings",
        help="Customers are asked by mail how they liked it, once for each closing.",
    )
    rating_delay_hours = fields.Integer(
        string="Hours until Asked",
        default=4,
        help="Customers are asked so many hours after a ticket was closed, if it is still "
        "closed then.",
    )
    rating_published = fields.Boolean(
        string="Show Ratings to Customers",
        help="Customers see in the portal how many of the team's customers are happy. "
        "What a single customer wrote is shown to colleagues only.",
    )
    rating_alert_user_id = fields.Many2one(
        comodel_name="res.users",
        string="To-do after Unhappy Ratings",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        check_company=True,
        help="Who gets a to-do on the ticket when a customer is unhappy.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("rating_delay_hours")
    def _check_rating_delay_hours(self):
        for team in self:
            if not 0 <= team.rating_delay_hours <= MAX_DELAY_HOURS:
                raise ValidationError(
                    self.env._(
                        "Customers are asked 0 to %(limit)s hours after the closing.",
                        limit=MAX_DELAY_HOURS,
                    )
                )

    @api.constrains("rating_alert_user_id")
    def _check_rating_alert_user_id(self):
        for user in self.sudo().rating_alert_user_id:
            if not user.has_group("helpdesk_base.group_helpdesk_user"):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not use the helpdesk, and could not look after "
                        "unhappy customers. Choose somebody who does.",
                        user=user.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams.filtered("use_rating")._set_rating_template()
        return teams

    def write(self, vals):
        vals = self._clean_input(vals)
        result = super().write(vals)
        if vals.get("use_rating"):
            self._set_rating_template()
        return result

    # === ACTION METHODS === #

    def action_view_ratings(self):
        """Open what customers said of these teams.

        :return: a window action on ``rating.rating``
        :rtype: dict
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_rating.rating_rating_action"
        )
        if len(self) == 1:
            action["display_name"] = self.env._("Ratings of %(team)s", team=self.name)
        action["domain"] = [
            ("helpdesk_team_id", "in", self.ids),
            ("consumed", "=", True),
        ]
        action["context"] = {}
        return action

    # === BUSINESS METHODS === #

    def _set_rating_template(self):
        """Give the closing stage of teams whose stages ask for no rating the standard
        mail: switched on, ratings are asked for."""
        template = self.env.ref(
            "helpdesk_rating.mail_template_rating", raise_if_not_found=False
        )
        for team in self if template else ():
            if not team._get_pipeline().rating_template_id:
                team._get_closing_stage().rating_template_id = template

    def _get_published_rating(self):
        """What customers are told of the team's ratings.

        :return: a sentence with the share of happy customers and the number of ratings;
            False where the team keeps it to itself, or has too few
        :rtype: str | bool
        """
        self.ensure_one()
        team = self.sudo()
        if not (team.use_rating and team.rating_published):
            return False
        if team.rating_count < MIN_RATINGS:
            return False
        return self.env._(
            "%(share)s %% happy, of %(count)s ratings in %(days)s days",
            share=team.rating_percentage_satisfaction,
            count=team.rating_count,
            days=self._rating_satisfaction_days,
        )
