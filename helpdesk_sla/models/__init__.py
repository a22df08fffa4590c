from . import (
    helpdesk_sla,
    helpdesk_sla_status,
    helpdesk_sla_stay,
    helpdesk_team,
    helpdesk_ticket,
    resource_calendar,
)
