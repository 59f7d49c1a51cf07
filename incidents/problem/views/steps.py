"""Moving a problem: every step of its workflow, drawn from the table."""

from incidents.problem import queries
from incidents.problem.workflow import WORKFLOW
from itsm.ui.steps import step_page

step = step_page(WORKFLOW, queries.by_reference)
