import re

from odoo import api, fields, models

ENTITIES = [
    ("team", "Teams"),
    ("stage", "Stages"),
    ("type", "Types"),
    ("category", "Categories"),
    ("channel", "Channels"),
    ("tag", "Tags"),
    ("contact", "Contacts"),
    ("user", "Users"),
    ("ticket", "Tickets"),
    ("message", "Messages"),
    ("file", "Files"),
    ("follower", "Followers"),
    ("order", "Order Links"),
    ("time", "Time"),
    ("rating", "Ratings"),
    ("rule", "Rules"),
    ("item", "Order Item"),
]
_ORDER = {entity: number for number, (entity, _label) in enumerate(ENTITIES)}
# Differences that are listed one by one.
MAX_DIFFERENCES = 1000


class HelpdeskMigrationLine(models.Model):
    """What a rehearsal, a move or a comparison has to say."""

    _name = "helpdesk.migration.line"
    _description = "Move from an Old Desk: Result"
    _inherit = ["helpdesk.input.mixin"]
    _order = "sequence, id"

    migration_id = fields.Many2one(
        "helpdesk.migration", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("count", "Count"),
            ("problem", "Cannot Come"),
            ("sum", "Both Sides"),
            ("difference", "Difference"),
        ],
        required=True,
    )
    sequence = fields.Integer(export_string_translation=False)
    entity = fields.Selection(ENTITIES, string="What", required=True)
    name = fields.Char(string="Which")
    reason = fields.Text()
    found = fields.Integer(help="On the old desk.")
    here = fields.Integer(string="Known", help="Here already.")
    new = fields.Integer()
    left = fields.Integer(string="Left Out")
    number = fields.Integer(string="Times")
    hours = fields.Float()
    old_value = fields.Float(string="There")
    new_value = fields.Float(string="Here")
    is_equal = fields.Boolean(string="Equal", compute="_compute_is_equal")

    # === COMPUTE METHODS === #

    @api.depends("old_value", "new_value")
    def _compute_is_equal(self):
        for line in self:
            line.is_equal = abs(line.old_value - line.new_value) < 0.001

    # === BUSINESS METHODS === #

    @api.model
    def _note_figures(self, migration, figures):
        """Add what a page counted to the lines of a move, in as many queries for much as
        for little.

        :param migration: ``helpdesk.migration``
        :param figures: ``MigrationFigures``
        """
        known = {line._get_key(): line for line in migration.line_ids}
        new, rules = [], {}
        for (entity, reason), problem in figures.problems.items():
            self._note_problem(known, new, entity, reason, problem)
        is_sum = migration.job == "compare"
        for entity, counts in figures.counts.items():
            if entity.startswith("rule_"):
                rules[entity.removeprefix("rule_")] = counts["found"]
            else:
                self._note_count(known, new, entity, counts, is_sum)
        self._add(migration, new)
        if any(rules.values()):
            self._note_rules(migration, rules)

    def _get_key(self):
        """What a page finds the line by that it adds to."""
        which = {"problem": self.reason, "sum": self.name}.get(self.kind)
        return self.kind, self.entity, which or ""

    @api.model
    def _add(self, migration, vals_list):
        """Add lines to a move, in the order of what they are about."""
        self.create(
            [
                {
                    "migration_id": migration.id,
                    "sequence": _ORDER[vals["entity"]],
                    **vals,
                }
                for vals in vals_list
            ]
        )
        migration.invalidate_recordset(["line_ids", "difference_line_ids"])

    @api.model
    def _note_problem(self, known, new, entity, reason, problem):
        """A line of what cannot come for one reason."""
        line = known.get(("problem", entity, reason))
        if line:
            line.number += problem["count"]
            line.hours += problem["hours"]
            return
        new.append(
            {
                "kind": "problem",
                "entity": entity,
                "reason": reason,
                "name": ", ".join(map(str, problem["examples"])),
                "number": problem["count"],
                "hours": problem["hours"],
            }
        )

    @api.model
    def _note_count(self, known, new, entity, counts, is_sum):
        """A line of one kind of record: counts, or both sides of a comparison."""
        name = ""
        if entity.startswith("item "):
            entity, name = "item", entity.removeprefix("item ")
        kind = "sum" if is_sum else "count"
        names = (
            {"old_value": "old", "new_value": "ours"}
            if is_sum
            else {"found": "found", "here": "here", "new": "new", "left": "left"}
        )
        line = known.get((kind, entity, name))
        if line:
            for field, fate in names.items():
                line[field] += counts[fate]
            return
        figures = {field: counts[fate] for field, fate in names.items()}
        new.append({"kind": kind, "entity": entity, "name": name, **figures})

    @api.model
    def _note_rules(self, migration, rules):
        """Say by which rule contacts were known."""
        line = migration.line_ids.filtered(
            lambda line: (line.kind, line.entity) == ("count", "contact")
        )
        if not line:
            return
        labels = {
            "external_id": self.env._("external ID"),
            "email": self.env._("mail address"),
            "login": self.env._("login"),
            "name": self.env._("name"),
        }
        told = (line.name or "").replace(", ", ",")
        former, texts = dict(re.findall(r"([^,:]+): (\d+)", told)), []
        for rule, label in labels.items():
            number = rules.get(rule, 0) + int(former.get(label, 0))
            if number:
                texts.append(f"{label}: {number}")
        line.name = ", ".join(texts)

    @api.model
    def _note_differences(self, migration, differences):
        """Lines of what differs, as far as they are not too many.

        :param migration: ``helpdesk.migration``
        :param list[tuple] differences: see ``MigrationComparison.compare``
        """
        room = MAX_DIFFERENCES - len(migration.difference_line_ids)
        self._add(
            migration,
            [
                {
                    "kind": "difference",
                    "entity": entity,
                    "name": number,
                    "old_value": there,
                    "new_value": here,
                }
                for entity, number, there, here in differences[:room]
            ],
        )
