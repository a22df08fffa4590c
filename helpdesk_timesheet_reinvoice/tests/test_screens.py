from ast import literal_eval
from contextlib import contextmanager
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval
from odoo.tools.safe_eval import time as safe_time

from .common import AGENT, MANAGER, SALES_ALL, SALESMAN
from .invoice_common import ACCOUNTANT, InvoiceCommon
from .screen_common import ScreenCommon

APPROVER = "hr_timesheet.group_hr_timesheet_approver"
TIMESHEET_USER = "hr_timesheet.group_hr_timesheet_user"
PROJECT_USER = "project.group_project_user"
PROJECT_MANAGER = "project.group_project_manager"

PEOPLE = {
    "agent": f"{AGENT},{TIMESHEET_USER}",
    "agent without time": AGENT,
    "desk administrator": MANAGER,
    "salesperson": SALESMAN,
    "sales team lead": SALES_ALL,
    "accountant": ACCOUNTANT,
    "accountant with time": f"{ACCOUNTANT},{APPROVER}",
    "project user": f"{PROJECT_USER},{TIMESHEET_USER}",
    "project manager": f"{PROJECT_MANAGER},{APPROVER}",
    "approver on the desk": f"{AGENT},{APPROVER}",
    "all at once": f"{MANAGER},{SALES_ALL},{ACCOUNTANT},{APPROVER},{PROJECT_MANAGER}",
}
#: Models with screens of ours, or to which this addon adds something.
MODELS = {
    "account.analytic.line",
    "account.move",
    "helpdesk.team",
    "helpdesk.ticket",
    "project.project",
    "project.task",
    "res.partner",
    "sale.order",
    "timesheets.analysis.report",
}


