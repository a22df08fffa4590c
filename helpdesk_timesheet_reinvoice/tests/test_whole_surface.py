import inspect
import json

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rule_common import RuleCommon

AGENT = "helpdesk_base.group_helpdesk_user,hr_timesheet.group_hr_timesheet_user"
SECRET = "Oven of secret Alpha"
#: What every model offers to a client, with arguments: by ids, and without.
ON_RECORDS = {
    "action_archive": [],
    "action_unarchive": [],
    "copy": [],
    "export_data": [["display_name"]],
    "get_metadata": [],
    "read": [["display_name"]],
    "unlink": [],
    "web_read": [{"display_name": {}}],
    "web_save": [{"active": False}, {"display_name": {}}],
    "write": [{"name": "Taken over"}],
}
ON_THREADS = {
    "get_portal_url": [],
    "message_post": [],
    "message_subscribe": [[1]],
    "message_unsubscribe": [[1]],
}
ON_MODELS = {
    "formatted_read_group": [[], ["create_uid"], ["__count"]],
    "name_search": [SECRET],
    "search": [[["display_name", "ilike", SECRET]]],
    "search_count": [[["display_name", "ilike", SECRET]]],
    "search_read": [[], ["display_name"]],
    "web_search_read": [[], {"display_name": {}}],
}
#: Arguments of methods of our own, where they need any.
ARGUMENTS = {
    "load": [["name"], [["Mine"]]],
    "action_log_time": [{"name": "Call", "hours": 1}],
    "action_snooze": ["2999-01-01"],
    "action_view_my_figure": ["todo"],
    "action_write_off": [0.5, "Courtesy"],
    "copy_data": [],
    "create": [[{"name": SECRET[:4]}]],
    "get_unseen_answers": [0],
    "message_new": [{"subject": "x", "email_from": "x@x.example"}],
    "message_update": [{"subject": "x", "email_from": "x@x.example"}],
    "onchange": [{}, [], {"display_name": {}}],
    "preview_time": [{"name": "Call", "hours": 1}],
    "rating_apply": [5],
    "rating_send_request": [1],
    "tell_presence": ["viewing"],
    "web_name_search": ["", {"display_name": {}}],
    "write": [{"name": "Taken over"}],
}
#: The gateway of the server: what stock opens to employees, and to nobody else.
GATEWAY = {"message_parse", "message_process", "message_route"}
#: These look for records by themselves.
OF_MODEL = {
    "action_view_my_figure",
    "create",
    "get_import_templates",
    "get_my_figures",
    "load",
    "message_new",
    "name_search",
    "web_name_search",
}


@tagged("post_install", "-at_install")
class TestWholeSurface(RuleCommon):
    """Every public method and generic verb, called as a client calls them, by people
    to whom a ticket is none of their business: refused cleanly, nothing found, nothing
    changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_2 = cls.env["res.company"].create({"name": "Second Desk"})
        foreign = {"company_id": cls.company_2.id, "company_ids": cls.company_2.ids}
        cls.strangers = (
            cls.portal_b,
            cls.colleague,
            cls._new_user("hd_far_agent", AGENT, name="Far Agent", **foreign),
        )
        cls.ticket.name = SECRET
        cls.task = cls.env["project.task"].create(
            {"name": SECRET, "project_id": cls.project.id}
        )
        cls.project.privacy_visibility = "followers"
        cls.project.company_id = cls.env.company
        line = cls._log(cls.ticket, 2.0, name=SECRET)
        cls._log(cls.ticket, 1.0, name=SECRET)
        cls.invoice = cls._invoice(cls.order_a)
        cls.invoice.ref = SECRET
        wizard = cls.env["helpdesk.time.credit"]
        cls.invoice.action_post()
        cls.credit = wizard.create({"timesheet_ids": [(6, 0, line.ids)]})
        cls.targets = (
            cls.ticket,
            line,
            cls.order_a,
            cls.item_a,
            cls.invoice,
            cls.invoice.invoice_line_ids[:1],
            cls.team_private,
            cls.task,
        )
        cls.env.flush_all()

    def _get_own_methods(self, model):
        """Public methods that our addons define or extend."""
        own = set()
        for cls in type(self.env[model]).__mro__:
            if (cls.__module__ or "").startswith("odoo.addons.helpdesk_"):
                own |= {
                    name
                    for name, value in vars(cls).items()
                    if not name.startswith("_") and inspect.isfunction(value)
                }
        return own - GATEWAY

    def _get_calls(self, record):
        """What a client can call on a record, with its arguments."""
        model = record._name
        calls = {**ON_RECORDS, **ON_MODELS}
        if "message_ids" in record:
            calls |= {k: v for k, v in ON_THREADS.items() if hasattr(record, k)}
        for name in self._get_own_methods(model):
            calls.setdefault(name, ARGUMENTS.get(name, []))
        if "active" not in record:
            del calls["action_archive"], calls["action_unarchive"]
        if "name" not in record:
            calls["write"] = [{"create_uid": 1}]
        if "move_id" in record:
            calls["create"] = [[{"name": "More", "move_id": record.move_id.id}]]
        for name, arguments in calls.items():
            of_model = name in ON_MODELS or name in OF_MODEL
            yield name, [*([] if of_model else [record.ids]), *arguments]

    def _read_state(self):
        """All that a stranger could have changed."""
        self.env.flush_all()
        self.env.invalidate_all()
        line = self.ticket.timesheet_ids
        return (
            self.ticket.read(["name", "active", "partner_id", "sale_line_id"]),
            self.ticket.message_ids.ids,
            self.ticket.message_partner_ids.ids,
            line.read(["name", "unit_amount", "so_line", "timesheet_invoice_id"]),
            self.item_a.read(["qty_delivered", "qty_invoiced", "price_unit"]),
            self.invoice.read(["state", "ref", "amount_total"]),
            self.team_private.read(["name", "active"]),
            self.task.read(["name", "active"]),
        )

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models", "odoo.sql_db")
    def test_strangers(self):
        self.before = self._read_state()
        for user in self.strangers:
            for target in (*self.targets, self.credit):
                for name, arguments in self._get_calls(target):
                    with self.subTest(user=user.login, model=target._name, name=name):
                        self._call(user, target, name, arguments)

    def _call(self, user, target, name, arguments):
        model = self.env[target._name].with_user(user)
        try:
            with self.env.cr.savepoint():
                get_public_method(model, name)
                answer = call_kw(model, name, arguments, {})
                self.env.flush_all()
                found = json.dumps(answer, default=str)
                state = self._read_state()
                raise _Done
        except _Done:
            self.assertEqual(state, self.before)
            self.assertNotIn(SECRET, found)
            self.assertNotIn("access_token", found)
            if name == "search_count":
                self.assertFalse(answer)
        except (AccessError, MissingError, UserError) as refusal:
            self.assertNotIn(SECRET, str(refusal))
        self.env.invalidate_all()


class _Done(Exception):
    """Undo what was allowed: only what it tells and leaves behind counts."""
