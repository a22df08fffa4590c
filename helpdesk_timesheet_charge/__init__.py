from . import models, report, wizard


def _forget_kinds(env):
    """Open time is billed as it was worked again, on the item that it has without a kind,
    and needs no text; billed time stays what it was billed at."""
    for model in ("helpdesk.team", "helpdesk.ticket.type"):
        records = env[model].with_context(active_test=False)
        records.search([("default_work_type_id", "!=", False)]).write(
            {"default_work_type_id": False}
        )
    lines = env["account.analytic.line"].search([("work_type_id", "!=", False)])
    lines.filtered(lambda line: line._is_not_billed()).write({"work_type_id": False})
    lines._let_all_count("waits_for_text")
