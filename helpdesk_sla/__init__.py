from . import controllers, models, report


def _drop_activities(env):
    """Nobody is told of promises any more: their to-dos go, before their type does."""
    kind = env.ref("helpdesk_sla.mail_activity_sla", raise_if_not_found=False)
    if kind:
        activities = env["mail.activity"].with_context(active_test=False)
        activities.search([("activity_type_id", "=", kind.id)]).unlink()
