from datetime import timedelta

from odoo import fields

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


class TimerCommon(ReinvoiceCommon):
    """The world with time and money, and a clock that can be moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.agent | cls.agent_2 | cls.manager).tz = "Europe/Brussels"
        cls.ticket.sale_line_id = cls.item_a
        cls.as_agent = cls.ticket.with_user(cls.agent)
        cls.other = cls.ticket_a2.with_user(cls.agent)
        cls.start = fields.Datetime.to_datetime("2026-03-03 09:00:00")

    def setUp(self):
        super().setUp()
        self.now = self.start
        self.patch(fields.Datetime, "now", staticmethod(lambda *_args: self.now))

    def _wait(self, **duration):
        """Let time pass."""
        self.now += timedelta(**duration)
        self.env.invalidate_all()

    def _get_timers(self, user=None, **values):
        """Timers of the people of this world, as one of them sees them."""
        self.env.flush_all()
        self.env.invalidate_all()
        people = self.agent | self.agent_2 | self.manager
        domain = [("user_id", "in", people.ids)]
        domain += [(name, "=", value) for name, value in values.items()]
        return (
            self.env["helpdesk.timer"].with_user(user or self.env.user).search(domain)
        )
