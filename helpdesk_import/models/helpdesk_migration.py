import logging
import re
from contextlib import closing
from urllib.parse import urlsplit

from psycopg2 import DataError, IntegrityError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools import OldDesk, OldDeskError
from .migration_batch import TICKET_FIELDS, MigrationBatch
from .migration_comparison import MigrationComparison
from .migration_keys import MODULE
from .migration_mover import TICKET, MigrationFigures, MigrationMover
from .migration_people import fold

_logger = logging.getLogger(__name__)

# Tickets that are brought in by one transaction.
PAGE = 200
# What a record may be refused with; a selection that has no such value is a ValueError.
_REFUSALS = (UserError, ValueError, DataError, IntegrityError)
# What is read of the old addons, by a model or a field that shows they are there.
_MODULES = {
    "helpdesk_mgmt_timesheet": ("account.analytic.line", "ticket_id"),
    "helpdesk_mgmt_sale": (TICKET, "sale_order_ids"),
    "helpdesk_mgmt_project": (TICKET, "project_id"),
    "helpdesk_mgmt_sla": ("helpdesk.sla", "name"),
    "helpdesk_mgmt_rating": (TICKET, "rating_ids"),
    "helpdesk_type": (TICKET, "type_id"),
    "helpdesk_mgmt_template": ("helpdesk.ticket.category", "template_description"),
}


