"""Models are watched: one P1 stops a model, its users are told, its owner is asked in time to certify it again."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext

from changes.change.models import Change
from changes.change_models.models import ChangeModel
from changes.change_models.operations import suspend_by_headroom
from changes.change_models.queries import CERTIFIED_FOR
from changes.model_review.queries import counted, users_of
from changes.policies.queries import in_force
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.one_by_one import one_by_one
from itsm.work import linkable
from itsm.work.models import Link

WATCHER = Actor.system("models of changes")
ASKED_AHEAD = timedelta(days=14)
# An incident may be linked, or become a P1, long after the change.
LINKS_FROM = timedelta(days=90)
_GRAVEST = 1  # P0 and P1


def watch(at: datetime) -> int:
    """Suspend the models whose changes caused as many P1s since they were certified as the policy allows. Returns how
    many. Safe to run twice."""
    counts = Counter(_p1s(at))
    allowed = in_force().limits.model_p1_until_suspended
    found = ChangeModel.objects.filter(pk__in=[pk for pk, count in counts.items() if count >= allowed])

    def suspend(model: ChangeModel) -> bool:
        why = gettext("%(count)s P1 that its changes caused") % {"count": counts[model.pk]}
        return suspend_by_headroom(model, actor=WATCHER, because=why)

    models = found.filter(status=ChangeModel.Status.APPROVED).order_by("pk")
    return one_by_one(models, suspend, what="models whose changes caused a P1")


def _p1s(at: datetime) -> list[int]:
    """The model of each change that caused a P1 after the model was certified last."""
    links = Link.objects.filter(
        from_kind=Change.kind, to_kind="incident", meaning=Link.Meaning.CAUSED, at__gte=at - LINKS_FROM
    )
    pairs = list(links.order_by().values_list("from_id", "to_id"))
    incidents = linkable.among(WATCHER, "incident", {incident for _change, incident in pairs})
    grave = {change for change, incident in pairs if incident in incidents and incidents[incident].priority <= _GRAVEST}
    ran = Change.objects.filter(pk__in=grave, model__status=ChangeModel.Status.APPROVED)
    return list(ran.filter(started_at__gte=F("model__certified_at")).order_by().values_list("model_id", flat=True))


def tell_users(model: ChangeModel, at: datetime) -> int:
    """Tell who uses a model that it is suspended: their next change is a normal one. Returns how many."""
    return notify(
        users_of(model, at),
        _("The model %(model)s is suspended") % {"model": model.slug},
        body=_("%(why)s. Until it is certified again, deployments that rely on it are normal changes.")
        % {"why": model.suspended_because},
        path="/changes/models/",
        record=model,
        by=("change_model.suspended", "caller"),
    )


def ask_to_certify(at: datetime) -> int:
    """Ask who approved a model, once, 14 days before its certificate ends. Returns how many were asked.

    Safe to run twice, and by two at once.
    """
    ends = at + ASKED_AHEAD - CERTIFIED_FOR
    due = ChangeModel.objects.filter(
        Q(certification_asked_at=None) | Q(certification_asked_at__lt=F("certified_at")),
        status=ChangeModel.Status.APPROVED,
        certified_at__lte=ends,
    )

    def ask(pk: int) -> bool:
        free = due.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("approved_by")
        model = free.filter(pk=pk).first()
        if model is None:
            return False
        until = model.certified_at + CERTIFIED_FOR
        notify(
            [model.approved_by] if model.approved_by is not None else [],
            _("Certify the model %(model)s by %(day)s") % {"model": model.slug, "day": f"{until:%Y-%m-%d}"},
            body=_("After that day its deployments are normal changes. Look at its figures first."),
            path="/changes/models/figures/",
            record=model,
            by=("change_model.ends", "owner"),
        )
        ChangeModel.objects.filter(pk=pk).update(certification_asked_at=at)
        return True

    waiting = list(due.order_by("pk").values_list("pk", flat=True))
    return one_by_one(waiting, ask, what="models to be certified again")


def keep_figures(at: datetime) -> int:
    """Count what each model saved and cost, and keep it with its date. Safe to run twice. Returns how many."""

    def keep(one: tuple[int, dict[str, Any]]) -> int:
        pk, figures = one
        newer = Q(figures_as_of=None) | Q(figures_as_of__lte=at)  # of two at once, what was counted later stays
        return ChangeModel.objects.filter(newer, pk=pk).update(figures=figures, figures_as_of=at)

    return one_by_one(list(counted(at).items()), keep, what="figures of models")
