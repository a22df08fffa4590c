from . import controllers, models, wizard


def _let_time_count(env):
    """Nothing waits any more once nobody can approve it: delivered follows."""
    env["account.analytic.line"].search([("waits_for_approval", "=", True)]).write(
        {"waits_for_approval": False}
    )
    env.flush_all()
