"""The data of a database that is kept, see ``helpers.versions``: runs in the shell of every version.

Three customers; items billed by time, with cents, tax and discount, and a prepaid one;
tickets, one of them merged, closed or archived; time that is open, on a draft, billed,
credited, free and set by hand; messages, a file; last a quantity that waits to be
refreshed.
"""

import base64

from odoo.fields import Command

env["ir.config_parameter"].set_param("ir_attachment.location", "db")
tax = env["account.tax"].create(
    {"name": "VAT 19", "amount": 19.0, "type_tax_use": "sale"}
)
service, pack, cents = env["product.product"].create(
    [
        {
            "name": name,
            "type": "service",
            "service_policy": policy,
            "list_price": price,
            "uom_id": env.ref("uom.product_uom_hour").id,
            "taxes_id": [Command.set(taxes.ids)],
        }
        for name, policy, price, taxes in (
            ("Hour", "delivered_timesheet", 100.0, tax.browse()),
            ("Pack", "ordered_prepaid", 100.0, tax.browse()),
            ("Cents", "delivered_timesheet", 95.55, tax),
        )
    ]
)
alpha, beta, gamma = env["res.partner"].create(
    [{"name": "Alpha"}, {"name": "Beta"}, {"name": "Gamma", "is_company": True}]
)
gina = env["res.partner"].create(
    {"name": "Gina", "parent_id": gamma.id, "email": "gina@gamma.example"}
)
# what has cents comes first: tests take the prepaid item from the end
mixed = env["sale.order"].create(
    {
        "partner_id": gamma.id,
        "order_line": [
            Command.create(
                {"product_id": cents.id, "product_uom_qty": 8.0, "discount": discount}
            )
            for discount in (0.0, 7.5)
        ],
    }
)
mixed.action_confirm()
orders = env["sale.order"].create(
    [
        {
            "partner_id": partner.id,
            "order_line": [
                Command.create({"product_id": product.id, "product_uom_qty": 5.0})
            ],
        }
        for partner, product in ((alpha, service), (alpha, service), (beta, pack))
    ]
)
orders.action_confirm()
item, other, prepaid = orders.order_line
full, reduced = mixed.order_line
team = env["helpdesk.team"].create(
    {
        "name": "Care",
        "use_helpdesk_timesheet": True,
        "use_helpdesk_sale_timesheet": True,
    }
)
tickets = env["helpdesk.ticket"].create(
    [
        {
            "name": name,
            "team_id": team.id,
            "partner_id": line.order_partner_id.id,
            "sale_line_id": line.id,
        }
        for name, line in (("Door", item), ("Oven", other), ("Lamp", prepaid))
    ]
)
more = env["helpdesk.ticket"].create(
    [
        {
            "name": name,
            "team_id": team.id,
            "partner_id": gina.id,
            "sale_line_id": line.id,
            "description": "<p>It does not</p>",
        }
        for name, line in (
            ("Roof", full),
            ("Wall", reduced),
            ("Twin", reduced),
            ("Past", full),
        )
    ]
)
eve = env["hr.employee"].create({"name": "Eve", "hourly_cost": 40.0})


def log(ticket, hours, **values):
    return env["account.analytic.line"].create(
        {
            "name": "Work",
            "helpdesk_ticket_id": ticket.id,
            "unit_amount": hours,
            "employee_id": eve.id,
            **values,
        }
    )


# billed twice, with a draft and with open time; a survivor and who was merged into it
roof, wall, twin, past = more
log(roof, 1.35)
log(wall, 2.4)
log(past, 0.7)
mixed._create_invoices().action_post()
log(twin, 0.65)
env["helpdesk.ticket.merge"].create(
    {
        "ticket_ids": [Command.set((wall | twin).ids)],
        "target_id": wall.id,
    }
).action_merge()
log(roof, 0.25)
mixed._create_invoices()
log(roof, 1.1)
log(wall, 0.4, so_line=False, is_so_line_edited=True)
roof.message_post(
    body="It leaks",
    author_id=gina.id,
    message_type="comment",
    subtype_xmlid="mail.mt_comment",
    attachments=[("leak.txt", base64.b64encode(b"much water"))],
)
wall.stage_id = team.stage_ids.filtered("fold")[:1]
past.active = False

door, oven, lamp = tickets
billed = log(door, 2.0)
invoice = orders[0]._create_invoices()
invoice.action_post()
log(door, 1.5)
log(lamp, 3.0, name="/")
log(oven, 0.5, so_line=False, is_so_line_edited=True)
log(oven, 4.0)
credited = orders[1]._create_invoices()
credited.action_post()
env["account.move.reversal"].with_context(
    active_model="account.move", active_ids=credited.ids
).create({"journal_id": credited.journal_id.id}).refund_moves()
credited.reversal_move_ids.action_post()
# a favourite on the statement of this version
statements = env["ir.actions.act_window"].search(
    [("res_model", "=", "helpdesk.time.statement")], order="id"
)
env["ir.filters"].create(
    {
        "name": "Mine",
        "model_id": "helpdesk.time.statement",
        "user_ids": [],
        "action_id": statements[:1].id,
        "domain": "[('alarm', '!=', False)]",
    }
)
env.flush_all()
# a crash after an hour was saved, before its item was refreshed
waiting = ("helpdesk.delivered.refresh", "sale.delivered.refresh")
env[waiting[waiting[0] not in env]].create({"sale_line_id": prepaid.id})
env.flush_all()
env.cr.execute(
    "UPDATE sale_order_line SET qty_delivered = 1, remaining_hours = 4 WHERE id = %s",
    [prepaid.id],
)
# nobody logs in
env.cr.execute("UPDATE res_users SET password = NULL")
env.cr.execute(
    "UPDATE ir_config_parameter SET value = 'none'"
    " WHERE key IN ('database.uuid', 'database.secret')"
)
env.cr.commit()
