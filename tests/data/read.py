"""Prints whatever a user can read of ``world.py``: runs in the shell of every version."""

import json

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
DOMAINS = {
    "mail.message": [
        ("model", "=", "helpdesk.ticket"),
        ("message_type", "=", "comment"),
    ]
}
found = {
    model: env[model]
    .with_context(active_test=False)
    .search_read(DOMAINS.get(model, []), fields, order="id")
    for model, fields in WANTED.items()
    if model in env
}
print("FOUND", json.dumps(found, default=str))
