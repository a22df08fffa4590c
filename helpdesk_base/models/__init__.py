from . import (
    helpdesk_input_mixin,
    helpdesk_tag,
    helpdesk_ticket_type,
    helpdesk_stage,
    helpdesk_team,
    helpdesk_ticket,
    helpdesk_ticket_mail,
    helpdesk_ticket_merge,
    mail_thread,
    res_partner,
)
