from odoo import SUPERUSER_ID, api

RULE = "helpdesk_timesheet_reinvoice.account_analytic_line_rule_portal"
FORMER = "('partner_id', 'child_of', user.commercial_partner_id.ids)"
SINCE = "('partner_id.commercial_partner_id', '=', user.commercial_partner_id.id)"


def migrate(cr, version):
    """Customers see the time of their own company, as they do its tickets: record rules
    are not updated with their addon."""
    rule = api.Environment(cr, SUPERUSER_ID, {}).ref(RULE, raise_if_not_found=False)
    if rule and FORMER in (rule.domain_force or ""):
        rule.domain_force = rule.domain_force.replace(FORMER, SINCE)
