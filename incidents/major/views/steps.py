"""Moving a major incident: every step of its workflow, drawn from the table."""

from incidents.major import queries
from incidents.major.workflow import WORKFLOW
from itsm.approvals.views import waits
from itsm.ui.steps import step_page

step = step_page(WORKFLOW, queries.by_reference, waits)
