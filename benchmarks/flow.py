"""The two ways to bill support time: stock project tasks, and our tickets."""

import dataclasses

from odoo.tools import SQL

from .bulk import pick


@dataclasses.dataclass(frozen=True)
class Flow:
    """Names that differ between the two ways.

    :param name: ``stock`` or ``ours``
    :param model: model of the ticket
    :param container: field of the ticket's project or team
    :param link: field of the timesheet that names the ticket
    """

    name: str
    model: str
    container: str
    link: str

    # === WHAT A TICKET AND ITS TIME ARE MADE OF === #

    def ticket_values(self, container, **values):
        """Values of a new ticket.

        :param int container: its project or team
        """
        return {"name": "Printer is offline", self.container: container, **values}

    def line_values(self, ticket, hours=1.0, **values):
        """Values of a new timesheet.

        :param int ticket: its ticket
        """
        return {"name": "Work", self.link: ticket, "unit_amount": hours, **values}

    def lines(self, env, ticket):
        """Return the timesheets of a ticket."""
        return env["account.analytic.line"].search([(self.link, "in", ticket.ids)])

    # === COPIES BY SQL === #

    def ticket_copies(self, world):
        """SQL values of copied tickets; ``s`` has ``i``, ``item``, ``order_id``,
        ``partner_id`` and ``part``, which the containers take turns by.

        :param dict world: the flow's part of the world
        """
        values = {
            "name": SQL("'Printer ' || s.i || ' is offline'"),
            "partner_id": SQL("s.partner_id"),
            "sale_line_id": SQL("s.item"),
            "sale_order_id": SQL("s.order_id"),
            "stage_id": pick(world["stages"], SQL("s.i")),
            "priority": SQL("(ARRAY['0','0','0','1'])[1 + s.i %% 4]"),
            self.container: pick(world["containers"], SQL("s.part")),
        }
        if self.name == "ours":
            values.update(
                commercial_partner_id=SQL("s.partner_id"),
                project_id=pick(world["projects"], SQL("s.part")),
                user_id=pick(world["users"], SQL("s.i")),
                ticket_ref=SQL("'B' || nextval('helpdesk_ticket_id_seq')"),
            )
        return values

    def line_copies(self, world):
        """SQL values of copied timesheets; ``s`` is a ticket with a counter ``k``."""
        values = {
            "partner_id": SQL("s.partner_id"),
            "project_id": SQL("s.project_id"),
            "so_line": SQL("s.sale_line_id"),
            "order_id": SQL("s.sale_order_id"),
            "account_id": SQL("s.account_id"),
            "employee_id": pick(world["employees"], SQL("s.k + s.id")),
            "user_id": pick(world["users"], SQL("s.k + s.id")),
            "date": SQL("CURRENT_DATE - ((s.k * 7 + s.id) %% 80)"),
            "unit_amount": SQL("0.25 * (1 + s.k %% 8)"),
            "amount": SQL("-10.0 * (1 + s.k %% 8)"),
            self.link: SQL("s.id"),
        }
        if self.name == "ours":
            values.update(
                billable_hours=values["unit_amount"],
                helpdesk_commercial_partner_id=SQL("s.partner_id"),
            )
        return values


STOCK = Flow("stock", "project.task", "project_id", "task_id")
OURS = Flow("ours", "helpdesk.ticket", "team_id", "helpdesk_ticket_id")
FLOWS = {flow.name: flow for flow in (STOCK, OURS)}
