from odoo import SUPERUSER_ID, api

RULE = "helpdesk_base.helpdesk_team_rule_user"
FORMER = """[
    '|', '|',
        ('privacy_visibility', 'in', ['internal', 'portal']),
        ('member_ids', 'in', [user.id]),
        ('message_partner_ids', 'in', [user.partner_id.id]),
]"""
SINCE = "[('user_has_access', '=', True)]"


def migrate(cr, version):
    """The team says who sees it, and its rule asks: record rules are not updated with
    their addon. One that a person changed stays."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    rule = env.ref(RULE, raise_if_not_found=False)
    if rule and (rule.domain_force or "").split() == FORMER.split():
        rule.domain_force = SINCE
    # open tickets that wait for their customer
    env["helpdesk.ticket"].search([("is_closed", "=", False)])._recompute_waits()
