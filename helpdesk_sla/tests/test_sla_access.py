from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.helpdesk_base.tests.common import AGENT

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestSlaAccess(SlaCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_private.use_sla = True
        cls.private_policy = cls._new_policy(
            "Private", "close", 4, team_id=cls.team_private.id
        )
        cls.company_2 = cls.env["res.company"].create({"name": "Second Desk"})
        cls.far_agent = cls._new_user(
            "hd_far_sla",
            AGENT,
            company_id=cls.company_2.id,
            company_ids=cls.company_2.ids,
        )

    def test_agents_read(self):
        ticket = self._arrive().with_user(self.agent_2)
        self.assertTrue(ticket.sla_status_ids.read())
        self.assertTrue(ticket.sla_ids.read())
        self.assertTrue(ticket.sla_left)
        for record, vals in (
            (self.close_8, {"time": 99}),
            (ticket.sla_status_ids, {"deadline": "2030-01-01 00:00:00"}),
        ):
            record = record.with_user(self.agent_2)
            for refused in (
                lambda record=record, vals=vals: record.write(vals),
                record.unlink,
                lambda record=record: record.create({}),
            ):
                with self.assertRaises(UserError):
                    refused()
        with self.assertRaises(AccessError):
            self.close_8.with_user(self.agent_2).action_apply()

    def test_what_is_not_open_to_a_person(self):
        ticket = self._arrive(team_id=self.team_private.id)
        clock = ticket.sla_status_ids
        self.assertTrue(clock)
        self.env.flush_all()
        for user in (self.outsider, self.agent_2, self.far_agent):
            for model, domain in (
                ("helpdesk.sla", [("id", "=", self.private_policy.id)]),
                ("helpdesk.sla.status", [("id", "=", clock.id)]),
                ("helpdesk.sla.report", [("id", "=", clock.id)]),
            ):
                with self.subTest(user=user.login, model=model):
                    self.assertFalse(self.env[model].with_user(user).search(domain))
        for user in (self.colleague, self.portal_a):
            for model in ("helpdesk.sla", "helpdesk.sla.status", "helpdesk.sla.report"):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.env["helpdesk.sla.stay"].with_user(self.agent).search([])

    def test_nobody_writes_what_follows(self):
        ticket = self._arrive().with_user(self.manager)
        for name, value in (
            ("sla_deadline", "2030-01-01 00:00:00"),
            ("sla_since", "2030-01-01 00:00:00"),
            ("sla_status_ids", [[5]]),
            ("sla_ids", [[5]]),
        ):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "written"):
                ticket.write({name: value})

    def test_customers_read_nothing_of_it(self):
        ticket = self._arrive().with_user(self.portal_a)
        for name in ("sla_deadline", "sla_fail", "sla_left", "sla_status_ids"):
            with self.subTest(name), self.assertRaises(AccessError):
                ticket.read([name])
        self.assertTrue(ticket.read())