@tagged("post_install", "-at_install")
class TestScreens(ScreenCommon, InvoiceCommon):
    """Whatever menu or button people are offered opens, with every filter and group.

    An addon that brings screens of its own inherits this and names them.
    """

    addons = {"helpdesk_base", "helpdesk_timesheet_reinvoice"}
    screen_models = MODELS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            role: cls._new_user(f"hd_screen_{number}", groups, name=role.title())
            for number, (role, groups) in enumerate(PEOPLE.items())
        }
        cls.team.member_ids |= cls.env["res.users"].union(*cls.people.values())
        pack = cls._new_item(cls.customer_b, cls.prepaid)
        cls.ticket_assigned.sale_line_id = pack
        cls._log(cls.ticket_assigned, 1.0)
        cls.invoice = cls._post(cls._bill())
        cls._credit(cls.invoice, [4.0])
        cls._log(cls.ticket, 1.0)
        cls.env.flush_all()
        cls.env.invalidate_all()

    # === WHAT PEOPLE ARE OFFERED === #

    def _menu_actions(self, user):
        """Window actions behind the menus that a user sees."""
        Menu = self.env["ir.ui.menu"].with_user(user)
        menus = Menu.sudo().browse(Menu._visible_menu_ids())
        actions = {
            menu.action
            for menu in menus
            if menu.action and menu.action._name == "ir.actions.act_window"
        }
        for action in sorted(actions, key=lambda action: action.id):
            if action.res_model in self.screen_models:
                yield action._get_action_dict()

    def _get_buttons(self):
        """Documents, and the buttons that lead on from each."""
        return [
            (self.ticket, ("action_view_sale_order", "action_view_invoices")),
            (self.order_a, ("action_view_tickets",)),
            (self.invoice, ("action_view_tickets",)),
            (self.project, ("action_view_tickets",)),
            (self.team, ("action_view_tickets",)),
        ]

    def _button_actions(self, user):
        """Window actions behind the buttons of the documents a user may open."""
        for record, methods in self._get_buttons():
            record = record.with_user(user)
            if not record.has_access("read"):
                continue
            view, _fields = self._arch(record, "form")
            for method in methods:
                if view.xpath(f"//button[@name='{method}']"):
                    yield getattr(record, method)()

    def _is_ours(self, model, name):
        """Tell whether a field of a screen is ours to answer for: all on our models,
        else what these addons add or change."""
        field = model._fields.get(name.split(":")[0])
        own = model._original_module in self.addons
        return bool(field) and (own or bool(self.addons & set(field._modules)))

    def _own_spec(self, model, kind, view_id):
        spec = self._spec(model, kind, view_id)
        return {name: part for name, part in spec.items() if self._is_ours(model, name)}

    # === OPENING THEM === #

    def _evaluate(self, text):
        """What the web client makes of a domain or context in a view."""
        names = {
            "uid": self.user.id,
            "context_today": date.today,
            "current_date": str(date.today()),
            "relativedelta": relativedelta,
            "time": safe_time,
            "active_id": False,
            "active_ids": [],
            "allowed_company_ids": self.env.company.ids,
        }
        if not isinstance(text, str):
            return text or {}
        return safe_eval(text or "{}", {**names, "context": names})

    def _open(self, action):
        """Do what the client does with an action: all views, all filters and groups."""
        model = self.env[action["res_model"]].with_user(self.user)
        model = model.with_context(**self._evaluate(action.get("context")))
        domain = Domain(self._evaluate(action.get("domain")) or [])
        kinds = dict((kind, view_id) for view_id, kind in action["views"])
        for kind, view_id in kinds.items():
            opener = getattr(self, f"_open_{kind}", None)
            if opener:
                with self._noting(action.get("name"), kind):
                    opener(model, domain, view_id)
        search_view = action.get("search_view_id")
        self._open_search(model, domain, search_view and search_view[0])

    def _open_list(self, model, domain, view_id, kind="list"):
        spec = self._own_spec(model, kind, view_id)
        self.opened += model.web_search_read(domain, spec, limit=80)["length"]

    def _open_kanban(self, model, domain, view_id):
        self._open_list(model, domain, view_id, "kanban")

    def _open_form(self, model, domain, view_id):
        spec = self._own_spec(model, "form", view_id)
        model.search(domain, limit=3).web_read(spec)
        if model._original_module in self.addons and model.has_access("create"):
            model.onchange({}, [], spec)

    def _open_pivot(self, model, domain, view_id, kind="pivot"):
        arch, fields = self._arch(model, kind, view_id)
        groups, figures = [], ["__count"]
        for node in arch.iter("field"):
            name, interval = node.get("name"), node.get("interval")
            if not self._is_ours(model, name):
                continue
            field = fields[model._name][name]
            if node.get("type") == "measure":
                figures.append(f"{name}:{field.get('aggregator') or 'sum'}")
            elif field["type"] in ("date", "datetime"):
                groups.append(f"{name}:{interval or 'month'}")
            elif field.get("groupable"):
                groups.append(name)
        model.formatted_read_group(domain, groups, figures)

    def _open_graph(self, model, domain, view_id):
        self._open_pivot(model, domain, view_id, "graph")

    def _open_search(self, model, domain, view_id):
        arch, _fields = self._arch(model, "search", view_id)
        for node in arch.iter("filter"):
            with self._noting(model._name, f"filter {node.get('name')}"):
                self._filter(model, domain, self._evaluate(node.get("domain")))
                context = node.get("context") or "{}"
                if "group_by" in context:
                    self._group(model, domain, literal_eval(context)["group_by"])

    def _filter(self, model, domain, asked):
        asked = Domain(asked or [])
        names = [condition.field_expr for condition in asked.iter_conditions()]
        if all(self._is_ours(model, name.split(".")[0]) for name in names):
            model.search(domain & asked)

    def _group(self, model, domain, group):
        name = group if isinstance(group, str) else group[0]
        field = model._fields.get(name.split(":")[0])
        if not self._is_ours(model, name) or field.type == "properties":
            return  # grouped by a property of a team
        if field.type in ("date", "datetime"):
            name = f"{field.name}:month"
        model.formatted_read_group(domain, [name], ["__count"])

    @contextmanager
    def _noting(self, what, part):
        """Note what is refused inside, and go on."""
        try:
            yield
        except UserError as error:
            text = str(error).splitlines()[0]
            self.refused.append(f"{self.user.name}, {what}, {part}: {text}")

    def _open_all(self, get_actions):
        """Let everybody open what the function says they are offered.

        :return: number of actions by role
        :rtype: dict
        """
        self.refused, self.opened, counts = [], 0, {}
        for role, user in self.people.items():
            self.user = user
            actions = list(get_actions(user))
            for action in actions:
                self._open(action)
            counts[role] = len(actions)
        self.assertEqual(self.refused, [])
        self.assertTrue(self.opened, "all lists were empty")
        return counts

    # === TESTS === #

    def test_menus(self):
        counts = self._open_all(self._menu_actions)
        self.assertTrue(all(counts.values()), counts)
        self.assertGreater(counts["agent"], 4)

    def test_buttons(self):
        counts = self._open_all(self._button_actions)
        self.assertEqual(counts["project user"], 0)
        self.assertGreater(counts["agent"], 0)
        self.assertEqual(counts["all at once"], 6)
