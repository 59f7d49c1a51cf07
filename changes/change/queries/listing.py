"""Lists and records of changes, shaped for pages and the API."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from changes.calendar.models import CalendarWindow
from changes.calendar.workflow import GONE
from changes.change.models import Change, Evaluation
from changes.change.workflow import OVER, Status
from changes.change_models.models import ChangeModel
from itsm.approvals.queries import waiting_for
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search import offers


def as_found(change: Change) -> offers.Entry:
    """How a change is found: by those who work here, and by whoever asked for it."""
    asker = offers.user(change.requested_by_id)
    return offers.Entry(
        change.summary,
        change.get_absolute_url(),
        f"{change.plan}\n{change.artifact_version} {change.commit}",
        audience=(offers.STAFF, *asker),
        about=(*offers.service(change.service_id), *asker, *offers.user(change.implementer_id)),
        is_over=change.status in OVER,
    )


def model_as_found(model: ChangeModel) -> offers.Entry:
    """A change model as the search index keeps it."""
    return offers.Entry(
        model.slug,
        "/changes/models/",
        f"{model.repository} {model.workflow_name}",
        about=offers.service(model.service_id),
    )


def window_as_found(window: CalendarWindow) -> offers.Entry:
    """A calendar window as the search index keeps it."""
    return offers.Entry(window.name, window.get_absolute_url(), window.reason, is_over=window.status in GONE)


def listed(actor: Actor) -> QuerySet[Change]:
    """The changes that this actor may see, with what a list shows of them."""
    return Change.objects.visible_to(actor).select_related("service", "requested_by", "model", "reviewed_by")


def by_reference(actor: Actor, text: str) -> Change:
    """The change with this reference, or NotFound (also where it may not be seen)."""
    number = number_in(text, "CHG")
    rows = listed(actor).select_related("service__team", "author", "implementer")
    change = rows.filter(pk=number).first() if number else None
    if change is None:
        raise NotFound(gettext("There is no change %(text)s, or you may not see it.") % {"text": text[:20]})
    return change


def waiting_for_me(actor: Actor) -> QuerySet[Change]:
    """Changes that this person is asked to decide about, the most pressing first."""
    asked = waiting_for(actor).filter(record_kind=Change.kind).values_list("record_id", flat=True)
    return listed(actor).filter(pk__in=asked[:500])


def evaluations(actor: Actor) -> QuerySet[Evaluation]:
    """The evaluations that this actor may see, with change, service and decision."""
    return Evaluation.objects.visible_to(actor).select_related("change__service", "decision__policy", "requested_by")


def every_evaluation() -> QuerySet[Evaluation]:
    """All questions to the gate, whoever asks: for how many there are."""
    return Evaluation.objects.all()


def final(evaluation: Evaluation) -> bool:
    """Nothing more will come of it: it ended without authority, or its deployment is over."""
    if evaluation.status != Evaluation.Status.APPROVED:
        return evaluation.status != Evaluation.Status.PENDING
    if evaluation.used_at is not None:
        return evaluation.change.status != Status.RUNNING
    return evaluation.expires_at is not None and evaluation.expires_at <= timezone.now()
