"""Moving an incident: every step of its workflow, drawn from the table."""

from incidents.incident import queries
from incidents.incident.workflow import WORKFLOW
from itsm.approvals.views import waits
from itsm.ui.steps import step_page

step = step_page(WORKFLOW, queries.by_reference, waits)
