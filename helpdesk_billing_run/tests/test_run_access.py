from odoo.exceptions import AccessError
from odoo.tests import tagged

from .run_common import RunCommon


@tagged("post_install", "-at_install")
class TestRunAccess(RunCommon):
    """Cell by cell: who makes, reads, decides, runs, and who sees money."""

    MODELS = (
        "helpdesk.billing.run",
        "helpdesk.billing.run.line",
        "helpdesk.leak",
        "helpdesk.leak.no.time",
        "helpdesk.work.in.progress",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_b.user_id = cls.salesman
        cls.month = cls._new_run(cls.lead)

    def _lines(self, user):
        return (
            self.month.line_ids.browse()
            .with_user(user)
            .search([("run_id", "=", self.month.id)])
        )

    def test_agents_get_nothing(self):
        portal = self._new_user("hd_run_portal", "base.group_portal")
        for user in (self.agent, portal, self.env.ref("base.public_user")):
            for name in self.MODELS:
                with self.subTest(user=user.login, model=name):
                    Model = self.env[name].with_user(user)
                    with self.assertRaises(AccessError):
                        Model.search([])
                    with self.assertRaises(AccessError):
                        Model.check_access("create")
        run = self.month.with_user(self.agent)
        for action in ("action_rehearse", "action_run", "action_view_invoices"):
            with self.assertRaises(AccessError):
                getattr(run, action)()

    def test_desk_administrator_sees_hours_only(self):
        lines = self._lines(self.lead)
        self.assertEqual(lines.order_id, self.order_a | self.order_b)
        self.assertTrue(sum(lines.mapped("hours")))
        money = [
            name
            for model in (lines, self.month)
            for name, field in model._fields.items()
            if field.type == "monetary"
        ]
        self.assertGreater(len(money), 12)
        offered = {
            **lines.fields_get(money),
            **self.month.with_user(self.lead).fields_get(money),
        }
        self.assertFalse(offered)
        for model in (lines, self.month.with_user(self.lead)):
            for name in set(money) & model._fields.keys():
                with self.subTest(field=name), self.assertRaises(AccessError):
                    model.read([name])
        lines.filtered(lambda line: line.kind == "bill").action_leave()
        with self.assertRefused("not invoice", AccessError):
            self.month.with_user(self.lead).action_run()

    def test_salesperson_of_own_orders(self):
        lines = self._lines(self.seller)
        self.assertEqual(lines.order_id, self.order_a)
        self.assertEqual(sum(lines.mapped("amount")), 600.0)
        self.assertEqual(self.month.with_user(self.seller).amount_to_bill, 600.0)
        foreign = self.month.line_ids.filtered(lambda x: x.order_id == self.order_b)
        with self.assertRaises(AccessError):
            foreign.with_user(self.seller).action_leave()
        with self.assertRefused("may not invoice", AccessError):
            self.month.with_user(self.seller).action_run()
        own = self._new_run(self.seller)
        own.action_run()
        self._work()
        self.assertBooks(self.item_a, 10.0, 6.0)
        self.assertBooks(self.item_b, 3.0, 0.0)

    def test_salesperson_of_all_orders(self):
        lines = self._lines(self.salesman)
        self.assertEqual(lines.order_id, self.order_a | self.order_b)
        self.month.with_user(self.salesman).action_run()
        self._work()
        self.assertAsRehearsed(self.month)

    def test_accountant_runs_and_posts(self):
        run = self.month.with_user(self.accountant)
        run.post_invoices = True
        self.assertEqual(run.amount_to_bill, 900.0)
        self.assertTrue(all(move.state == "posted" for move in self._run(run)))

    def test_reader_of_the_books_runs_nothing(self):
        reader = self._new_user("hd_read_books", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.month.with_user(reader).action_run()

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("hd_elsewhere", "account.group_account_invoice")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for name in ("helpdesk.billing.run", "helpdesk.billing.run.line"):
            found = self.env[name].with_user(stranger).search([])
            self.assertFalse(found)
        with self.assertRaises(AccessError):
            self.month.with_user(stranger).action_run()
