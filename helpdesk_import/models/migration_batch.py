import base64
import re
from datetime import datetime

from odoo.tools.mail import html_sanitize

from .migration_mover import TICKET, MigrationFigures
from .migration_people import fold

TICKET_FIELDS = (
    "number",
    "name",
    "description",
    "user_id",
    "team_id",
    "stage_id",
    "partner_id",
    "partner_name",
    "partner_email",
    "channel_id",
    "category_id",
    "type_id",
    "tag_ids",
    "priority",
    "assigned_date",
    "closed_date",
    "last_stage_update",
    "create_date",
    "company_id",
    "kanban_state",
    "active",
    "message_partner_ids",
    "sale_order_ids",
    "sale_line_id",
    "so_line",
    "project_id",
)
MESSAGE_FIELDS = (
    "res_id",
    "subject",
    "date",
    "author_id",
    "email_from",
    "message_type",
    "subtype_id",
    "is_internal",
    "message_id",
    "attachment_ids",
)
FILE_FIELDS = ("name", "mimetype", "res_model", "res_id", "file_size", "type", "url")
TIME_FIELDS = (
    "date",
    "name",
    "unit_amount",
    "employee_id",
    "user_id",
    "ticket_id",
    "so_line",
    "timesheet_invoice_id",
)
RATING_FIELDS = ("res_id", "rating", "feedback", "partner_id", "create_date")
# Bytes of files that are asked for at once.
CHUNK = 16 * 1024 * 1024
_PUBLIC_TYPES = ("comment", "email", "email_outgoing", "auto_comment")
_KEPT_TYPES = ("comment", "email", "notification", "auto_comment", "email_outgoing")
_IMAGE = re.compile(r"/web/(image|content)/(\d+)(?:-[^/\"'?\s]*)?(\?[^\"'\s>]*)?")


def get_id(row, name):
    """Id of a many2one field of the old desk, False for none."""
    return row[name][0] if row.get(name) else False


def get_name(row, name):
    """Name of a many2one field of the old desk."""
    return row[name][1] if row.get(name) else ""


def get_time(value):
    return datetime.fromisoformat(str(value)).replace(tzinfo=None) if value else False


