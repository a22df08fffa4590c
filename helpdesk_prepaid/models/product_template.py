from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What happens when a pack is used up, see ``pack_at_end`` of the order item.
AT_END = [
    ("continue", "Go on below zero"),
    ("next", "The customer's next pack"),
    ("item", "Another item of the customer"),
    ("wait", "Wait until somebody decides"),
]


class ProductTemplate(models.Model):
    """What a pack of hours promises: how long it is valid, and what comes after it."""

    _inherit = "product.template"

    pack_validity_months = fields.Integer(
        string="Valid for Months",
        help="Months for which a pack of hours is valid; none for no end.",
    )
    pack_start = fields.Selection(
        [
            ("day", "On the day of its order"),
            ("previous", "When the customer's former pack of it ends"),
        ],
        string="Starts",
        default="day",
        required=True,
        help="Since when a pack is valid that is ordered while another one is.",
    )
    pack_grace_days = fields.Integer(
        string="Days of Grace",
        default=5,
        help="Days after its end in which time of before may still be recorded on a pack; "
        "then the hours that are left expire.",
    )
    pack_at_end = fields.Selection(
        AT_END, string="When Used Up", default="continue", required=True
    )
    pack_rollover = fields.Selection(
        [
            ("none", "They expire"),
            ("limit", "Up to a limit they go to the next pack"),
            ("all", "They go to the next pack"),
        ],
        string="Hours Left at the End",
        default="none",
        required=True,
    )
    pack_rollover_hours = fields.Float(
        string="Limit", help="Hours that go to the customer's next pack at most."
    )
    pack_team_ids = fields.Many2many(
        comodel_name="helpdesk.team",
        relation="product_template_helpdesk_team_rel",
        column1="product_id",
        column2="team_id",
        string="Serves Teams",
        help="Teams whose tickets a pack serves besides those it was chosen on; all if "
        "empty.",
    )
    pack_notice_levels = fields.Char(
        string="Tell at",
        default="80, 95, 100",
        help="Used per cent of a pack at which the customer and the salesperson are told, "
        "once each; none if empty.",
    )
    pack_notice_days = fields.Integer(
        string="Tell Days before",
        default=30,
        help="Days before its end on which the customer and the salesperson are told how "
        "many hours are left; none for 0.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains(
        "pack_grace_days",
        "pack_notice_days",
        "pack_rollover_hours",
        "pack_validity_months",
    )
    def _check_pack_numbers(self):
        for product in self:
            numbers = (
                product.pack_grace_days,
                product.pack_notice_days,
                product.pack_validity_months,
                product.pack_rollover_hours,
            )
            if not all(0 <= number <= 1200 for number in numbers):
                raise ValidationError(
                    self.env._(
                        "Months, days and hours of a pack are between 0 and 1,200. Check "
                        "the pack on product %(product)s.",
                        product=product.display_name,
                    )
                )

    @api.constrains("pack_notice_levels")
    def _check_pack_notice_levels(self):
        for product in self:
            self._read_pack_levels(product.pack_notice_levels)

    # === ACTION METHODS === #

    @api.model
    def action_create_pack(self, unit):
        """Make a product that sells hours in advance, in one of the ready units.

        :param str unit: ``5``, ``10`` or ``20``: hours of a pack
        :return: a window action on the new product
        :rtype: dict
        :raise ValidationError: for another unit
        :raise AccessError: if the user may not create products
        """
        if str(unit) not in ("5", "10", "20"):
            raise ValidationError(self.env._("Choose a pack of 5, 10 or 20 hours."))
        uom = self.env.ref(f"helpdesk_prepaid.uom_pack_{unit}")
        product = self.create(
            {
                "name": self.env._("Support, %(unit)s", unit=uom.name),
                "type": "service",
                "service_policy": "ordered_prepaid",
                "uom_id": uom.id,
                "pack_validity_months": 12,
                "pack_at_end": "next",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": product.id,
            "views": [[False, "form"]],
        }

    # === BUSINESS METHODS === #

    @api.model
    def _read_pack_levels(self, text):
        """Per cents at which people are told.

        :param str text: numbers with commas between them, may be empty
        :return: in rising order
        :rtype: list[int]
        :raise ValidationError: if that is something else
        """
        words = (text or "").replace("%", "").replace(";", ",").split(",")
        try:
            levels = sorted({int(word) for word in words if word.strip()})
        except ValueError:
            levels = [0]
        if any(not 0 < level <= 100 for level in levels):
            raise ValidationError(
                self.env._(
                    "Write whole per cents from 1 to 100 with commas between them, such "
                    "as 80, 95, 100."
                )
            )
        return levels

    def _serves(self, ticket, line):
        """Tell whether packs of this product serve work on a ticket that they were not
        chosen on. Meant for override by addons that know more of work.

        :param ticket: the ``helpdesk.ticket``
        :param line: its ``account.analytic.line``, empty where there is none yet
        :rtype: bool
        """
        return not self.pack_team_ids or ticket.team_id._origin in self.pack_team_ids
