"""A desk with everything that is wrong for it, to throw at the public interfaces."""

import contextlib
import xmlrpc.client

import pytest

from helpers.desk import Desk

#: Fault codes of Odoo: 2 user and validation errors, 3 access denied, 4 access.
BUSINESS_FAULTS = (2, 3, 4)


def assert_refused(call, *arguments, **kwargs):
    """Call; return the sentence the user reads."""
    with pytest.raises(xmlrpc.client.Fault) as raised:
        call(*arguments, **kwargs)
    fault = raised.value
    if "Traceback" in fault.faultString:
        pytest.fail("a traceback: " + fault.faultString[-500:])
    assert fault.faultCode in BUSINESS_FAULTS, fault
    sentence = fault.faultString.strip()
    assert 10 < len(sentence) < 2000, "a sentence, not the value thrown back"
    assert sentence[-1] in ".!?)", sentence
    return sentence


class World(Desk):
    """A desk with one ticket and its time, and everything that is wrong for it."""

    def __init__(self, server):
        super().__init__(server)
        self.customer = self.new_customer()
        self.team = self.new_team()
        self.order, self.item = self.new_order(self.customer)
        self.ticket = self.new_ticket(self.team, self.customer)
        self.agent.write("helpdesk.ticket", self.ticket, {"sale_line_id": self.item})
        self.line = self.log(1.5, self.ticket)
        self.project = self._linked("helpdesk.ticket", self.ticket, "project_id")
        self.stage = self._linked("helpdesk.ticket", self.ticket, "stage_id")
        self.task = self.admin.create(
            "project.task",
            {"name": "Own", "project_id": self.project, "partner_id": self.customer},
        )
        self._make_other_customer()
        self._make_unfit_items()
        self._make_unfit_places()
        self._make_other_company()

    def _linked(self, model, record, field):
        return self.admin.read(model, record, [field])[field][0]

    def _make_other_customer(self):
        self.other_customer = self.new_customer("Rival")
        _order, self.other_item = self.new_order(self.other_customer)
        self.other_ticket = self.new_ticket(self.team, self.other_customer, "Rival's")
        self.other_task = self.admin.create(
            "project.task",
            {
                "name": "Rival's",
                "project_id": self.project,
                "partner_id": self.other_customer,
            },
        )

    def _make_unfit_items(self):
        _order, self.quoted = self.new_order(self.customer, confirm=False)
        cancelled, self.cancelled = self.new_order(self.customer)
        self.sales.call("sale.order", "action_cancel", [cancelled])
        goods = self.admin.create("product.product", {"name": "Cable", "type": "consu"})
        _order, self.goods = self.new_order(self.customer, goods)
        order, _item = self.new_order(self.customer)
        values = {"name": "A note", "display_type": "line_note", "order_id": order}
        self.note = self.admin.create("sale.order.line", values)
        order, _item = self.new_order(self.customer)
        self.invoice(order, advance_payment_method="percentage", amount=50)
        [self.down_payment] = self.sales.search(
            "sale.order.line",
            [("order_id", "=", order), ("is_downpayment", "=", True),
             ("display_type", "=", False)],
        )  # fmt: skip

    def _make_unfit_places(self):
        self.timeless = self.admin.create(
            "project.project", {"name": "No time", "allow_timesheets": False}
        )
        self.other_project = self.admin.create(
            "project.project", {"name": "Elsewhere", "allow_timesheets": True}
        )
        self.private_team = self.boss.create(
            "helpdesk.team",
            {"name": "Private", "privacy_visibility": "invited_internal",
             "use_helpdesk_timesheet": True},
        )  # fmt: skip
        self.private_ticket = self.boss.create(
            "helpdesk.ticket", {"name": "Secret", "team_id": self.private_team}
        )
        self.plain_team = self.boss.create("helpdesk.team", {"name": "No time"})
        self.plain_ticket = self.new_ticket(self.plain_team, self.customer)
        self.other_stage = self.boss.create(
            "helpdesk.stage",
            {"name": "Elsewhere", "team_ids": [(6, 0, [self.plain_team])]},
        )

    def _make_other_company(self):
        company = self.admin.create("res.company", {"name": f"{self.tag} Abroad"})
        self.admin.write("res.users", self.admin.uid, {"company_ids": [(4, company)]})
        context = {"allowed_company_ids": [company]}

        def make(model, **values):
            return self.admin.call(model, "create", values, context=context)

        self.abroad = company
        self.abroad_customer = make("res.partner", name="Abroad", company_id=company)
        self.abroad_project = make(
            "project.project", name="Abroad", company_id=company, allow_timesheets=True
        )
        self.abroad_employee = make("hr.employee", name="Abroad", company_id=company)
        self.abroad_team = make(
            "helpdesk.team", name="Abroad", company_id=company,
            use_helpdesk_timesheet=True,
        )  # fmt: skip
        self.abroad_ticket = make(
            "helpdesk.ticket", name="Abroad", team_id=self.abroad_team
        )
        line = {"product_id": self.product, "product_uom_qty": 1, "tax_ids": [(5,)]}
        order = make(
            "sale.order", partner_id=self.customer, company_id=company,
            order_line=[(0, 0, line)],
        )  # fmt: skip
        self.admin.call("sale.order", "action_confirm", [order], context=context)
        [self.abroad_item] = self.admin.call(
            "sale.order.line", "search", [("order_id", "=", order)], context=context
        )

    # === PROBING === #

    COUNTED = (
        "helpdesk.team", "helpdesk.ticket", "account.analytic.line", "sale.order",
        "sale.order.line", "account.move", "project.project", "project.task",
    )  # fmt: skip
    TARGETS = {
        "team": ("boss", "helpdesk.team"),
        "ticket": ("agent", "helpdesk.ticket"),
        "line": ("agent", "account.analytic.line"),
    }

    def snapshot(self):
        """Return what a refused call must leave as it was."""
        counts = {
            model: self.admin.call(
                model, "search_count", [], context={"active_test": False}
            )
            for model in self.COUNTED
        }
        figures = self.hours(self.ticket), self.delivered(self.item)
        return counts, figures

    @contextlib.contextmanager
    def unchanged(self):
        """Give a function that makes calls to be refused; see that nothing changed.

        It takes what to call the case, the call and its arguments, and returns the
        sentence. Every case is tried before the test fails.
        """
        start, wrong = self.snapshot(), []

        def refuse(name, call, *arguments, **kwargs):
            try:
                return assert_refused(call, *arguments, **kwargs)
            except (AssertionError, pytest.fail.Exception) as error:
                wrong.append(f"{name[:80]}: {str(error)[-700:]}")
                return str(error)

        yield refuse
        assert not wrong, "\n\n".join(wrong)
        assert self.snapshot() == start

    def new_values(self, target):
        """Return good values a new record of a target can be made with."""
        return {
            "team": {"name": "New"},
            "ticket": {
                "name": "New",
                "team_id": self.team,
                "partner_id": self.customer,
            },
            "line": {
                "name": "New",
                "helpdesk_ticket_id": self.ticket,
                "unit_amount": 1,
            },
        }[target]

    def value(self, value):
        """Replace the name of a record of this world by its id."""
        return getattr(self, value[1:]) if str(value)[:1] == "@" else value
