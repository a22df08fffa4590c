from odoo import SUPERUSER_ID, api

RULE = "helpdesk_timesheet_reinvoice.account_analytic_line_rule_portal"
FORMER = "('partner_id.commercial_partner_id', '=', user.commercial_partner_id.id)"
SINCE = "('helpdesk_commercial_partner_id', '=', user.commercial_partner_id.id)"


def migrate(cr, version):
    """Time keeps the company it was worked for: that of its customer so far."""
    cr.execute(
        """
        UPDATE account_analytic_line line
           SET helpdesk_commercial_partner_id = customer.commercial_partner_id
          FROM res_partner customer
         WHERE customer.id = line.partner_id
           AND line.helpdesk_ticket_id IS NOT NULL
        """
    )
    # what the customer reads says at least what the time was about
    cr.execute(
        """
        UPDATE account_analytic_line line
           SET name = ticket.name
          FROM helpdesk_ticket ticket
         WHERE ticket.id = line.helpdesk_ticket_id
           AND TRIM(COALESCE(line.name, '')) IN ('', '/')
        """
    )
    rule = api.Environment(cr, SUPERUSER_ID, {}).ref(RULE, raise_if_not_found=False)
    if rule and FORMER in (rule.domain_force or ""):
        rule.domain_force = rule.domain_force.replace(FORMER, SINCE)
