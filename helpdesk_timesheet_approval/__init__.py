from . import controllers, models, wizard


def _let_time_count(env):
    """Nothing waits any more once nobody can approve it."""
    env["account.analytic.line"]._let_all_count("waits_for_approval")
