from collections import Counter, defaultdict

from ..tools import OldDeskError
from .migration_keys import MigrationKeys
from .migration_people import MigrationPeople, fold
from .migration_sales import MigrationSales

TICKET = "helpdesk.ticket"
# Old models whose names become types or tags here, by what they are called in figures.
NAMED = {
    "type": "helpdesk.ticket.type",
    "category": "helpdesk.ticket.category",
    "channel": "helpdesk.ticket.channel",
    "tag": "helpdesk.ticket.tag",
}
MAX_EXAMPLES = 5


class MigrationFigures:
    """What was counted, and what cannot come and why."""

    def __init__(self):
        self.counts = defaultdict(Counter)  # by kind of record, then by fate
        self.problems = {}  # by kind of record and reason

    def count(self, entity, fate, number=1):
        """Count records of a kind: ``found``, ``here``, ``new``, ``left``, or the sums
        of a comparison, ``old`` and ``ours``."""
        self.counts[entity][fate] += number

    def tell(self, entity, reason, example="", hours=0.0):
        """Note that something cannot come as it was, and why."""
        problem = self.problems.setdefault(
            (entity, reason), {"count": 0, "hours": 0.0, "examples": []}
        )
        problem["count"] += 1
        problem["hours"] += hours
        is_other = example and example not in problem["examples"]
        if is_other and len(problem["examples"]) < MAX_EXAMPLES:
            problem["examples"].append(example)

    def add(self, other):
        """Take over what another one counted."""
        for entity, counts in other.counts.items():
            self.counts[entity].update(counts)
        for key, problem in other.problems.items():
            own = self.problems.setdefault(
                key, {"count": 0, "hours": 0.0, "examples": []}
            )
            own["count"] += problem["count"]
            own["hours"] += problem["hours"]
            own["examples"] = (own["examples"] + problem["examples"])[:MAX_EXAMPLES]


