from odoo.fields import Command

from odoo.addons.helpdesk_timesheet_reinvoice.tests.common import ReinvoiceCommon


class ChargeCommon(ReinvoiceCommon):
    """The world of time and money with kinds of work.

    Team Care uses all kinds. Remote is billed in steps of 15 minutes, at least 30, for
    each entry; Ticket alike over the ticket; Evening is a product of its own at 150;
    Goodwill is free; Meeting is internal.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evening_service = cls._new_service(
            "Evening Support", "delivered_timesheet", price=150.0
        )
        steps = {"step_minutes": 15, "minimum_minutes": 30}
        (
            cls.remote,
            cls.by_ticket,
            cls.by_day,
            cls.evening,
            cls.goodwill,
            cls.meeting,
        ) = cls.env["helpdesk.work.type"].create(
            [
                {"name": "Remote", **steps},
                {"name": "Per Ticket", "scope": "ticket", **steps},
                {"name": "Per Day", "scope": "day", **steps},
                {"name": "Evening", "product_id": cls.evening_service.id},
                {"name": "Goodwill", "charge": "free"},
                {"name": "Meeting", "charge": "hidden"},
            ]
        )
        cls.ticket_2 = cls.env["helpdesk.ticket"].create(
            {
                "name": "Charged",
                "team_id": cls.team.id,
                "partner_id": cls.customer_a.id,
                "sale_line_id": cls.item_a.id,
            }
        )

    @classmethod
    def _log_kind(cls, kind, hours, ticket=None, **values):
        """Record time of a kind of work as an agent."""
        values = {"work_type_id": kind.id if kind else False, **values}
        return cls._log(ticket or cls.ticket_2, hours, **values)

    @classmethod
    def _use_kinds(cls, *kinds, default=None):
        """Let the team use some kinds only."""
        cls.team.write(
            {
                "work_type_ids": [Command.set([kind.id for kind in kinds])],
                "default_work_type_id": default.id if default else False,
            }
        )

    def assertBilled(self, lines, *hours):
        """Hours to bill of lines, freshly computed."""
        self.env.flush_all()
        lines.invalidate_recordset()
        for line, expected in zip(lines, hours, strict=True):
            self.assertAlmostEqual(line.billable_hours, expected, 5, line.name)
