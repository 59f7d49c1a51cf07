"""Print the workflow tables as Markdown: what stands in ARCHITECTURE.md between its two marks."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from catalog.cmdb.workflow import WORKFLOW as ITEM
from catalog.health.workflow import WORKFLOW as ROUND
from catalog.improvement.workflow import WORKFLOW as IMPROVEMENT
from catalog.items.workflow import WORKFLOW as CATALOG_ITEM
from catalog.knowledge.workflow import WORKFLOW as ARTICLE
from catalog.requests.workflow import ITEM as REQUESTED
from catalog.requests.workflow import REQUEST
from changes.boards.workflow import MEETING
from changes.calendar.workflow import LOCKDOWN
from changes.change.workflow import EMERGENCY, NORMAL, STANDARD, UNAUTHORISED
from changes.change_models.workflow import MODEL
from changes.policies.workflow import POLICY
from incidents.incident.workflow import WORKFLOW
from incidents.major.workflow import WORKFLOW as MAJOR
from incidents.postmortem.workflow import WORKFLOW as POSTMORTEM
from incidents.problem.workflow import WORKFLOW as PROBLEM
from itsm.approvals.workflow import CONFIRMATION
from itsm.kernel.workflow import Step, Words, Workflow
from itsm.oncall.workflow import WORKFLOW as SWAP
from itsm.paging.workflow import WORKFLOW as ESCALATION
from itsm.statuspage.workflow import INCIDENT as PUBLIC_INCIDENT
from itsm.statuspage.workflow import MAINTENANCE
from slo.measuring.workflow import QUARANTINE
from slo.objectives.workflow import CORRECTION

_TABLES: tuple[tuple[str, Workflow], ...] = (
    ("Incident", WORKFLOW),
    ("Problem", PROBLEM),
    ("Major incident", MAJOR),
    ("Postmortem", POSTMORTEM),
    ("Correction of an error budget", CORRECTION),
    ("Sample in quarantine", QUARANTINE),
    ("Confirmation by a second person", CONFIRMATION),
    ("Normal change", NORMAL),
    ("Policy of the gate", POLICY),
    ("Change model", MODEL),
    ("Emergency change", EMERGENCY),
    ("Unauthorised change", UNAUTHORISED),
    ("Meeting of a board", MEETING),
    ("Lockdown", LOCKDOWN),
    ("Configuration item", ITEM),
    ("Certification round", ROUND),
    ("Article", ARTICLE),
    ("Catalog item", CATALOG_ITEM),
    ("Improvement", IMPROVEMENT),
    ("Swap of a turn on call", SWAP),
    ("Request", REQUEST),
    ("Requested item", REQUESTED),
    ("Escalation", ESCALATION),
    ("Public incident", PUBLIC_INCIDENT),
    ("Public maintenance", MAINTENANCE),
)
_MORE: tuple[tuple[str, Workflow, Workflow], ...] = (("Standard change, beside these", STANDARD, NORMAL),)


class Command(BaseCommand):
    help = "Print the workflow tables of every record type as Markdown, or renew them in ARCHITECTURE.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="renew them in ARCHITECTURE.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["write"]:
            self.stdout.write(tables())
            return
        file = settings.BASE_DIR / "ARCHITECTURE.md"
        before, _, rest = file.read_text(encoding="utf-8").partition(_MARK)
        after = rest.partition(_END)[2]
        file.write_text(f"{before}{_MARK}\n{tables()}\n{_END}{after}", encoding="utf-8")


_MARK, _END = "<!-- workflows -->", "<!-- /workflows -->"


def tables() -> str:
    with translation.override("en"):
        whole = [_table(title, list(workflow.steps.values())) for title, workflow in _TABLES]
        added = [
            _table(title, [step for name, step in workflow.steps.items() if name not in other.steps])
            for title, workflow, other in _MORE
        ]
        return "\n".join(whole + added)


def _table(title: str, steps: list[Step]) -> str:
    return "\n".join([f"### {title}\n", *_lines(steps), ""])


def _lines(steps: list[Step]) -> Iterator[str]:
    yield "| step | from | to | who | recorded as | needs |"
    yield "|---|---|---|---|---|---|"
    for step in steps:
        cells = (
            step.action,
            ", ".join(step.sources),
            step.target or "as it is",
            step.who.__name__,
            step.done,
            ", ".join(need.noun if isinstance(need, Words) else need.__name__ for need in step.needs) or "–",
        )
        yield f"| {' | '.join(cell.replace('_', ' ') for cell in cells)} |"
