"""Settings, pipelines without a secret: whose tokens are believed, and which workload is which account here."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.step_up import ask_proof
from itsm.administration.operations import has_other_administrators
from itsm.approvals.views import written
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.ui.htmx import posted, redirect_after_write, version_posted
from itsm.workload_identity import operations, permissions
from itsm.workload_identity.claims import APART
from itsm.workload_identity.exchanging import audience
from itsm.workload_identity.forms import IssuerForm, MappingForm, as_lines
from itsm.workload_identity.models import TrustedIssuer, WorkloadMapping


@login_required
def issuers(request: HttpRequest) -> HttpResponse:
    actor = _reader(request)
    rows = TrustedIssuer.objects.visible_to(actor).select_related("trusted_by")
    context = {"issuers": list(rows), "may_keep": permissions.keepers(actor), "audience": audience()}
    return render(request, "workload_identity/list.html", context)


@login_required
def trust(request: HttpRequest) -> HttpResponse:
    """Trust an issuer: a second administrator confirms it, or whoever is alone says their password."""
    actor = _keeper(request)
    form = IssuerForm(posted(request))
    answer, status = _written(request, actor, form, operations.trust_issuer)
    if answer is not None:
        return answer
    context = {"form": form, "others": has_other_administrators(actor)}
    return render(request, "workload_identity/trust.html", context, status=status)


@login_required
def issuer(request: HttpRequest, pk: int) -> HttpResponse:
    """One issuer: who comes in by it, and who asked to and is not mapped."""
    actor = _reader(request)
    found = _issuer(actor, pk)
    context = {
        "issuer": found,
        "mappings": list(found.mappings.select_related("account", "mapped_by", "issuer")),
        "unmapped": [(one, as_lines(one.claims)) for one in found.unmapped.all()[:50]],
        "may_keep": permissions.keepers(actor),
        "audience": audience(),
    }
    return render(request, "workload_identity/issuer.html", context)


@login_required
def map_workload(request: HttpRequest, pk: int) -> HttpResponse:
    """Let workloads in; `?of=` fills in what one that asked said of itself."""
    actor = _keeper(request)
    found = _issuer(actor, pk)
    asked = request.GET.get("of", "")
    listed = (
        found.unmapped.filter(pk=int(asked)).first()
        if asked.isascii() and asked.isdigit() and len(asked) < 19
        else None
    )
    claims = listed.claims if listed is not None else {}
    wanted = {name: claims[name] for name in APART if name in claims}
    form = MappingForm(posted(request), initial={"claims": as_lines(wanted or claims)})
    answer, status = _written(request, actor, form, operations.map_workload, issuer=found)
    if answer is not None:
        return answer
    context = {"form": form, "issuer": found, "others": has_other_administrators(actor)}
    return render(request, "workload_identity/map.html", context, status=status)


@login_required
def withdraw_issuer(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    return _withdrawn(request, actor, _issuer(actor, pk))


@login_required
def withdraw_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = WorkloadMapping.objects.visible_to(actor).select_related("issuer", "account").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such mapping."))
    return _withdrawn(request, actor, found)


def _written(request: HttpRequest, actor: Actor, form: Any, write: Any, **said: Any) -> tuple[HttpResponse | None, int]:
    """The answer to what was written; None with a status where the form is to be shown."""
    if not has_other_administrators(actor):
        ask_proof(form, actor)
    if request.method != "POST":
        return None, 200
    if not form.is_valid():
        return None, 422
    return written(
        request, actor, form, lambda by, words: write(actor=by, at=timezone.now(), **said, **words),
        "", _("It holds from now on."),
    )  # fmt: skip


def _withdrawn(request: HttpRequest, actor: Actor, one: TrustedIssuer | WorkloadMapping) -> HttpResponse:
    if request.method == "POST":
        operations.withdraw(one, actor=actor, version=version_posted(request), at=timezone.now())
        messages.success(request, _("It lets nobody in any more; tokens that it gave have ended."))
        return redirect_after_write(request, one.get_absolute_url())
    return render(request, "workload_identity/withdraw.html", {"one": one})


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("Whose pipelines may come in is for administrators."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.keepers, _("Whose pipelines may come in, administrators say."))


def _issuer(actor: Actor, pk: int) -> TrustedIssuer:
    found: TrustedIssuer | None = TrustedIssuer.objects.visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such issuer."))
    return found
