"""Moving a postmortem: every step of its workflow, drawn from the table."""

from incidents.postmortem import queries
from incidents.postmortem.workflow import WORKFLOW
from itsm.ui.steps import step_page

step = step_page(WORKFLOW, queries.by_reference)