def get_host(url):
    """Name of the server of an address, empty if it is none yet."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class HelpdeskMigration(models.Model):
    """A move from an old server with OCA's ``helpdesk_mgmt``: asked over the network,
    rehearsed, brought in by batches in the background, and compared.

    What came is known by its external id, so that whatever is run again goes on where it
    was, and changes nothing that is here.
    """

    _name = "helpdesk.migration"
    _description = "Move from an Old Desk"
    _inherit = ["helpdesk.input.mixin"]
    _order = "id desc"
    _input_max_length = {"url": 500, "database": 200, "login": 200, "source": 40}
    _address_fields = frozenset({"url", "database", "login", "protocol"})
    # What is set by the jobs alone.
    _result_fields = frozenset(
        {
            "state",
            "job",
            "last_job",
            "user_id",
            "error",
            "version",
            "modules",
            "position",
            "done_count",
            "total_count",
            "seen",
            "line_ids",
            "connected_date",
        }
    )

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company",
        string="Default Company",
        required=True,
        default=lambda self: self.env.company,
        help="What names no company on the old desk comes to this one.",
    )
    url = fields.Char(string="Address", required=True)
    database = fields.Char(required=True)
    login = fields.Char(help="The user that reads on the old server.")
    protocol = fields.Selection(
        [("xmlrpc", "XML-RPC (14.0 to 19.0)"), ("json2", "JSON-2 (19.0)")],
        required=True,
        default="xmlrpc",
    )
    api_key = fields.Char(
        string="API Key",
        compute="_compute_api_key",
        inverse="_inverse_api_key",
        help="Key of that user, on the old server made under Preferences, Security. It is "
        "not shown again.",
    )
    secret = fields.Char(groups="base.group_system", copy=False)
    has_key = fields.Boolean(compute="_compute_api_key", string="Key Is Set")
    source = fields.Char(
        string="Key of the Old Desk",
        compute="_compute_source",
        store=True,
        readonly=False,
        help="It is part of the external ids: another move with the same key goes on with "
        "this one.",
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("connected", "Connected"),
            ("rehearsed", "Rehearsed"),
            ("brought", "Brought In"),
            ("compared", "Compared"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    job = fields.Selection(
        [
            ("rehearse", "Rehearsing"),
            ("bring", "Bringing In"),
            ("compare", "Comparing"),
        ],
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    last_job = fields.Selection(
        [("rehearse", "Rehearsal"), ("bring", "Move"), ("compare", "Comparison")],
        readonly=True,
        copy=False,
    )
    user_id = fields.Many2one(
        "res.users", string="Started by", readonly=True, copy=False
    )
    error = fields.Text(readonly=True, copy=False)
    version = fields.Char(string="Old Version", readonly=True, copy=False)
    modules = fields.Char(string="Found", readonly=True, copy=False)
    connected_date = fields.Datetime(readonly=True, copy=False)
    position = fields.Integer(readonly=True, copy=False)
    seen = fields.Json(copy=False, export_string_translation=False)
    done_count = fields.Integer(string="Tickets Done", readonly=True, copy=False)
    total_count = fields.Integer(string="Tickets of All", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    bring_messages = fields.Boolean(string="Messages and Files", default=True)
    bring_followers = fields.Boolean(string="Followers", default=True)
    bring_time = fields.Boolean(string="Time", default=True)
    bring_orders = fields.Boolean(
        string="Orders",
        default=True,
        help="Time goes to the order item of the old desk, where order and item are here.",
    )
    bring_ratings = fields.Boolean(string="Ratings", default=True)
    bring_channels = fields.Boolean(string="Channels as Tags", default=True)
    category_as = fields.Selection(
        [("type", "Types"), ("tag", "Tags"), ("none", "Nothing")],
        string="Categories Become",
        default="type",
        required=True,
        help="They become tags where tickets of the old desk have a type as well.",
    )
    create_partners = fields.Boolean(
        string="Make Contacts",
        default=True,
        help="Contacts that are not here are made, with name, mail, phone and company.",
    )
    billed_there = fields.Selection(
        [
            ("invoiced", "What is on an invoice there"),
            ("all", "All of it"),
            ("none", "None of it"),
        ],
        string="Billed by the Old Desk",
        default="invoiced",
        required=True,
        help="This time is covered, and never billed here.",
    )
    substitute_id = fields.Many2one(
        "hr.employee",
        string="Stands In",
        ondelete="set null",
        help="Whose time it becomes when nobody here is the employee of the old desk.",
    )
    taken_number = fields.Selection(
        [("leave", "Leave the ticket out"), ("renumber", "Give the next free number")],
        string="Number Is Taken",
        default="leave",
        required=True,
        help="A ticket with a new number keeps its old one behind its subject.",
    )
    map_ids = fields.One2many("helpdesk.migration.map", "migration_id", copy=False)
    company_map_ids = fields.One2many(
        "helpdesk.migration.map",
        "migration_id",
        string="Companies",
        domain=[("kind", "=", "company")],
        copy=False,
    )
    team_map_ids = fields.One2many(
        "helpdesk.migration.map",
        "migration_id",
        string="Teams",
        domain=[("kind", "=", "team")],
        copy=False,
    )
    stage_map_ids = fields.One2many(
        "helpdesk.migration.map",
        "migration_id",
        string="Stages",
        domain=[("kind", "=", "stage")],
        copy=False,
    )
    line_ids = fields.One2many("helpdesk.migration.line", "migration_id", copy=False)
    count_line_ids = fields.One2many(
        "helpdesk.migration.line",
        "migration_id",
        string="Counts",
        domain=[("kind", "=", "count")],
        copy=False,
    )
    problem_line_ids = fields.One2many(
        "helpdesk.migration.line",
        "migration_id",
        string="What Cannot Come As It Was",
        domain=[("kind", "=", "problem")],
        copy=False,
    )
    sum_line_ids = fields.One2many(
        "helpdesk.migration.line",
        "migration_id",
        string="Sums",
        domain=[("kind", "=", "sum")],
        copy=False,
    )
    difference_line_ids = fields.One2many(
        "helpdesk.migration.line",
        "migration_id",
        string="Differences",
        domain=[("kind", "=", "difference")],
        copy=False,
    )
    left_count = fields.Integer(string="Tickets Left Out", compute="_compute_outcome")
    difference_count = fields.Integer(
        string="Tickets That Differ", compute="_compute_outcome"
    )

    # === COMPUTE METHODS === #

    @api.depends("database", "url")
    def _compute_name(self):
        for migration in self:
            host = get_host(migration.url or "")
            names = filter(None, (migration.database, host))
            migration.name = ", ".join(names) or self.env._("New Move")

    @api.depends("secret")
    def _compute_api_key(self):
        """What is stored is not told."""
        for migration in self:
            migration.api_key = False
            migration.has_key = bool(migration.sudo().secret)

    def _inverse_api_key(self):
        for migration in self:
            if migration.api_key:
                migration.sudo().secret = migration.api_key

    @api.depends("database")
    def _compute_source(self):
        for migration in self:
            if not migration.source and migration.database:
                plain = re.sub(r"[^a-z0-9]+", "_", migration.database.lower())
                migration.source = f"oca_{plain.strip('_')}"[:40]

    @api.depends("done_count", "total_count")
    def _compute_progress(self):
        for migration in self:
            total = migration.total_count
            migration.progress = 100.0 * migration.done_count / total if total else 0.0

    @api.depends("line_ids.left", "line_ids.kind", "line_ids.name")
    def _compute_outcome(self):
        for migration in self:
            lines = migration.line_ids
            counts = lines.filtered(lambda x: (x.kind, x.entity) == ("count", "ticket"))
            migration.left_count = sum(counts.mapped("left"))
            differs = lines.filtered(lambda x: x.kind == "difference")
            migration.difference_count = len(set(differs.mapped("name")))

    # === CONSTRAINT METHODS === #

    @api.constrains("url")
    def _check_url(self):
        for migration in self:
            try:
                parts = urlsplit(migration.url)
                is_good = (
                    parts.scheme in ("http", "https")
                    and bool(parts.hostname)
                    and not (parts.username or parts.password)
                    and not {"?", "#"} & set(migration.url)
                    and (parts.port is None or parts.port > 0)
                )
            except ValueError:
                is_good = False
            if not is_good:
                raise ValidationError(
                    self.env._(
                        "The address of the old server starts with https:// or http://, "
                        "such as https://desk.example.com, without user or question mark."
                    )
                )

    @api.constrains("source")
    def _check_source(self):
        for migration in self:
            if not re.fullmatch(r"[a-z0-9_]+", migration.source or ""):
                raise ValidationError(
                    self.env._(
                        "The key of the old desk takes small letters, digits and "
                        "underscores."
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """A key is for the server it was entered for: another address forgets it, and
        what was found there."""
        vals = self._clean_input(vals)
        moved = self.browse()
        if not self.env.su:
            self._check_idle()
            self.sudo().write({"position": 0})  # what was left out comes now, maybe
            names = self._address_fields & vals.keys()
            moved = self.filtered(
                lambda m: any(m._is_other_value(name, vals[name]) for name in names)
            )
        if moved:
            moved.sudo().write({"secret": False, "state": "draft", "error": False})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        self._check_idle()

    # === CHECKS === #

    def _get_ruled_fields(self):
        """What was found and done follows from the jobs."""
        return super()._get_ruled_fields() | self._result_fields

    def _check_idle(self):
        """Refuse to change what a job works with.

        :raise UserError: if one runs
        """
        for migration in self:
            if migration.sudo().job:
                raise UserError(
                    self.env._(
                        "%(name)s is at work. Wait until it is done, or stop it.",
                        name=migration.name,
                    )
                )

    def _check_may_bring(self):
        """Who brings something in is who may write it by hand.

        :raise AccessError: for everybody else
        """
        user = self.env.user
        if self.env.su:
            return
        if self.bring_time and not user.has_group(
            "hr_timesheet.group_hr_timesheet_approver"
        ):
            raise AccessError(
                self.env._(
                    "Time of others is recorded by who has all timesheets. Untick Time, "
                    "or ask an administrator for Timesheets: all timesheets."
                )
            )
        if self.create_partners and not user.has_group("base.group_partner_manager"):
            raise AccessError(
                self.env._(
                    "You may not make contacts. Untick Make Contacts, or ask an "
                    "administrator for Contact Creation."
                )
            )
        maps = self.sudo().map_ids
        companies = self.sudo().company_id | maps.company_id | maps.team_id.company_id
        if companies - user.company_ids:
            raise AccessError(
                self.env._("The move goes to companies that are not yours.")
            )
        if self.sudo()._find_tickets().company_id - user.company_ids:
            raise AccessError(
                self.env._(
                    "This key is of a move to companies that are not yours. Choose "
                    "another."
                )
            )

    def _find_tickets(self):
        """Tickets that came with the key of this move, by whatever move.

        :rtype: helpdesk.ticket
        """
        names = f"{self.source}_helpdesk_ticket_".replace("_", r"\_")
        domain = Domain("module", "=", MODULE) & Domain("name", "=like", f"{names}%")
        found = self.env["ir.model.data"].sudo().search_fetch(domain, ["res_id"])
        Ticket = self.env[TICKET].with_context(active_test=False)
        return Ticket.search([("id", "in", found.mapped("res_id"))])

    # === ACTION METHODS === #

    def action_connect(self):
        """Ask the old server for its version, its companies, teams and stages. What was
        mapped before stays mapped.

        :return: True
        :rtype: bool
        :raise UserError: with a sentence, if it does not answer as it should
        """
        self.check_access("write")
        for migration in self:
            migration._lock()
            migration._check_idle()
            try:
                migration.sudo()._connect()
            except OldDeskError as error:
                raise UserError(str(error)) from None
        return True

    def action_rehearse(self):
        """Count in the background what would come, and say what cannot and why. Nothing
        is written but that.

        :return: True
        :rtype: bool
        :raise UserError: if the old server was not asked yet, or a job runs
        """
        return self._start(
            "rehearse", ("connected", "rehearsed", "brought", "compared")
        )

    def action_bring_in(self):
        """Bring in what is not here, in the background, some hundred tickets at a time. A
        move that was stopped goes on where it was.

        :return: True
        :rtype: bool
        :raise UserError: if it was not rehearsed, or a job runs
        :raise AccessError: for who may not write time of others, or contacts
        """
        self.check_access("write")
        for migration in self:
            migration._check_may_bring()
        return self._start("bring", ("rehearsed", "brought", "compared"))

    def action_compare(self):
        """Compare both sides in the background: tickets, messages, files, hours of each
        ticket and of each order item.

        :return: True
        :rtype: bool
        :raise UserError: if nothing was brought in, or a job runs
        """
        return self._start("compare", ("brought", "compared"))

    def action_stop(self):
        """Stop the job. What came stays; *Bring In* goes on with the rest.

        :return: True
        :rtype: bool
        """
        self.check_access("write")
        self.sudo().filtered("job").write({"job": False})
        return True

    def action_view_tickets(self):
        """Open the tickets that came.

        :return: a window action on ``helpdesk.ticket``
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "helpdesk_base.helpdesk_ticket_action"
        )
        action["domain"] = [("id", "in", self._find_tickets().ids)]
        action["context"] = {"active_test": False}
        return action

    # === CONNECTING === #

    def _lock(self):
        """Two people at once do not start it twice.

        :raise UserError: if a colleague is at it
        """
        self.ensure_one()
        if not self.sudo().try_lock_for_update():
            raise UserError(
                self.env._("Somebody else is working on %(name)s.", name=self.name)
            )
        self.invalidate_recordset()

    def _get_desk(self):
        """A connection to the old server.

        :rtype: OldDesk
        :raise OldDeskError: if the key is missing
        """
        self.ensure_one()
        if not self.secret or (self.protocol == "xmlrpc" and not self.login):
            raise OldDeskError(self.env._("Enter login and API key first."))
        return OldDesk(
            self.url, self.database, self.login, self.secret, self.protocol, self.env._
        )

    def _connect(self):
        with closing(self._get_desk()) as desk:
            version = desk.read_version()
            if not desk.read_fields(TICKET):
                raise OldDeskError(
                    self.env._(
                        "There are no tickets on the old server: helpdesk_mgmt is not "
                        "installed in this database."
                    )
                )
            if not desk.keep_known(TICKET, ["number"]):
                raise OldDeskError(
                    self.env._(
                        "The helpdesk of this database is not OCA's. Check the name of "
                        "the database."
                    )
                )
            found = [
                name
                for name, (model, field) in _MODULES.items()
                if field in desk.read_fields(model)
            ]
            self._map_companies(desk)
            self._map_teams(desk)
            self._map_stages(desk)
        self.write(
            {
                "state": "connected",
                "version": version,
                "modules": ", ".join(["helpdesk_mgmt", *found]),
                "connected_date": fields.Datetime.now(),
                "error": False,
                "last_job": False,
                "position": 0,
            }
        )
        self.line_ids.unlink()

    def _save_map(self, kind, vals_list):
        """Keep what a person chose for rows that are there still."""
        known = {
            (row.old_id, row.old_company_id): row
            for row in self.map_ids
            if row.kind == kind
        }
        new = []
        for vals in vals_list:
            row = known.pop((vals["old_id"], vals.get("old_company_id", 0)), None)
            if row:
                facts = ("name", "ticket_count", "is_closed", "sequence")
                row.write({name: vals[name] for name in facts if name in vals})
            else:
                new.append({"migration_id": self.id, "kind": kind, **vals})
        for row in known.values():
            row.unlink()
        self.env["helpdesk.migration.map"].create(new)
        self.invalidate_recordset(["map_ids", f"{kind}_map_ids"])

    def _map_companies(self, desk):
        rows = desk.search_read("res.company", [], ["name"])
        here = self.env["res.company"].search(Domain.TRUE)
        by_name = {fold(company.name): company.id for company in here}
        alone = self.company_id.id if len(rows) == 1 else False
        self._save_map(
            "company",
            [
                {
                    "old_id": row["id"],
                    "name": row["name"],
                    "company_id": by_name.get(fold(row["name"]), alone),
                }
                for row in rows
            ],
        )

    def _map_teams(self, desk):
        """A row for each team and company that have tickets, or none at all."""
        teams = desk.search_read("helpdesk.ticket.team", [], ["name", "company_id"])
        teams.append({"id": 0, "name": self.env._("Tickets without Team")})
        companies = {row.old_id: row for row in self.company_map_ids}
        has_company = bool(desk.keep_known(TICKET, ["company_id"]))
        vals_list = []
        for team in teams:
            domain = [("team_id", "=", team["id"] or False)]
            counts = {}
            for old_id in (*companies, 0) if has_company else (0,):
                own = [("company_id", "=", old_id or False)] if has_company else []
                counts[old_id] = desk.search_count(TICKET, domain + own)
            if team["id"] and not any(counts.values()):
                home = team.get("company_id")
                counts[home[0] if home else 0] = -1
            for old_id, count in counts.items():
                if count:
                    row = companies.get(old_id, self.company_map_ids.browse())
                    vals = self._get_team_map(team, row, max(count, 0))
                    vals_list.append(vals | {"old_company_id": old_id})
        self._save_map("team", vals_list)

    def _get_team_map(self, team, company_row, count):
        company = company_row.company_id if company_row else self.company_id
        Team = self.env["helpdesk.team"].with_context(active_test=True)
        same = Team.search([("company_id", "=", company.id)]).filtered(
            lambda here: fold(here.name) == fold(team["name"])
        )
        return {
            "old_id": team["id"],
            "old_company_name": company_row.name,
            "name": team["name"],
            "sequence": 1 if team["id"] else 9,
            "ticket_count": count,
            "is_taken": count > 0,
            "company_id": company.id,
            "team_id": same.id if len(same) == 1 else False,
        }

    def _map_stages(self, desk):
        rows = desk.search_read(
            "helpdesk.ticket.stage", [], ["name", "sequence", "closed"]
        )
        here = self.env["helpdesk.stage"].search(Domain.TRUE)
        vals_list = []
        for row in rows:
            same = here.filtered(
                lambda stage, row=row: (
                    fold(stage.name) == fold(row["name"])
                    and stage.fold == bool(row["closed"])
                )
            )
            vals_list.append(
                {
                    "old_id": row["id"],
                    "name": row["name"],
                    "sequence": row.get("sequence") or 0,
                    "is_closed": bool(row["closed"]),
                    "stage_id": same[:1].id,
                }
            )
        self._save_map("stage", vals_list)

    # === JOBS === #

    def _start(self, job, states):
        self.check_access("write")
        for migration in self:
            migration._lock()
            migration._check_idle()
            if migration.state not in states:
                raise UserError(
                    self.env._(
                        "First connect to the old server, then rehearse, then bring in, "
                        "then compare."
                    )
                )
            if not migration.sudo().team_map_ids.filtered("is_taken"):
                raise UserError(self.env._("Tick the teams whose tickets come."))
            migration.sudo()._prepare_job(job)
        self.env.ref("helpdesk_import.ir_cron_migrate").sudo()._trigger()
        return True

    def _prepare_job(self, job):
        """A job that was stopped goes on; any other begins anew."""
        goes_on = self.last_job == job == "bring" and 0 < self.position
        values = {"job": job, "last_job": job, "error": False, "user_id": self.env.uid}
        if not goes_on:
            self.line_ids.unlink()
            values |= {"position": 0, "done_count": 0, "total_count": 0, "seen": False}
        self.write(values)

    @api.model
    def _cron_migrate(self):
        """Go on with what was started. Each page is a transaction; killed, it goes on
        with the next one."""
        for migration in self.sudo().search([("job", "!=", False)], order="id"):
            told = migration.with_context(lang=migration.user_id.lang)
            if not told._work():
                return  # no time left; called again at once

    def _work(self):
        """Page after page, in a transaction each.

        :return: whether the job is done, or stopped
        :rtype: bool
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        try:
            with closing(self._get_desk()) as desk:
                with self.env.cr.savepoint():
                    mover = self._begin(desk)
                while self._take_page(mover):
                    left = max(self.total_count - self.done_count, 1)
                    if not cron._commit_progress(1, remaining=left):
                        return False
                    self.env.invalidate_all()
                    if not self._is_wanted():
                        return True
        except (OldDeskError, *_REFUSALS) as error:
            _logger.info("Move %s stopped: %s", self.id, type(error).__name__)
            self.write({"job": False, "error": str(error)})
        cron._commit_progress(1, remaining=0)
        return True

    def _is_wanted(self):
        """Somebody may have stopped the job meanwhile."""
        return bool(self.job)

    def _begin(self, desk):
        mover = MigrationMover(self, desk)
        if not self.position:
            figures = MigrationFigures()
            if self.job != "compare":
                mover.count_masters(figures)
            self.line_ids._note_figures(self, figures)
            self.total_count = desk.search_count(TICKET, self._get_domain())
        if self.job == "bring":
            mover.set_up()
        return mover

    def _get_domain(self):
        """Tickets of the teams that are taken, on the old desk."""
        old_ids = self.team_map_ids.filtered("is_taken").mapped("old_id")
        teams = sorted({old_id for old_id in old_ids if old_id})
        if 0 in old_ids:
            return ["|", ("team_id", "=", False), ("team_id", "in", teams)]
        return [("team_id", "in", teams)]

    def _take_page(self, mover):
        """Work on the next tickets.

        :return: whether there were any
        :rtype: bool
        """
        if not self.try_lock_for_update():
            return False  # somebody stops it just now
        is_bringing = self.job == "bring"
        names = [n for n in TICKET_FIELDS if is_bringing or n != "description"]
        rows = mover.desk.search_read(
            TICKET, [("id", ">", self.position), *self._get_domain()], names, limit=PAGE
        )
        if not rows:
            self._finish()
            return False
        taken = [row for row in rows if self._is_taken(mover, row)]
        figures = MigrationFigures()
        if is_bringing:
            self._bring_page(mover, taken, figures)
        elif taken and self.job == "compare":
            batch = MigrationComparison(mover, taken)
            self.line_ids._note_differences(self, batch.compare())
            figures.add(batch.figures)
        elif taken:
            batch = MigrationBatch(mover, taken)
            batch.rehearse()
            figures.add(batch.figures)
        self.line_ids._note_figures(self, figures)
        self.write(
            {
                "position": rows[-1]["id"],
                "done_count": self.done_count + len(rows),
                "seen": {name: sorted(ids) for name, ids in mover.seen.items()},
            }
        )
        return True

    def _is_taken(self, mover, row):
        """Of the companies that share a team, some may stay behind."""
        key = tuple(
            row[name][0] if row.get(name) else 0 for name in ("team_id", "company_id")
        )
        target = mover.team_rows.get(key)
        return not target or target.is_taken

    def _bring_page(self, mover, rows, figures):
        """All of a page at once; where something is refused, one ticket at a time, so
        that only those stay behind that cannot come."""
        if not rows:
            return
        seen = {name: set(ids) for name, ids in mover.seen.items()}
        try:
            with self.env.cr.savepoint():
                batch = MigrationBatch(mover, rows, is_bringing=True)
                batch.bring()
            figures.add(batch.figures)
            return
        except _REFUSALS as error:
            if len(rows) == 1:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                figures.count("ticket", "found")
                figures.count("ticket", "left")
                number = rows[0].get("number") or rows[0]["name"]
                figures.tell("ticket", reason, number)
        mover.forget()
        mover.seen = seen
        self.env.invalidate_all()
        if len(rows) > 1:
            for row in rows:
                self._bring_page(mover, [row], figures)

    def _finish(self):
        states = {"rehearse": "rehearsed", "bring": "brought", "compare": "compared"}
        state = states[self.job]
        if self.job == "rehearse" and self.state in ("brought", "compared"):
            state = self.state
        self.write({"state": state, "job": False, "position": 0, "seen": False})
