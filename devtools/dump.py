"""``dump``: keep a database as a version leaves it, for the tests of later versions.

``tests/data/databases.tar.xz`` holds, by version, the dump of a small database
(``VERSION.sql``) and what could be read in it when it was made (``VERSION.json``). The
databases are much alike, so one archive of all weighs little more than one of them. To
keep this version, at its release: ``make dump``. An earlier one, if it must be made anew::

    git worktree add DIR COMMIT
    make dump ARGS=DIR
"""

import ast
import io
import json
import subprocess
import tarfile
from pathlib import Path

from devtools import paths
from devtools.odoo import Odoo
from devtools.templates import Templates
from devtools.ui import Problem, say
from devtools.workshop import Workshop

ARCHIVE = paths.ROOT / "tests" / "data" / "databases.tar.xz"
BASE = "helpdesk_base"

#: Runs in the shell of every version. Three customers; items billed by time, with cents,
#: tax and discount, and a prepaid one; tickets, one of them merged, closed or archived;
#: time that is open, on a draft, billed, credited, free and set by hand; messages, a file;
#: last a quantity that waits to be refreshed.
WORLD = """
import base64
from odoo.fields import Command
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
tax = env["account.tax"].create({
    "name": "VAT 19", "amount": 19.0, "type_tax_use": "sale"})
service, pack, cents = env["product.product"].create([
    {"name": name, "type": "service", "service_policy": policy, "list_price": price,
     "uom_id": env.ref("uom.product_uom_hour").id,
     "taxes_id": [Command.set(taxes.ids)]}
    for name, policy, price, taxes in (
        ("Hour", "delivered_timesheet", 100.0, tax.browse()),
        ("Pack", "ordered_prepaid", 100.0, tax.browse()),
        ("Cents", "delivered_timesheet", 95.55, tax))
])
alpha, beta, gamma = env["res.partner"].create([
    {"name": "Alpha"}, {"name": "Beta"}, {"name": "Gamma", "is_company": True}])
gina = env["res.partner"].create({
    "name": "Gina", "parent_id": gamma.id, "email": "gina@gamma.example"})
# what has cents comes first: tests take the prepaid item from the end
mixed = env["sale.order"].create({"partner_id": gamma.id, "order_line": [
    Command.create({"product_id": cents.id, "product_uom_qty": 8.0, "discount": discount})
    for discount in (0.0, 7.5)]})
mixed.action_confirm()
orders = env["sale.order"].create([
    {"partner_id": partner.id, "order_line": [Command.create(
        {"product_id": product.id, "product_uom_qty": 5.0})]}
    for partner, product in ((alpha, service), (alpha, service), (beta, pack))
])
orders.action_confirm()
item, other, prepaid = orders.order_line
full, reduced = mixed.order_line
team = env["helpdesk.team"].create({
    "name": "Care", "use_helpdesk_timesheet": True, "use_helpdesk_sale_timesheet": True})
tickets = env["helpdesk.ticket"].create([
    {"name": name, "team_id": team.id, "partner_id": line.order_partner_id.id,
     "sale_line_id": line.id}
    for name, line in (("Door", item), ("Oven", other), ("Lamp", prepaid))
])
more = env["helpdesk.ticket"].create([
    {"name": name, "team_id": team.id, "partner_id": gina.id, "sale_line_id": line.id,
     "description": "<p>It does not</p>"}
    for name, line in (
        ("Roof", full), ("Wall", reduced), ("Twin", reduced), ("Past", full))
])
eve = env["hr.employee"].create({"name": "Eve", "hourly_cost": 40.0})

def log(ticket, hours, **values):
    return env["account.analytic.line"].create({
        "name": "Work", "helpdesk_ticket_id": ticket.id, "unit_amount": hours,
        "employee_id": eve.id, **values})

# billed twice, with a draft and with open time; a survivor and who was merged into it
roof, wall, twin, past = more
log(roof, 1.35)
log(wall, 2.4)
log(past, 0.7)
mixed._create_invoices().action_post()
log(twin, 0.65)
env["helpdesk.ticket.merge"].create({
    "ticket_ids": [Command.set((wall | twin).ids)], "target_id": wall.id,
}).action_merge()
log(roof, 0.25)
mixed._create_invoices()
log(roof, 1.1)
log(wall, 0.4, so_line=False, is_so_line_edited=True)
roof.message_post(
    body="It leaks", author_id=gina.id, message_type="comment",
    subtype_xmlid="mail.mt_comment",
    attachments=[("leak.txt", base64.b64encode(b"much water"))])
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
    [("res_model", "=", "helpdesk.time.statement")], order="id")
env["ir.filters"].create({
    "name": "Mine", "model_id": "helpdesk.time.statement", "user_ids": [],
    "action_id": statements[:1].id, "domain": "[('alarm', '!=', False)]"})
env.flush_all()
# a crash after an hour was saved, before its item was refreshed
waiting = ("helpdesk.delivered.refresh", "sale.delivered.refresh")
env[waiting[waiting[0] not in env]].create({"sale_line_id": prepaid.id})
env.flush_all()
env.cr.execute(
    "UPDATE sale_order_line SET qty_delivered = 1, remaining_hours = 4 WHERE id = %s",
    [prepaid.id])
# nobody logs in
env.cr.execute("UPDATE res_users SET password = NULL")
env.cr.execute(
    "UPDATE ir_config_parameter SET value = 'none'"
    " WHERE key IN ('database.uuid', 'database.secret')")
env.cr.commit()
"""
#: Whatever a user can read of it, in all versions.
WANTED = {
    "helpdesk.team": ["name", "project_id", "use_helpdesk_sale_timesheet"],
    "helpdesk.ticket": [
        "name", "ticket_ref", "stage_id", "partner_id", "sale_line_id", "project_id",
        "total_hours_spent", "hours_to_invoice", "hours_invoiced", "hours_non_billable",
        "invoice_status", "active", "description"],
    "account.analytic.line": [
        "name", "unit_amount", "amount", "date", "employee_id", "project_id", "task_id",
        "helpdesk_ticket_id", "so_line", "is_so_line_edited", "timesheet_invoice_id",
        "partner_id", "timesheet_invoice_type"],
    "sale.order": ["name", "state", "invoice_status", "ticket_count", "amount_total"],
    "sale.order.line": [
        "qty_delivered", "qty_invoiced", "qty_to_invoice", "remaining_hours",
        "price_unit", "discount", "price_total", "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice"],
    "account.move": [
        "name", "state", "move_type", "amount_untaxed", "amount_total",
        "amount_residual", "payment_state"],
    "account.move.line": [
        "name", "quantity", "price_unit", "price_subtotal", "debit", "credit",
        "sale_line_ids"],
    "helpdesk.time.statement": [
        "sale_line_id", "delivered_hours", "billed_hours", "credited_hours",
        "open_hours", "covered_hours", "non_billable_hours", "alarm"],
    "mail.message": ["res_id", "body", "author_id", "date", "attachment_ids"],
}  # fmt: skip
READ = f"""
import json
domains = {{"mail.message": [
    ("model", "=", "helpdesk.ticket"), ("message_type", "=", "comment")]}}
found = {{
    model: env[model].with_context(active_test=False).search_read(
        domains.get(model, []), fields, order="id")
    for model, fields in {WANTED!r}.items() if model in env
}}
print("FOUND", json.dumps(found, default=str))
"""
#: What the catalogue of PostgreSQL has: kind, table, name and definition. Conditions are
#: written otherwise once they were restored; the number in a sequence's name is its id;
#: Odoo has two opinions of the one foreign key, and changes it back and forth.
SCHEMA = """
    SELECT 'column', table_name::text, column_name::text, data_type::text
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'constraint', conrelid::regclass::text, conname::text,
                 CASE contype WHEN 'f' THEN pg_get_constraintdef(oid) ELSE '' END
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace AND contype != 'n'
       AND conname != 'rule_group_rel_group_id_fkey'
    UNION SELECT 'index', tablename::text, indexname::text,
                 split_part(indexdef, ' WHERE ', 1)
      FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'sequence', '', sequencename::text, ''
      FROM pg_sequences WHERE sequencename !~ '^ir_sequence_'
    UNION SELECT 'function', '', proname::text, ''
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""
#: Modules that are not installed: an update finds them by itself.
FORGET = """
    DELETE FROM ir_model_data WHERE model = 'ir.module.module' AND res_id IN
        (SELECT id FROM ir_module_module WHERE state != 'installed');
    DELETE FROM ir_module_module WHERE state != 'installed'"""


def read(printed):
    """Return what :data:`READ` printed."""
    [found] = [line for line in printed.splitlines() if line.startswith("FOUND ")]
    return json.loads(found.removeprefix("FOUND "))


def dump(arguments):
    """Make a database of a version, and keep it. Return the exit code.

    :param arguments: the directory of the addons; this clone by default
    """
    folder = Path(arguments[0]) if arguments else paths.ROOT
    if len(arguments) > 1 or not (folder / BASE / "__manifest__.py").exists():
        raise Problem("dump takes the directory of a version's addons.", "or nothing.")
    version = ast.literal_eval((folder / BASE / "__manifest__.py").read_text())
    version = version["version"]
    workshop = Workshop("test", steps=1)
    with workshop.at_work({"plain"}) as odoo:
        # the configuration is the clone's: the options name other addons
        older = Odoo(workshop.python, odoo.server, workshop.home / "dump", (folder,))
        older.data_dir = odoo.data_dir
        with workshop.steps.step(f"Database of {version}"):
            files = make(
                older, Templates(odoo, workshop.key).name(False), version, folder
            )
    keep(files)
    say(f"{ARCHIVE.relative_to(paths.ROOT)}: {ARCHIVE.stat().st_size // 1000} kB")
    return 0


def make(odoo, template, version, folder):
    """Return the files of a version by their names.

    :param odoo: one whose addons are those of the version
    :param template: database without our addons
    """
    database = f"{template}_dump"
    odoo.duplicate(template, database)
    names = sorted(path.parent.name for path in folder.glob("*/__manifest__.py"))
    names = [name for name in names if name not in paths.APART]
    options = [f"--addons-path={folder}", f"--data-dir={odoo.data_dir}"]
    try:
        stock = odoo.query(template, SCHEMA)
        odoo.install(database, names, *options, log="dump-install")
        printed = shell(odoo, database, options, WORLD + READ)
        odoo.query(database, FORGET)
        own = [row for row in odoo.query(database, SCHEMA) if row not in stock]
        facts = {"modules": names, "records": read(printed), "schema": sorted(own)}
        return {
            f"{version}.sql": to_sql(odoo, database),
            f"{version}.json": json.dumps(facts, indent=1, sort_keys=True),
        }
    finally:
        odoo.drop(database)


def shell(odoo, database, options, code):
    """Run Python in an Odoo shell; return what it prints."""
    command = odoo.command("shell", "-d", database, "--no-http", *options)
    result = subprocess.run(
        [str(part) for part in [*command, "--log-level=error"]],
        input=code, env=odoo.env, capture_output=True, text=True,
    )  # fmt: skip
    if result.returncode or "FOUND " not in result.stdout:
        raise Problem(f"the data could not be made: {result.stderr[-2000:]}")
    return result.stdout


def to_sql(odoo, database):
    """Return a database as statements that any supported PostgreSQL understands."""
    text = subprocess.run(
        ["pg_dump", "--no-owner", "--no-acl", "--no-comments", database],
        env=odoo.env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    newer = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(newer)
    )


def from_sql(odoo, database, text):
    """Make a database of a dump; it replaces one of that name.

    :raise Problem: if a statement fails
    """
    odoo.drop(database)
    odoo.query(
        "postgres",
        f"CREATE DATABASE \"{database}\" ENCODING 'UTF8' LC_COLLATE 'C'"
        " TEMPLATE template0",
    )
    result = subprocess.run(
        ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"],
        input=text, env=odoo.env, capture_output=True, text=True,
    )  # fmt: skip
    if result.returncode:
        raise Problem(f"the dump could not be restored: {result.stderr[-2000:]}")
    odoo.files(database).mkdir(parents=True, exist_ok=True)


def kept():
    """Return the files that are kept, by their names."""
    if not ARCHIVE.exists():
        return {}
    with tarfile.open(ARCHIVE) as packed:
        return {
            member.name: packed.extractfile(member).read().decode()
            for member in packed.getmembers()
        }


def keep(files):
    """Add files to those that are kept."""
    files = {**kept(), **files}
    # what is alike stands together
    names = sorted(files, key=lambda name: (name.rpartition(".")[2], name))
    with tarfile.open(ARCHIVE, "w:xz", preset=9) as packed:
        for name in names:
            content = files[name].encode()
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
