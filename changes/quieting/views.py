"""The part of a change's page that says what is kept quiet for it, and what that would have hidden."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from changes.change.queries import listing
from changes.change.workflow import OVER
from changes.quieting import permissions, queries
from incidents.alerts_in.queries.stream import quiets
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import render_partial

SHOWN = 10


@login_required
@require_safe
def of_change(request: HttpRequest, reference: str) -> HttpResponse:
    """How its quiet stands; before it begins, what it would have hidden in the last seven days."""
    actor = actor_permitted(request, permissions.colleagues, _("Alerts are for people who work here."))
    change = listing.by_reference(actor, reference)
    found = quiets(actor).filter(change_reference=change.reference).order_by("-id").first()
    preview = queries.preview(actor, change, at=timezone.now()) if change.status not in OVER else None
    shown = [(one, one.incident_id in preview.seen) for one in preview.alerts[:SHOWN]] if preview else []
    context = {
        "change": change, "quiet": found, "preview": preview, "shown": shown, "has_window": change.window is not None,
    }  # fmt: skip
    title = _("What %(reference)s keeps quiet") % {"reference": change.reference}
    return render_partial(request, "changes/quieting/of_change.html", context, title=title)
