from . import helpdesk_time_statement
from . import timesheets_analysis_report
