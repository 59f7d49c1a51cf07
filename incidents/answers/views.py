"""Articles that may answer an incident: a part of its page, with one click for each use."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.knowledge import queries as knowledge
from catalog.knowledge.permissions import writers
from incidents.answers import operations, queries
from incidents.incident import permissions
from incidents.incident import queries as incidents
from incidents.incident.models import Incident
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import redirect_after_write, render_partial


def _worked_on(actor: Actor, reference: str) -> Incident:
    incident = incidents.by_reference(actor, reference)
    if not permissions.workers(actor, incident):
        said = {"name": actor.name, "reference": incident.reference}
        raise NotPermitted(gettext("%(name)s may not work on %(reference)s.") % said)
    return incident


@login_required
def answers(request: HttpRequest, reference: str) -> HttpResponse:
    """What may answer it."""
    actor = actor_of(request)
    incident = _worked_on(actor, reference)
    context = {
        "incident": incident, "offered": queries.answers_for(incident, actor), "may_write": writers(actor),
        "made": knowledge.made_from(incident, actor),
    }  # fmt: skip
    title = gettext("Answers for %(reference)s") % {"reference": incident.reference}
    return render_partial(request, "incidents/answers/offered.html", context, title=title, back=incident)


@login_required
@require_POST
def use(request: HttpRequest, reference: str) -> HttpResponse:
    """Reply with an article, or note it for the team."""
    actor = actor_of(request)
    incident = _worked_on(actor, reference)
    article = knowledge.by_reference(actor, request.POST.get("article", "")[:20])
    how = request.POST.get("how", "")
    if how not in (operations.LINK, operations.TEXT, operations.NOTE):
        raise InvalidInput.about("how", gettext("Send link, text or note."))
    operations.use_article(incident, article, actor=actor, how=how, at=timezone.now())
    messages.success(request, gettext("%(article)s is used here.") % {"article": article.reference})
    return redirect_after_write(request, f"{incident.get_absolute_url()}#story")
