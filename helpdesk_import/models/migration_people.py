from collections import Counter

from odoo.fields import Domain
from odoo.tools import email_normalize

_PARTNER_FIELDS = (
    "name",
    "email",
    "phone",
    "is_company",
    "parent_id",
    "company_id",
    "active",
)
_USER_FIELDS = ("login", "name", "email", "partner_id")
_EMPLOYEE_FIELDS = ("name", "work_email", "user_id", "company_id")


def fold(text):
    """A name as it is compared."""
    return " ".join((text or "").casefold().split())


class MigrationPeople:
    """Who is who: contacts, users and employees of the old desk, and here.

    Rules, the first that knows one wins: external id, mail address, login, name. Where
    an address or a name fits several and nothing tells them apart, nobody is taken.

    :param mover: see ``MigrationMover``
    """

    def __init__(self, mover):
        self._mover = mover
        self._env = mover.env
        self._partners = {}  # id here by id there, False for nobody
        self._users = {}
        self._employees = {}
        self._rows = {}  # what the old desk tells of its contacts
        self._page = {}  # ids here of a page, read together, by model
        self.rules = Counter()

    # === ASKED BY BATCHES === #

    def prepare(self, partners, users, employees):
        """Match those that were not met before, in as many queries for all of them as
        for one.

        :param partners: ids on the old desk, as those of users and employees
        """
        self._prepare_users(set(users) - self._users.keys() - {False})
        self._prepare_employees(set(employees) - self._employees.keys() - {False})
        self._prepare_partners(set(partners) - self._partners.keys() - {False})
        self._page = {
            model: [here for here in map(known.get, old_ids) if here]
            for model, known, old_ids in (
                ("res.partner", self._partners, partners),
                ("res.users", self._users, users),
                ("hr.employee", self._employees, employees),
            )
        }

    def _browse(self, model, here):
        """A record, read together with the others of its page."""
        record = self._env[model].browse(here or [])
        return record.with_prefetch([*record.ids, *self._page.get(model, ())])

    def get_partner(self, old_id):
        """Contact here, empty if there is none."""
        return self._browse("res.partner", self._partners.get(old_id))

    def get_coming_parent(self, old_id):
        """Contact here below which this one is about to be made, empty if there is
        none."""
        row = self._rows.get(old_id) or {}
        parent = not row.get("is_company") and row.get("parent_id")
        return self.get_partner(parent[0] if parent else False)

    def get_user(self, old_id):
        """User here, empty if there is none."""
        return self._browse("res.users", self._users.get(old_id))

    def get_employee(self, old_employee_id, old_user_id, company):
        """Employee of a company here, by the old employee, else by the old user."""
        employee = self._browse("hr.employee", self._employees.get(old_employee_id))
        if employee and employee.company_id == company:
            return employee
        users = employee.user_id | self.get_user(old_user_id)
        return users.employee_ids.filtered(lambda e: e.company_id == company)[:1]

    def list_missing(self, old_ids):
        """Those of the contacts that are not here.

        :rtype: list[int]
        """
        return [i for i in dict.fromkeys(old_ids) if i and not self._partners.get(i)]

    # === CONTACTS === #

    def _prepare_partners(self, old_ids):
        rows = self._read_partners(old_ids)
        keys = self._mover.keys
        found = self._take({}, keys.find("res.partner", rows), "external_id")
        if rows.keys() - found.keys():
            shared = keys.find_shared(
                "res.partner", self._mover.desk, rows.keys() - found.keys()
            )
            found = self._take(found, shared, "external_id")
        open_rows = {i: row for i, row in rows.items() if i not in found}
        by_mail = self._match_by_mail(open_rows)
        found = self._take(found, by_mail, "email")
        found = self._take(found, self._match_by_login(open_rows), "login")
        found = self._take(found, self._match_by_name(open_rows, found), "name")
        self._partners.update(dict.fromkeys(old_ids, False))
        self._partners.update({old_id: found.get(old_id, False) for old_id in rows})

    def _read_partners(self, old_ids):
        """Contacts with the companies they belong to."""
        rows, wanted = {}, set(old_ids)
        for _level in range(2):
            wanted -= self._partners.keys() | rows.keys()
            if wanted:
                domain = [("id", "in", sorted(wanted))]
                read = self._mover.desk.search_read(
                    "res.partner", domain, _PARTNER_FIELDS
                )
                rows.update({row["id"]: row for row in read})
                wanted = {row["parent_id"][0] for row in read if row.get("parent_id")}
        self._rows.update(rows)
        return rows

    def _take(self, found, more, rule):
        new = {i: here for i, here in more.items() if i not in found and here}
        exist = self._env["res.partner"].browse(new.values()).exists()
        new = {i: here for i, here in new.items() if here in exist._ids}
        self.rules[rule] += len(new)
        return {**found, **new}

    def _search_partners(self, domain):
        domain = Domain(domain)
        domain &= Domain("company_id", "in", [False, *self._mover.companies.ids])
        Partner = self._env["res.partner"].with_context(active_test=False)
        names = ["name", "email_normalized", "parent_id", "active", "company_id"]
        return Partner.search_fetch(domain, names, order="active desc, id")

    def _match_by_mail(self, rows):
        mails = {i: email_normalize(row.get("email") or "") for i, row in rows.items()}
        wanted = {mail for mail in mails.values() if mail}
        if not wanted:
            return {}
        found = self._search_partners([("email_normalized", "in", list(wanted))])
        by_mail = found.grouped("email_normalized")
        return {
            i: self._pick(by_mail[mail], rows[i])
            for i, mail in mails.items()
            if mail in by_mail
        }

    def _match_by_login(self, rows):
        """A contact is a user's on both sides."""
        users = {
            row["partner_id"][0]: self._users.get(row["id"])
            for row in self._read_users(
                [("partner_id", "in", list(rows))] if rows else 0
            )
        }
        User = self._env["res.users"]
        return {i: User.browse(here).partner_id.id for i, here in users.items() if here}

    def _match_by_name(self, rows, found):
        """Only who has no address: a name alone says little."""
        rows = {
            i: row for i, row in rows.items() if i not in found and not row.get("email")
        }
        if not rows:
            return {}
        names = list({row["name"] for row in rows.values() if row["name"]})
        by_name = self._search_partners([("name", "in", names)]).grouped("name")
        return {
            i: self._pick(by_name[row["name"]], row)
            for i, row in rows.items()
            if row["name"] in by_name
        }

    def _pick(self, partners, row):
        """The one that is meant, False if nothing tells."""
        partners = partners.filtered("active") or partners
        if len(partners) == 1:
            return partners.id
        same = partners.filtered(lambda p: fold(p.name) == fold(row["name"]))
        if len(same) > 1 and row.get("parent_id"):
            parent = fold((self._rows.get(row["parent_id"][0]) or {}).get("name"))
            same = same.filtered(lambda p: fold(p.parent_id.name) == parent)
        return same.id if len(same) == 1 else False

    def create_missing(self, old_ids):
        """Make contacts that are not here, companies first.

        :param old_ids: ids on the old desk
        """
        missing = set(self.list_missing(old_ids)) & self._rows.keys()
        parents = {
            self._rows[i]["parent_id"][0]
            for i in missing
            if self._rows[i].get("parent_id")
        }
        parents = set(self.list_missing(parents)) & self._rows.keys()
        self._create(parents)
        self._create(missing - parents)

    def _create(self, old_ids):
        old_ids = sorted(old_ids)
        Partner = self._env["res.partner"].with_context(tracking_disable=True)
        made = Partner.create([self._get_values(self._rows[i]) for i in old_ids])
        self._mover.keys.note("res.partner", dict(zip(old_ids, made, strict=True)))
        self._partners.update(zip(old_ids, made.ids, strict=True))

    def _get_values(self, row):
        parent = row.get("parent_id") and self.get_partner(row["parent_id"][0])
        company = self._mover.get_company(row.get("company_id"))
        return {
            "name": row["name"] or row.get("email") or self._env._("No Name"),
            "email": row.get("email") or False,
            "phone": row.get("phone") or False,
            "is_company": bool(row.get("is_company")),
            "parent_id": parent.id if parent else False,
            "company_id": company.id if row.get("company_id") else False,
            "active": row.get("active", True),
        }

    # === USERS === #

    def _read_users(self, domain):
        """Users of the old desk, matched; ``domain`` 0 for nobody."""
        if not domain:
            return []
        rows = self._mover.desk.search_read("res.users", domain, _USER_FIELDS)
        self._match_users([row for row in rows if row["id"] not in self._users])
        return rows

    def _prepare_users(self, old_ids):
        if old_ids:
            self._read_users([("id", "in", sorted(old_ids))])
            for old_id in old_ids:
                self._users.setdefault(old_id, False)

    def _match_users(self, rows):
        User = self._env["res.users"].with_context(active_test=False)
        texts = {
            text for row in rows for text in (row["login"], row.get("email")) if text
        }
        names = [row["name"] for row in rows]
        domain = Domain("share", "=", False)
        domain &= (
            Domain("login", "in", list(texts))
            | Domain("email_normalized", "in", [email_normalize(t) for t in texts])
            | Domain("name", "in", names)
        )
        users = User.search(domain, order="active desc, id")
        for row in rows:
            mail = email_normalize(row.get("email") or "")
            rules = (
                lambda u, row=row: u.login == row["login"],
                lambda u, mail=mail: mail and u.email_normalized == mail,
                lambda u, row=row: fold(u.name) == fold(row["name"]),
            )
            fits = (users.filtered(rule) for rule in rules)
            match = next((fit for fit in fits if fit), users.browse())
            self._users[row["id"]] = match.id if len(match) == 1 else False

    # === EMPLOYEES === #

    def _prepare_employees(self, old_ids):
        if not old_ids:
            return
        domain = [("id", "in", sorted(old_ids))]
        rows = self._mover.desk.search_read("hr.employee", domain, _EMPLOYEE_FIELDS)
        self._prepare_users(
            {row["user_id"][0] for row in rows if row.get("user_id")}
            - self._users.keys()
        )
        mails = [row["work_email"] for row in rows if row.get("work_email")]
        names = [row["name"] for row in rows]
        users = [
            self._users.get(row["user_id"][0]) for row in rows if row.get("user_id")
        ]
        Employee = self._env["hr.employee"].with_context(active_test=False)
        employees = Employee.search(
            Domain("user_id", "in", [user for user in users if user])
            | Domain("work_email", "in", mails)
            | Domain("name", "in", names),
            order="active desc, id",
        )
        self._employees.update(dict.fromkeys(old_ids, False))
        for row in rows:
            company = self._mover.get_company(row.get("company_id"))
            own = employees.filtered(lambda e, c=company: e.company_id == c)
            match = self._match_employee(own or employees, row)
            self._employees[row["id"]] = match.id

    def _match_employee(self, employees, row):
        user = row.get("user_id") and self._users.get(row["user_id"][0])
        rules = (
            lambda e: user and e.user_id.id == user,
            lambda e: (
                e.work_email and fold(e.work_email) == fold(row.get("work_email"))
            ),
            lambda e: fold(e.name) == fold(row["name"]),
        )
        for rule in rules:
            fits = employees.filtered(rule)
            fits = fits.filtered("active") or fits
            if len(fits) == 1:
                return fits
        return employees.browse()
