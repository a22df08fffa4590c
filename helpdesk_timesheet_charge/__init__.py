from . import models, report, wizard


def _forget_kinds(env):
    """Open time is billed as it was worked again, on the item that it has without a kind;
    billed time stays what it was billed at."""
    lines = env["account.analytic.line"].search([("work_type_id", "!=", False)])
    lines.filtered(lambda line: line._is_not_billed()).write({"work_type_id": False})
    env.flush_all()
