import math

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.tools.intervals import Intervals

from odoo.addons.helpdesk_base.tools import forget_use, format_hours


class HelpdeskWorkType(models.Model):
    """A kind of work: what an hour is sold as, and how many hours are billed for it.

    Hours are worked out in minutes, to a hundredth of a minute: a quarter of an hour is
    15, and not a bit more that would be the next step.
    """

    _name = "helpdesk.work.type"
    _inherit = ["helpdesk.input.mixin"]
    _description = "Kind of Work"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    charge = fields.Selection(
        [
            ("bill", "Bill"),
            ("free", "Free, shown to the customer"),
            ("hidden", "Internal, not shown"),
        ],
        required=True,
        default="bill",
        help="Free work is listed on the invoice and in the portal at no charge. Internal "
        "work is not billed, and customers do not see it.",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Sold As",
        domain="[('type', '=', 'service'), ('sale_ok', '=', True)]",
        check_company=True,
        ondelete="restrict",
        help="Time of this kind is billed on the customer's sales order item of this "
        "product: that on the ticket's order first. Without one, and where no such item "
        "was sold, it is billed on the ticket's item.",
    )
    factor = fields.Float(
        default=1.0,
        help="Hours billed for an hour worked: 1.0 for one to one, 2.0 for two hours of "
        "a pack.",
    )
    step_minutes = fields.Integer(
        string="Step (minutes)",
        help="Billed in steps of so many minutes; 0 for none.",
    )
    minimum_minutes = fields.Integer(
        string="Minimum (minutes)",
        help="At least so many minutes are billed; 0 for none.",
    )
    rounding = fields.Selection(
        [("up", "Up"), ("nearest", "To the nearest step")], required=True, default="up"
    )
    scope = fields.Selection(
        [
            ("entry", "Each entry"),
            ("day", "The ticket's day"),
            ("ticket", "The ticket"),
        ],
        string="Rounded Over",
        required=True,
        default="entry",
        help="What step and minimum apply to. For a ticket, the sum of its entries of "
        "this kind on one sales order item counts over all invoices: a minimum is charged "
        "once, and ten more minutes cost nothing if they were paid for already.",
    )
    resource_calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Outside of",
        check_company=True,
        help="Proposed for work outside of these working hours, and outside of those of "
        "the team: in the evening, at weekends and on holidays. Needs the start time of "
        "the work. Breaks within a day are no evening.",
    )
    team_ids = fields.Many2many(
        comodel_name="helpdesk.team",
        relation="helpdesk_team_work_type_rel",
        column1="work_type_id",
        column2="team_id",
        string="Teams",
        check_company=True,
        help="Teams that use this kind of work; none for those that name no kinds.",
    )

    change_notice = fields.Char(
        compute="_compute_change_notice", export_string_translation=False
    )

    _factor_positive = models.Constraint(
        "CHECK (factor >= 0)", "A factor is 0 or more; 1.0 bills what was worked."
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "charge", "factor", "minimum_minutes", "rounding", "scope", "step_minutes"
    )
    def _compute_change_notice(self):
        """Say in the form how many open hours a changed rule moves, before it is saved."""
        for kind in self:
            is_edited = kind._origin and kind != kind._origin
            kind.change_notice = is_edited and kind._get_change_notice()

    # === CONSTRAINT METHODS === #

    @api.constrains("factor", "minimum_minutes", "step_minutes")
    def _check_minutes(self):
        """Minimum and step agree, whichever is applied first, and both fit in a day."""
        for kind in self:
            if not (math.isfinite(kind.factor) and 0 <= kind.factor <= 100):
                raise ValidationError(
                    self.env._("A factor lies between 0 and 100; 1.0 is one to one.")
                )
            for minutes in (kind.step_minutes, kind.minimum_minutes):
                if not 0 <= minutes <= 24 * 60:
                    raise ValidationError(
                        self.env._(
                            "Step and minimum lie between 0 and 1440 minutes; 0 is none."
                        )
                    )
            if kind.step_minutes and kind.minimum_minutes % kind.step_minutes:
                raise ValidationError(
                    self.env._(
                        "A minimum of %(minimum)s minutes does not fit steps of %(step)s "
                        "minutes: choose a multiple of the step.",
                        minimum=kind.minimum_minutes,
                        step=kind.step_minutes,
                    )
                )

    @api.constrains("product_id")
    def _check_product_id(self):
        """Only a service bills time."""
        for kind in self:
            if kind.product_id and kind.product_id.type != "service":
                raise ValidationError(
                    self.env._(
                        "%(product)s is no service and cannot bill time. Choose a "
                        "service, or leave it empty to bill on the ticket's item.",
                        product=kind.product_id.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        kinds = super().create(vals_list)
        forget_use(self.env, begins=True)
        return kinds

    def unlink(self):
        self._is_in_use()  # known until the commit, see forget_use
        forget_use(self.env, begins=False)
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Time tells what it was billed as."""
        lines = self.env["account.analytic.line"].sudo()
        line = lines.search([("work_type_id", "in", self.ids)], limit=1)
        if line:
            raise UserError(
                self.env._(
                    "Time was recorded as %(kind)s. Archive this kind of work instead: it "
                    "is offered no more, and recorded time keeps it.",
                    kind=line.work_type_id.display_name,
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    @tools.ormcache()
    def _is_in_use(self):
        """Whether there are kinds of work at all: who has none asks nothing about them.

        :rtype: bool
        """
        return bool(
            self.sudo().with_context(active_test=False).search_count([], limit=1)
        )

    # === WHAT IS BILLED FOR AN HOUR === #

    def _get_minutes(self, hours):
        """Minutes that hours of this kind count for, before step and minimum.

        :param float hours: hours worked
        :return: minutes, to a hundredth
        :rtype: float
        """
        self.ensure_one()
        if self.charge != "bill":
            return 0.0
        return round(hours * 60 * self.factor, 2)

    def _rounds_together(self):
        """Whether the rule of this kind, if it is one, is for the sum of several entries.

        :rtype: bool
        """
        return self.scope != "entry" and self.charge == "bill"

    def _apply_rule(self, minutes):
        """Minutes billed for a sum of minutes: at least the minimum, in steps. Nothing
        worked is nothing charged, and a correction below zero is not rounded.

        :param float minutes: those of one entry, or of all that are rounded together
        :rtype: float
        """
        self.ensure_one()
        if minutes <= 0:
            return minutes
        minutes = max(minutes, float(self.minimum_minutes))
        step = self.step_minutes
        if not step:
            return minutes
        count = round(minutes / step, 6)
        count = math.ceil(count) if self.rounding == "up" else math.floor(count + 0.5)
        return float(count * step)

    def _get_rule_text(self):
        """The rule in words, empty if an hour is an hour: "steps of 15 min, at least
        30 min, per ticket".

        :rtype: str
        """
        self.ensure_one()
        if self.charge != "bill":
            free = self.charge == "free"
            return self.env._("free of charge") if free else self.env._("internal")
        parts = []
        if self.factor != 1.0:
            factor = format_hours(self.env, self.factor)
            parts.append(self.env._("times %(factor)s", factor=factor))
        if self.step_minutes:
            parts.append(
                self.env._("steps of %(minutes)s min", minutes=self.step_minutes)
            )
        if self.minimum_minutes:
            parts.append(
                self.env._("at least %(minutes)s min", minutes=self.minimum_minutes)
            )
        if parts and self.scope != "entry":
            by_day = self.scope == "day"
            parts.append(
                self.env._("per ticket and day") if by_day else self.env._("per ticket")
            )
        return ", ".join(parts)

    def _get_change_notice(self):
        """How many open lines the rule in this form moves, and by how much.

        :return: a sentence, or False if it moves none
        :rtype: str | bool
        """
        lines = self.env["account.analytic.line"].sudo()
        lines = lines.search([("work_type_id", "=", self._origin.id)]).filtered(
            lambda line: line._is_not_billed()
        )
        hours = lines._get_hours_of_kind(self._origin)
        after = lines._get_hours_of_kind(self)
        moved = [line for line in lines if abs(after[line] - hours[line]) > 1e-6]
        if not moved:
            return False
        difference = sum(after[line] - hours[line] for line in moved)
        total = round(abs(difference) * 60)
        return self.env._(
            "%(count)s open lines will be billed with %(sign)s%(hours)s:%(minutes)02d h "
            "altogether. What is invoiced stays as it is.",
            count=len(moved),
            sign="-" if difference < 0 else "+",
            hours=total // 60,
            minutes=total % 60,
        )

    # === WHEN A KIND IS PROPOSED === #

    def _split_span(self, start, end, office, calendar):
        """Cut a span of work at the borders of working hours.

        :param datetime start: when the work began, in UTC, with its zone
        :param datetime end: when it ended, alike
        :param office: ``OfficeHours`` that cover the span
        :param calendar: Working Hours of the team (``resource.calendar``), or empty
        :return: ``(start, end, kind)`` in order of time; the kind is empty within
            working hours
        :rtype: list[tuple]
        """
        nothing = self.browse()
        rest, pieces = Intervals([(start, end, nothing)]), []
        for kind in self.filtered("resource_calendar_id"):
            outside = rest
            for hours in {kind.resource_calendar_id, calendar} - {calendar.browse()}:
                outside -= office.get(hours)
            pieces += [(begin, stop, kind) for begin, stop, _none in outside]
            rest -= outside
        pieces += [(begin, stop, nothing) for begin, stop, _none in rest]
        return sorted(pieces, key=lambda piece: piece[0])