class MigrationMover:
    """All that the batches of one move share: the old desk, who is who, and what became
    of teams, stages, types and tags.

    :param migration: ``helpdesk.migration``, with raised rights
    :param desk: a connection, see ``OldDesk``
    """

    def __init__(self, migration, desk):
        self.migration = migration
        self.desk = desk
        maps = migration.map_ids.grouped("kind")
        empty = migration.map_ids.browse()
        self._company_rows = maps.get("company", empty)
        self.companies = self._company_rows.company_id | migration.company_id
        tickets = migration.env[TICKET].sudo()._as_moving_in()
        self.env = tickets.with_context(
            active_test=False,
            allowed_company_ids=self.companies.ids,
            attachments_mime_plainxml=True,
            lang="en_US",
        ).env
        self.team_rows = {
            (row.old_id, row.old_company_id): row for row in maps.get("team", empty)
        }
        self.stage_rows = {row.old_id: row for row in maps.get("stage", empty)}
        self._company_by_old = {
            row.old_id: row.company_id for row in self._company_rows
        }
        self.keys = MigrationKeys(self.env, migration.source)
        self.seen = {name: set(ids) for name, ids in (migration.seen or {}).items()}
        self._internal_subtypes = None
        self.forget()

    def forget(self):
        """Let go of what was matched and made: a batch was taken back."""
        self.people = MigrationPeople(self)
        self.sales = MigrationSales(self)
        self._named = {}

    def get_company(self, value):
        """Company here.

        :param value: of a many2one field of the old desk
        :rtype: res.company
        """
        if not value:
            return self.migration.company_id
        return self._company_by_old.get(value[0]) or self.companies.browse()

    def has(self, model, *names):
        """Tell whether the old desk has a model, with these fields.

        :rtype: bool
        """
        return set(names) <= self.desk.read_fields(model).keys()

    def is_internal_subtype(self, value):
        """Tell whether messages of a subtype are for colleagues only.

        :param value: of a many2one field of the old desk
        :rtype: bool
        """
        if self._internal_subtypes is None:
            rows = self.desk.search_read("mail.message.subtype", [], ["internal"])
            self._internal_subtypes = {r["id"] for r in rows if r["internal"]}
        return not value or value[0] in self._internal_subtypes

    def find_new(self, entity, old_ids):
        """Those of these ids that were not met before in this run, which may be cut in
        pieces.

        :rtype: set
        """
        seen = self.seen.setdefault(entity, set())
        new = set(old_ids) - seen - {False, None}
        seen |= new
        return new

    # === TEAMS AND STAGES === #

    def set_up(self):
        """Make the teams and stages that are not here."""
        for row in self.stage_rows.values():
            if not row.stage_id:
                row.stage_id = self.env["helpdesk.stage"].create(
                    {
                        "name": row.name,
                        "sequence": row.sequence,
                        "fold": row.is_closed,
                    }
                )
        rows = [
            row
            for row in self.team_rows.values()
            if row.is_taken and row.company_id and not row.team_id
        ]
        if rows:
            self._create_teams(rows)

    def _create_teams(self, rows):
        old_ids = [row.old_id for row in rows]
        old = self.desk.search_read(
            "helpdesk.ticket.team", [("id", "in", old_ids)], ["user_ids"]
        )
        members = {team["id"]: team.get("user_ids") or [] for team in old}
        self.people.prepare((), {u for ids in members.values() for u in ids}, ())
        has_time = self.migration.bring_time and self.has(
            "account.analytic.line", "ticket_id"
        )
        stages = [row.stage_id.id for row in self.stage_rows.values()]
        for row in rows:
            users = self.env["res.users"]
            for old_id in members.get(row.old_id, ()):
                users |= self.people.get_user(old_id)
            users = users.filtered(lambda u, c=row.company_id: c in u.company_ids)
            row.team_id = self.env["helpdesk.team"].create(
                {
                    "name": row.name,
                    "company_id": row.company_id.id,
                    "member_ids": users.filtered("active").ids,
                    "stage_ids": stages,
                    "use_helpdesk_timesheet": has_time,
                    "use_helpdesk_sale_timesheet": has_time,
                }
            )

    def add_stages(self, pairs):
        """Let teams use the stages of their tickets.

        :param set pairs: a team and a stage
        """
        for team, stage in pairs:
            if stage not in team.stage_ids:
                team.stage_ids += stage

    # === TYPES AND TAGS === #

    def find_named(self, model, names):
        """Types or tags by name; upper and lower case are the same.

        :param str model: here
        :param names: of the old desk
        :return: id by folded name, those that are not here left out
        :rtype: dict
        """
        if model not in self._named:
            records = self.env[model].search_fetch([], ["name"])
            self._named[model] = {fold(record.name): record.id for record in records}
        known = self._named[model]
        return {fold(n): known[fold(n)] for n in names if fold(n) in known}

    def make_named(self, model, names):
        """As :meth:`find_named`, and make those that are not here."""
        found = self.find_named(model, names)
        missing = {fold(n): n for n in names if fold(n) not in found}
        made = self.env[model].create([{"name": name} for name in missing.values()])
        self._named[model].update(zip(missing, made.ids, strict=True))
        return self.find_named(model, names)

    # === WHAT IS COUNTED ONCE === #

    def count_masters(self, figures):
        """Count teams, stages, types and tags.

        :param figures: ``MigrationFigures``
        """
        for entity, rows, target in (
            ("team", self.team_rows.values(), "team_id"),
            ("stage", self.stage_rows.values(), "stage_id"),
        ):
            for row in rows:
                if entity == "team" and not row.is_taken:
                    continue
                figures.count(entity, "found")
                figures.count(entity, "here" if row[target] else "new")
        for entity, model in NAMED.items():
            self._count_named(figures, entity, model)
        self._tell_left_modules(figures)

    def _count_named(self, figures, entity, model):
        if not self.desk.read_fields(model):
            return
        target = self.get_target(entity)
        rows = self.desk.search_read(model, [], ["name"])
        names = [row["name"] for row in rows]
        found = self.find_named(target, names) if target else {}
        for name in names:
            figures.count(entity, "found")
            is_here = fold(name) in found
            figures.count(entity, "here" if is_here else "new" if target else "left")

    def get_target(self, entity):
        """Model here that a name of the old desk becomes, False for none.

        :param str entity: see ``NAMED``
        """
        as_type, as_tag = "helpdesk.ticket.type", "helpdesk.tag"
        if entity == "type":
            return as_type
        if entity == "tag":
            return as_tag
        if entity == "channel":
            return as_tag if self.migration.bring_channels else False
        has_types = self.has(TICKET, "type_id")
        wanted = self.migration.category_as
        if wanted == "none":
            return False
        return as_tag if wanted == "tag" or has_types else as_type

    def _tell_left_modules(self, figures):
        """What belongs to rules of the old desk and not to its tickets."""
        _ = self.migration.env._
        left = {
            "helpdesk.sla": _(
                "Promised times do not come: open tickets are promised what your own "
                "rules say, from the move on."
            ),
        }
        for model, reason in left.items():
            if self.desk.read_fields(model):
                try:
                    number = self.desk.search_count(model, [])
                except OldDeskError:
                    number = 0
                if number:
                    figures.tell("rule", reason)