class MigrationBatch:
    """Some hundred tickets of the old desk with all that hangs on them: read at once,
    then rehearsed or brought in; compared by ``MigrationComparison``.

    :param mover: see ``MigrationMover``
    :param list[dict] rows: tickets, as the old desk tells them
    :param bool is_bringing: read the texts as well
    """

    def __init__(self, mover, rows, is_bringing=False):
        self._mover = mover
        self._migration = mover.migration
        self._env = mover.env
        self._desk = mover.desk
        self._is_bringing = is_bringing
        self.figures = MigrationFigures()
        self._rows = {row["id"]: row for row in rows}
        self._messages = self._read_messages()
        self._files = self._read_files()
        self._time = self._read_time()
        self._ratings = self._read_ratings()
        self._match()

    # === READING === #

    def _read_messages(self):
        if not self._migration.bring_messages:
            return {}
        names = [*MESSAGE_FIELDS, "body"] if self._is_bringing else MESSAGE_FIELDS
        rows = self._desk.search_read(
            "mail.message",
            [
                ("model", "=", TICKET),
                ("res_id", "in", list(self._rows)),
                ("message_type", "!=", "user_notification"),
                # changes of fields are no text
                "|",
                ("attachment_ids", "!=", False),
                ("body", "not in", [False, ""]),
            ],
            names,
        )
        return {row["id"]: row for row in rows}

    def _read_files(self):
        """Files of tickets and of their messages, without what is in them."""
        if not self._migration.bring_messages:
            return {}
        of_messages = {i for m in self._messages.values() for i in m["attachment_ids"]}
        rows = self._desk.search_read(
            "ir.attachment",
            [
                ("res_field", "=", False),
                "|",
                ("id", "in", sorted(of_messages)),
                "&",
                ("res_model", "=", TICKET),
                ("res_id", "in", list(self._rows)),
            ],
            FILE_FIELDS,
        )
        ticket_of = {
            i: message["res_id"]
            for message in self._messages.values()
            for i in message["attachment_ids"]
        }
        for row in rows:
            is_direct = row["res_model"] == TICKET and row["res_id"] in self._rows
            row["ticket"] = row["res_id"] if is_direct else ticket_of[row["id"]]
        return {row["id"]: row for row in rows}

    def _read_time(self):
        model = "account.analytic.line"
        if not self._migration.bring_time or not self._mover.has(model, "ticket_id"):
            return {}
        domain = [("ticket_id", "in", list(self._rows))]
        rows = self._desk.search_read(model, domain, TIME_FIELDS)
        self._forget_undone_invoices(rows)
        return {row["id"]: row for row in rows}

    def _forget_undone_invoices(self, rows):
        """Time on a cancelled or reversed invoice is not billed, as on the old desk."""
        model, name = "account.move", "timesheet_invoice_id"
        moves = {get_id(row, name) for row in rows} - {False}
        if not moves or not self._mover.has(model, "state"):
            return
        domain = [("id", "in", sorted(moves))]
        found = self._desk.search_read(model, domain, ["state", "payment_state"])
        undone = {
            move["id"]
            for move in found
            if move["state"] == "cancel" or move.get("payment_state") == "reversed"
        }
        for row in rows:
            if get_id(row, name) in undone:
                row[name] = False

    def _read_ratings(self):
        is_wanted = self._migration.bring_ratings and "rating_ids" in (
            self._env[TICKET]._fields
        )
        if not is_wanted or not self._mover.has("rating.rating", "rating"):
            return {}
        domain = [
            ("res_model", "=", TICKET),
            ("res_id", "in", list(self._rows)),
            ("consumed", "=", True),
        ]
        rows = self._desk.search_read("rating.rating", domain, RATING_FIELDS)
        return {row["id"]: row for row in rows}

    def _match(self):
        """Find who and what is meant, and what is here already."""
        rows, time = self._rows.values(), self._time.values()
        partners = {get_id(row, "partner_id") for row in rows}
        partners |= {get_id(row, "author_id") for row in self._messages.values()}
        partners |= {get_id(row, "partner_id") for row in self._ratings.values()}
        if self._migration.bring_followers:
            partners |= {
                i for row in rows for i in row.get("message_partner_ids") or ()
            }
        self._partners = partners - {False}
        users = {get_id(row, "user_id") for row in (*rows, *time)}
        employees = {get_id(row, "employee_id") for row in time}
        self._mover.people.prepare(partners, users, employees)
        orders, items, projects = set(), set(), set()
        if self._migration.bring_orders:
            orders = {i for row in rows for i in row.get("sale_order_ids") or ()}
            items = {get_id(row, "so_line") for row in (*rows, *time)}
            items |= {get_id(row, "sale_line_id") for row in rows}
        if self._migration.bring_time:
            projects = {get_id(row, "project_id") for row in rows}
        self._mover.sales.prepare(orders, items, projects)
        self._here = self._find_here(TICKET, self._rows)
        self._messages_here = self._find_here("mail.message", self._messages)
        self._files_here = self._find_here("ir.attachment", self._files)
        self._time_here = self._find_here("account.analytic.line", self._time)
        self._ratings_here = self._find_here("rating.rating", self._ratings)

    def _find_here(self, model, old_ids):
        """Records that came before, and are still there."""
        found = self._mover.keys.find(model, old_ids) if old_ids else {}
        if not found:
            return {}
        kept = self._env[model].browse(found.values()).exists()._ids
        return {old: here for old, here in found.items() if here in set(kept)}

    # === WHAT CAN COME === #

    def _get_team_row(self, row):
        key = (get_id(row, "team_id") or 0, get_id(row, "company_id") or 0)
        return self._mover.team_rows.get(key) or self._migration.map_ids.browse()

    def _find_taken_numbers(self):
        """New tickets whose number another one has: here, or on the old desk and older.

        :rtype: set
        """
        new = {i: row for i, row in self._rows.items() if i not in self._here}
        numbers = {i: self._get_number(row) for i, row in new.items()}
        domain = [("ticket_ref", "in", list(filter(None, numbers.values())))]
        used = {
            *self._env[TICKET].search_fetch(domain, ["ticket_ref"]).mapped("ticket_ref")
        }
        taken = set()
        for old_id, number in numbers.items():
            if number in used:
                taken.add(old_id)
            elif number:
                used.add(number)
        return taken

    def _get_number(self, row):
        number = (row.get("number") or "").strip()
        return number if number not in ("", "/") else False

    def _get_ticket_refusal(self, row, taken):
        """Why a ticket cannot come, False if it can."""
        _ = self._migration.env._
        target = self._get_team_row(row)
        if not target:
            return _("Its team is new since you connected. Connect again.")
        if not target.company_id:
            return _(
                "Say which company here is %(name)s.", name=target.old_company_name
            )
        if target.team_id and target.team_id.company_id != target.company_id:
            return _(
                "%(team)s belongs to another company here. Choose a team of %(company)s.",
                team=target.team_id.name,
                company=target.company_id.name,
            )
        if get_id(row, "stage_id") not in (False, *self._mover.stage_rows):
            return _("Its stage is new since you connected. Connect again.")
        if row["id"] in taken and self._migration.taken_number == "leave":
            return _(
                "Its number is taken. Renumber it, or choose that such tickets get the "
                "next free number."
            )
        return False

    def _plan(self):
        """Split these tickets into those that come, those that are here, and the rest.

        :return: old ids of the tickets that are new here
        """
        taken = self._find_taken_numbers()
        self._taken, self._new, left = taken, [], set()
        for old_id, row in self._rows.items():
            self.figures.count("ticket", "found")
            if old_id in self._here:
                self.figures.count("ticket", "here")
                continue
            refusal = self._get_ticket_refusal(row, taken)
            if refusal:
                self.figures.count("ticket", "left")
                self.figures.tell("ticket", refusal, row.get("number") or row["name"])
                left.add(old_id)
                continue
            self.figures.count("ticket", "new")
            self._new.append(old_id)
            self._tell_about_ticket(row)
        self._left = left
        self._plan_rest()

    def _tell_about_ticket(self, row):
        """What a ticket loses on its way."""
        _, people, number = self._migration.env._, self._mover.people, row.get("number")
        user_id = get_id(row, "user_id")
        if user_id and not self._get_assignee(row):
            reason = _(
                "%(name)s is no user of the company here: these tickets are unassigned.",
                name=get_name(row, "user_id"),
            )
            self.figures.tell("user", reason, number)
        partner_id = get_id(row, "partner_id")
        if partner_id and not self._migration.create_partners:
            if not people.get_partner(partner_id):
                reason = _("Customers who are not here come as name and address only.")
                self.figures.tell("contact", reason, get_name(row, "partner_id"))
        for order_id in row.get("sale_order_ids") or ():
            if not self._migration.bring_orders:
                break
            self.figures.count("order", "found")
            is_here = bool(self._mover.sales.get_order(order_id))
            self.figures.count("order", "here" if is_here else "left")
            if not is_here:
                reason = _(
                    "The order of these tickets is not here, or has another name."
                )
                self.figures.tell("order", reason, number)

    def _plan_rest(self):
        """Messages, files, followers, time and contacts of tickets that are here, or come."""
        self._plan_people()
        for entity, rows, here, ticket in (
            ("message", self._messages, self._messages_here, "res_id"),
            ("file", self._files, self._files_here, "ticket"),
            ("rating", self._ratings, self._ratings_here, "res_id"),
        ):
            for old_id, row in rows.items():
                self.figures.count(entity, "found")
                is_left = row[ticket] in self._left
                fate = "left" if is_left else "here" if old_id in here else "new"
                self.figures.count(entity, fate)
        self._time_values = {}
        twins = self._find_twins()
        for old_id, row in self._time.items():
            self.figures.count("time", "found")
            if old_id in self._time_here:
                self.figures.count("time", "here")
                continue
            refusal = self._get_time_refusal(row, twins)
            if refusal:
                self.figures.count("time", "left")
                self._tell_time(row, refusal)
            else:
                self.figures.count("time", "new")
                self._time_values[old_id] = self._prepare_time(row)

    def _plan_people(self):
        people = self._mover.people
        for old_id in self._mover.find_new("contact", self._partners):
            self.figures.count("contact", "found")
            if people.get_partner(old_id):
                self.figures.count("contact", "here")
            else:
                fate = "new" if self._migration.create_partners else "left"
                self.figures.count("contact", fate)
        for rule, number in people.rules.items():
            self.figures.count(f"rule_{rule}", "found", number)
        people.rules.clear()
        if not self._migration.bring_followers:
            return
        for old_id in self._new:
            number = len(self._rows[old_id].get("message_partner_ids") or ())
            self.figures.count("follower", "found", number)
            self.figures.count("follower", "new", number)

    def _get_assignee(self, row):
        """Assignee who may work in the company of the ticket."""
        user = self._mover.people.get_user(get_id(row, "user_id"))
        company = self._get_team_row(row).company_id
        return user if company in user.company_ids else user.browse()

    # === TIME === #

    def _tell_time(self, row, reason):
        number = self._rows[get_id(row, "ticket_id")].get("number")
        self.figures.tell("time", reason, number, row["unit_amount"])

    def _get_employee(self, row):
        """Who worked, else who stands in for those who are not here."""
        ticket = self._rows[get_id(row, "ticket_id")]
        company = self._get_team_row(ticket).company_id
        employee = self._mover.people.get_employee(
            get_id(row, "employee_id"), get_id(row, "user_id"), company
        )
        substitute = self._migration.substitute_id
        if not employee and substitute.company_id == company:
            return substitute
        return employee

    def _find_twins(self):
        """Time that is here without a ticket: it came another way, by an upgrade say."""
        rows = [row for old, row in self._time.items() if old not in self._time_here]
        employees = {self._get_employee(row).id for row in rows} - {False}
        if not employees:
            return set()
        lines = self._env["account.analytic.line"].search_fetch(
            [
                ("helpdesk_ticket_id", "=", False),
                ("project_id", "!=", False),
                ("employee_id", "in", list(employees)),
                ("date", "in", list({str(row["date"]) for row in rows})),
            ],
            ["employee_id", "date", "unit_amount", "name"],
        )
        return {
            (line.employee_id.id, str(line.date), round(line.unit_amount, 4), line.name)
            for line in lines
        }

    def _get_time_refusal(self, row, twins):
        """Why time cannot come, False if it can."""
        _ = self._migration.env._
        ticket_id = get_id(row, "ticket_id")
        if ticket_id in self._left:
            return _("Its ticket does not come.")
        team = self._get_team_row(self._rows[ticket_id]).team_id
        if team and not team.use_helpdesk_timesheet:
            return _(
                "%(team)s records no time. Turn on Timesheet on Ticket.", team=team.name
            )
        employee = self._get_employee(row)
        if not employee:
            return _(
                "%(name)s is no employee of the company here. Make one, or choose who "
                "stands in.",
                name=get_name(row, "employee_id")
                or get_name(row, "user_id")
                or _("Nobody"),
            )
        twin = (
            employee.id,
            str(row["date"]),
            round(row["unit_amount"], 4),
            row["name"] or "/",
        )
        if twin in twins:
            return _(
                "The same time is here already, without ticket. Choose the ticket on "
                "it, or delete it."
            )
        return False

    def _is_billed_elsewhere(self, row):
        billed = self._migration.billed_there
        return billed == "all" or (
            billed == "invoiced" and bool(row.get("timesheet_invoice_id"))
        )

    def _prepare_time(self, row):
        """Values of time, without its ticket. Only what is certain is billed here: time
        of an item that is not found bills nothing until a person says so."""
        values = {
            "ticket": get_id(row, "ticket_id"),
            "employee_id": self._get_employee(row).id,
            "date": str(row["date"]),
            "name": row["name"] or "/",
            "unit_amount": row["unit_amount"],
        }
        if self._is_billed_elsewhere(row):
            return values | {"billed_elsewhere": True}
        old_item = self._migration.bring_orders and get_id(row, "so_line")
        item = self._mover.sales.get_item(old_item)
        refusal = old_item and self._get_item_refusal(row, item, old_item)
        if refusal:
            self._tell_time(row, refusal)
            item = item.browse()
        if not self._mover.has("account.analytic.line", "so_line"):
            return values  # that desk billed nothing: as if it was recorded here
        return values | {"so_line": item.id, "is_so_line_edited": True}

    def _get_item_refusal(self, row, item, old_item):
        """Why time is not billed by the item of the old desk, False if it is."""
        if not item:
            return self._migration.env._(
                "The order item %(item)s is not here, or not the only one of its kind: "
                "this time comes and bills nothing.",
                item=self._mover.sales.get_item_name(old_item),
            )
        ticket = self._rows[get_id(row, "ticket_id")]
        old_id, people = get_id(ticket, "partner_id"), self._mover.people
        partner = people.get_partner(old_id)
        if not partner and self._migration.create_partners:
            partner = people.get_coming_parent(old_id)
        if not partner:
            return self._migration.env._(
                "%(item)s bills time of a customer who is not here: this time comes and "
                "bills nothing.",
                item=item.display_name,
            )
        return item._get_helpdesk_refusal(
            partner.commercial_partner_id, self._get_team_row(ticket).company_id
        )

    # === REHEARSAL === #

    def rehearse(self):
        """Count what would come; nothing is written."""
        self._plan()

    # === BRINGING IN === #

    def bring(self):
        """Bring in what is not here yet. What is here is left alone."""
        self._plan()
        if self._migration.create_partners:
            self._mover.people.create_missing(self._partners)
        Ticket = self._env[TICKET]
        self._tickets = {old: Ticket.browse(here) for old, here in self._here.items()}
        self._create_tickets()
        self._create_files()
        self._create_messages()
        self._show_images()
        self._create_followers()
        self._create_time()
        self._create_ratings()
        self._env.flush_all()

    def _create_tickets(self):
        rows = [self._rows[old_id] for old_id in self._new]
        if not rows:
            return
        self._named = self._make_names(rows)
        self._responses = self._find_first_responses()
        vals_list = [self._prepare_ticket(row) for row in rows]
        Team, Stage = self._env["helpdesk.team"], self._env["helpdesk.stage"]
        self._mover.add_stages(
            {
                (Team.browse(vals["team_id"]), Stage.browse(vals["stage_id"]))
                for vals in vals_list
                if vals.get("stage_id")
            }
        )
        # stock subscribes ticket by ticket; see _create_followers
        Ticket = self._env[TICKET].with_context(tracking_disable=True)
        made = Ticket.create(vals_list).with_env(self._env)
        tickets = dict(zip(self._new, made, strict=True))
        self._mover.keys.note(TICKET, tickets)
        now = self._env.cr.now()
        made._set_opened_each(
            {
                tickets[row["id"]]: min(get_time(row["create_date"]) or now, now)
                for row in rows
            }
        )
        self._tickets.update(tickets)

    def _make_names(self, rows):
        """Ids of types and tags, by kind on the old desk and folded name."""
        named = {}
        for entity in ("type", "category", "channel"):
            target = self._mover.get_target(entity)
            names = {get_name(row, f"{entity}_id") for row in rows} - {""}
            if target and names:
                named[entity] = target, self._mover.make_named(target, names)
        tag_ids = {i for row in rows for i in row.get("tag_ids") or ()}
        tags = []
        if tag_ids:
            domain = [("id", "in", sorted(tag_ids))]
            tags = self._desk.search_read("helpdesk.ticket.tag", domain, ["name"])
        target = self._mover.get_target("tag")
        found = self._mover.make_named(target, [tag["name"] for tag in tags])
        by_id = {tag["id"]: tag["name"] for tag in tags}
        return named | {"tag": (by_id, found)}

    def _get_names_of(self, row):
        """Type and tags of a ticket."""
        from_type, tags = False, set()
        by_id, found = self._named["tag"]
        for tag_id in row.get("tag_ids") or ():
            if tag_id in by_id:  # one that may not be read stays behind
                tags.add(found[fold(by_id[tag_id])])
        for entity in ("type", "category", "channel"):
            name = get_name(row, f"{entity}_id")
            if not name or entity not in self._named:
                continue
            target, ids = self._named[entity]
            if target == "helpdesk.tag":
                tags.add(ids[fold(name)])
            else:
                from_type = ids[fold(name)]
        return {"ticket_type_id": from_type, "tag_ids": sorted(tags)}

    def _find_first_responses(self):
        """When a colleague answered first, by ticket."""
        firsts = {}
        for message in sorted(self._messages.values(), key=lambda m: str(m["date"])):
            ticket_id = message["res_id"]
            author_id = get_id(message, "author_id")
            author = self._mover.people.get_partner(author_id)
            is_response = (
                author
                and not author.partner_share
                and message["message_type"] in ("comment", "email")
                and not self._is_note(message)
                and author_id != get_id(self._rows[ticket_id], "partner_id")
            )
            if is_response:
                firsts.setdefault(ticket_id, get_time(message["date"]))
        return firsts

    def _prepare_ticket(self, row):
        target = self._get_team_row(row)
        stage_row = self._mover.stage_rows.get(get_id(row, "stage_id"))
        stage = stage_row.stage_id if stage_row else target.team_id._get_first_stage()
        number, is_taken = self._get_number(row), row["id"] in self._taken
        name = (row["name"] or self._env._("No Subject"))[:400]
        closed = get_time(row.get("closed_date")) or get_time(
            row.get("last_stage_update")
        )
        values = {
            "name": f"{name} [{number}]" if is_taken else name,
            "ticket_ref": False if is_taken else number,
            "description": row.get("description") or False,
            "team_id": target.team_id.id,
            "stage_id": stage.id,
            "user_id": self._get_assignee(row).id,
            "priority": str(row.get("priority") or "0"),
            "kanban_state": row.get("kanban_state") or "normal",
            "active": row.get("active", True),
            "assign_date": get_time(row.get("assigned_date")),
            "first_response_date": self._responses.get(row["id"], False),
            **self._get_names_of(row),
            **self._prepare_customer(row, target.company_id),
        }
        if stage.fold:
            values["close_date"] = closed or get_time(row["create_date"])
        if row.get("last_stage_update"):
            values["date_last_stage_update"] = get_time(row["last_stage_update"])
        project = self._mover.sales.get_project(get_id(row, "project_id"))
        if project and target.team_id.use_helpdesk_timesheet:
            values["project_id"] = project.id
        return values | self._prepare_item(row, values, target)

    def _prepare_customer(self, row, company):
        partner = self._mover.people.get_partner(get_id(row, "partner_id"))
        if partner and partner.company_id in (company, company.browse()):
            return {"partner_id": partner.id}
        return {
            "partner_id": False,
            "partner_name": row.get("partner_name") or get_name(row, "partner_id"),
            "partner_email": row.get("partner_email") or False,
        }

    def _prepare_item(self, row, values, target):
        """The item that bills a ticket: that of the old ticket, else the only one that
        its time has. Nothing is proposed here: old time would be billed."""
        nothing = {"sale_line_id": False}
        if not self._migration.bring_orders or not values.get("partner_id"):
            return nothing
        old_items = {get_id(row, "sale_line_id") or get_id(row, "so_line")} - {False}
        old_items = old_items or {
            get_id(line, "so_line")
            for line in self._time.values()
            if get_id(line, "ticket_id") == row["id"]
        } - {False}
        if len(old_items) != 1:
            return nothing
        item = self._mover.sales.get_item(old_items.pop())
        partner = self._env["res.partner"].browse(values["partner_id"])
        if not item or item._get_helpdesk_refusal(
            partner.commercial_partner_id, target.company_id
        ):
            return nothing
        return {"sale_line_id": item.id}

    # === MESSAGES AND FILES === #

    def _create_files(self):
        self._attachments = {}
        Attachment = self._env["ir.attachment"]
        for old_id, here in self._files_here.items():
            self._attachments[old_id] = Attachment.browse(here)
        waiting = [
            row
            for old_id, row in self._files.items()
            if old_id not in self._files_here and row["ticket"] in self._tickets
        ]
        while waiting:
            size, chunk = 0, []
            while waiting and (not chunk or size + waiting[0]["file_size"] <= CHUNK):
                size += waiting[0]["file_size"] or 0
                chunk.append(waiting.pop(0))
            self._create_chunk(chunk)

    def _create_chunk(self, rows):
        asked = [row["id"] for row in rows if row["type"] == "binary"]
        read = (
            self._desk.read_records("ir.attachment", asked, ["datas"]) if asked else []
        )
        content = {row["id"]: row["datas"] for row in read}
        kept, vals_list = [], []
        for row in rows:
            data = base64.b64decode(content.get(row["id"]) or b"")
            if row["file_size"] and row["type"] == "binary" and not data:
                reason = self._migration.env._(
                    "The old server has lost what is in the file."
                )
                self.figures.tell("file", reason, row["name"])
                self.figures.count("file", "new", -1)
                self.figures.count("file", "left")
                continue
            kept.append(row["id"])
            vals_list.append(
                {
                    "name": row["name"] or "file",
                    "res_model": TICKET,
                    "res_id": self._tickets[row["ticket"]].id,
                    "mimetype": row["mimetype"] or False,
                    **(
                        {"type": "url", "url": row["url"]}
                        if row["type"] == "url"
                        else {"raw": data}
                    ),
                }
            )
        made = self._env["ir.attachment"].create(vals_list)
        made = dict(zip(kept, made, strict=True))
        self._mover.keys.note("ir.attachment", made)
        self._attachments.update(made)

    def _is_note(self, message):
        return (
            bool(message.get("is_internal"))
            or message["message_type"] not in _PUBLIC_TYPES
            or self._mover.is_internal_subtype(message.get("subtype_id"))
        )

    def _create_messages(self):
        new = {
            old_id: row
            for old_id, row in self._messages.items()
            if old_id not in self._messages_here and row["res_id"] in self._tickets
        }
        if not new:
            return
        comment = self._env.ref("mail.mt_comment").id
        note = self._env.ref("mail.mt_note").id
        vals_list = [
            self._prepare_message(row, note if self._is_note(row) else comment)
            for row in new.values()
        ]
        made = self._env["mail.message"].create(vals_list)
        self._mover.keys.note("mail.message", dict(zip(new, made, strict=True)))

    def _prepare_message(self, row, subtype_id):
        kind = row["message_type"]
        known = self._env["mail.message"]._fields["message_type"].get_values(self._env)
        files = [
            self._attachments[i].id
            for i in row["attachment_ids"]
            if i in self._attachments
        ]
        values = {
            "model": TICKET,
            "res_id": self._tickets[row["res_id"]].id,
            "body": self._with_own_images(row["body"] or ""),
            "subject": row["subject"] or False,
            "date": get_time(row["date"]),
            "author_id": self._mover.people.get_partner(get_id(row, "author_id")).id,
            "email_from": row["email_from"] or get_name(row, "author_id") or False,
            "message_type": kind if kind in known else "notification",
            "subtype_id": subtype_id,
            "is_internal": self._is_note(row),
            "reply_to": False,
            "attachment_ids": files,
        }
        if row.get("message_id"):
            values["message_id"] = row["message_id"]
        return values

    def _with_own_images(self, body):
        """A text whose pictures are those that came along."""
        if "/web/" not in body:
            return body

        def replace(match):
            attachment = self._attachments.get(int(match[2]))
            if not attachment:
                return match[0]
            token = attachment.generate_access_token()[0]
            return f"/web/{match[1]}/{attachment.id}?access_token={token}"

        return _IMAGE.sub(replace, body)

    def _show_images(self):
        """Pictures in descriptions; few tickets have any."""
        for old_id in self._new:
            description = self._rows[old_id].get("description") or ""
            shown = self._with_own_images(description)
            if shown != description:
                self._tickets[old_id].description = html_sanitize(shown)

    def _get_followers(self):
        """Contacts here that follow, by id of ticket and contact: assignees as on any
        ticket, and those of the old desk."""
        people, pairs = self._mover.people, {}
        for old_id in self._new:
            ticket = self._tickets[old_id]
            partners = ticket.user_id.partner_id
            if self._migration.bring_followers:
                for partner_id in self._rows[old_id].get("message_partner_ids") or ():
                    partners |= people.get_partner(partner_id)
            for partner in partners.filtered("active"):
                pairs[ticket.id, partner.id] = partner
        return pairs

    def _create_followers(self):
        pairs = self._get_followers()
        if not pairs:
            return
        Followers = self._env["mail.followers"]
        domain = [
            ("res_model", "=", TICKET),
            ("res_id", "in", [self._tickets[old].id for old in self._new]),
        ]
        for follower in Followers.search_fetch(domain, ["res_id", "partner_id"]):
            pairs.pop((follower.res_id, follower.partner_id.id), None)
        every, _internal, external = self._env["mail.message.subtype"].default_subtypes(
            TICKET
        )
        Followers.create(
            [
                {
                    "res_model": TICKET,
                    "res_id": ticket_id,
                    "partner_id": partner_id,
                    "subtype_ids": (external if partner.partner_share else every).ids,
                }
                for (ticket_id, partner_id), partner in pairs.items()
            ]
        )

    # === TIME AND RATINGS === #

    def _create_time(self):
        old_ids, vals_list = [], []
        for old_id, values in self._time_values.items():
            ticket = self._tickets.get(values["ticket"])
            if not ticket:
                continue
            values = {k: v for k, v in values.items() if k != "ticket"}
            item_id = values.get("so_line")
            if item_id and item_id == ticket.sale_line_id.id:
                # as the ticket says, now and later
                del values["so_line"], values["is_so_line_edited"]
            old_ids.append(old_id)
            vals_list.append({"helpdesk_ticket_id": ticket.id, **values})
        if vals_list:
            made = self._env["account.analytic.line"].create(vals_list)
            made = dict(zip(old_ids, made, strict=True))
            self._mover.keys.note("account.analytic.line", made)

    def _create_ratings(self):
        new = {
            old_id: row
            for old_id, row in self._ratings.items()
            if old_id not in self._ratings_here and row["res_id"] in self._tickets
        }
        if not new:
            return
        model_id = self._env["ir.model"]._get_id(TICKET)
        made = self._env["rating.rating"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": self._tickets[row["res_id"]].id,
                    "rating": row["rating"],
                    "feedback": row["feedback"] or False,
                    "partner_id": self._mover.people.get_partner(
                        get_id(row, "partner_id")
                    ).id,
                    "consumed": True,
                }
                for row in new.values()
            ]
        )
        self._mover.keys.note("rating.rating", dict(zip(new, made, strict=True)))
