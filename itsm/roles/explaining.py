"""The page that says why a person sees a record, or what is missing."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.roles import permissions, why
from itsm.search.finding import jump


@login_required
def explain(request: HttpRequest) -> HttpResponse:
    """`?of=` a record: its number, or the address of its page, `?person=` who."""
    refused = _("Who sees what, and why, is for administrators and auditors.")
    actor = actor_permitted(request, permissions.readers, refused)
    path, login = request.GET.get("of", "")[:400], request.GET.get("person", "").strip()[:150]
    at = path if path.startswith("/") else jump(actor, path) or ""
    record = why.record_at(at, actor) if at else None
    person = User.objects.filter(username__iexact=login.replace("\0", "")).first() if login else None
    found = why.why(record, person) if record is not None and person is not None else None
    context = {"of": path, "login": login, "record": record, "person": person, "found": found}
    return render(request, "roles/why.html", context)
