"""The list of providers, one of them, and setting one up."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.approvals.views import written
from itsm.identity import operations, permissions, protocols, queries, trials
from itsm.identity.forms import ProofForm, ProviderForm
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import preview, preview_known, preview_newcomer
from itsm.identity.operations.facts import mappings_of
from itsm.identity.operations.refusing import KEPT
from itsm.identity.protocols import Identified
from itsm.identity.views.shared import asks, keeper, protocol_form, provider_of, reader, typed
from itsm.identity.vocabulary import Standing
from itsm.ui.htmx import posted, version_posted

_MAX_GROUPS_TRIED = 2000  # characters


@login_required
def providers(request: HttpRequest) -> HttpResponse:
    actor = reader(request)
    lately = Q(refused__at__gt=timezone.now() - KEPT)
    rows = IdentityProvider.objects.visible_to(actor).annotate(
        people=Count("identities", filter=Q(identities__ended_at=None), distinct=True),
        refusals=Count("refused", filter=lately, distinct=True),
    )
    context = {"providers": list(rows), "may_keep": permissions.keepers(actor), "spoken": _spoken()}
    return render(request, "identity/list.html", context)


def _spoken() -> list[tuple[str, str, Any]]:
    return [(one.value, str(one.label), protocols.of(one).hint) for one in protocols.known()]


@login_required
def add(request: HttpRequest, protocol: str = "") -> HttpResponse:
    """Which protocol; then what it takes. What the provider is told stands beside it."""
    actor = keeper(request)
    if not protocol:
        return render(request, "identity/choose.html", {"spoken": _spoken()})
    speaks = _speaks(protocol)
    form = ProviderForm(posted(request), initial={"slug": "company"})
    asked = protocol_form(speaks, posted(request), {})
    status = 200
    if request.method == "POST":
        valid = all([form.is_valid(), asked.is_valid()])
        status = 422
        if valid:
            answer, status = written(
                request, actor, form,
                lambda by, words: operations.set_up(
                    actor=by, protocol=protocol, configuration=typed(asked), at=timezone.now(), **words
                ),
                "", _("It is set up, and lets nobody in yet: try it."), asked,
            )  # fmt: skip
            if answer is not None:
                return answer
    slug = form["slug"].value() or "company"
    context = {
        "form": form, "asked": asked, "protocol": protocol, "title": _("Set up a provider"),
        "told": speaks.addresses(protocol, _safe_slug(slug)) if speaks.addresses else [],
    }  # fmt: skip
    return render(request, "identity/edit.html", context, status=status)


def _safe_slug(slug: str) -> str:
    kept = "".join(sign for sign in str(slug).lower() if (sign.isascii() and sign.isalnum()) or sign == "-")
    return kept[:40] or "company"


def _speaks(protocol: str) -> protocols.Speaks:
    try:
        return protocols.of(protocol)
    except KeyError:
        raise Http404 from None


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    provider = provider_of(actor, slug)
    speaks = _speaks(provider.protocol)
    form = ProviderForm(posted(request), provider=provider)
    asked = protocol_form(speaks, posted(request), provider.configuration)
    others = asks(form, actor) if provider.standing is Standing.TRUSTED else False
    status = 200
    if request.method == "POST":
        valid = all([form.is_valid(), asked.is_valid()])
        status = 422
        if valid:
            answer, status = written(
                request, actor, form,
                lambda by, words: operations.change(
                    provider, actor=by, version=version_posted(request), at=timezone.now(),
                    configuration=typed(asked), **words,
                ),
                "", _("It holds from now on."), asked,
            )  # fmt: skip
            if answer is not None:
                return answer
    context = {
        "form": form, "asked": asked, "provider": provider, "others": others, "protocol": provider.protocol,
        "title": provider.name, "told": speaks.addresses(provider.protocol, slug) if speaks.addresses else [],
    }  # fmt: skip
    return render(request, "identity/edit.html", context, status=status)


@login_required
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """One provider: what is next, what it is told, what its groups mean, who was not let in."""
    actor = reader(request)
    found = provider_of(actor, slug)
    speaks = _speaks(found.protocol)
    tried = trials.tried(request.session, slug)
    mappings = list(found.mappings.filter(withdrawn_at=None).select_related("team", "mapped_by", "provider"))
    context = {
        "provider": found, "may_keep": permissions.keepers(actor), "shown": speaks.shown(found.configuration),
        "told": speaks.addresses(found.protocol, slug) if speaks.addresses else [], "tries": speaks.tries,
        "mappings": mappings, "tried": tried, "tried_plan": _tried_plan(found, tried),
        "people": found.identities.filter(ended_at=None).count(),
        "refused": list(found.refused.all()[:5]), "refusals": found.refused.count(),
        "waiting": queries.confirmations_of(found, mappings),
    }  # fmt: skip
    return render(request, "identity/provider.html", context)


def _tried_plan(found: IdentityProvider, tried: dict[str, Any] | None) -> Any:
    if tried is None or "subject" not in tried:
        return None
    plan = preview(found, Identified.of_kept(tried), mappings=mappings_of(found, drafts=True))
    return queries.Told(plan.people[0], plan.team_names)


@login_required
def preview_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What would change for everybody whom it knows, and for somebody who is in the groups that are typed."""
    actor = reader(request)
    found = provider_of(actor, slug)
    return render(request, "identity/preview.html", _previewed(request, found))


def _previewed(request: HttpRequest, found: IdentityProvider) -> dict[str, Any]:
    mappings = mappings_of(found, drafts=True)
    typed = request.GET.get("groups", "")[:_MAX_GROUPS_TRIED]
    groups = tuple(one.strip() for one in typed.splitlines() if one.strip())
    trial = None
    if groups:
        plan = preview_newcomer(found, groups, mappings)
        trial = queries.Told(plan.people[0], plan.team_names)
    plan = preview_known(found, mappings=mappings)
    return {
        "provider": found, "plan": plan, "changed": [queries.Told(one, plan.team_names) for one in plan.changed[:200]],
        "groups": typed, "trial": trial, "more": max(0, len(plan.changed) - 200),
    }  # fmt: skip


@login_required
def trust(request: HttpRequest, slug: str) -> HttpResponse:
    """Go live: what would change is shown first; a second administrator confirms it."""
    actor = keeper(request)
    found = provider_of(actor, slug)
    form = ProofForm(posted(request))
    others, status = asks(form, actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer, status = written(
                request, actor, form,
                lambda by, _words: operations.trust(
                    found, actor=by, version=version_posted(request), at=timezone.now()
                ),
                "", _("People come in by it from now on."),
            )  # fmt: skip
            if answer is not None:
                return answer
    context = {
        **_previewed(request, found),
        "form": form,
        "others": others,
        "mappings": mappings_of(found, drafts=True),
    }
    return render(request, "identity/trust.html", context, status=status)


@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    actor = keeper(request)
    found = provider_of(actor, slug)
    form = ProofForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        answer, status = written(
            request, actor, form,
            lambda by, _words: operations.withdraw(found, actor=by, version=version_posted(request), at=timezone.now()),
            "", _("Nobody comes in by it any more; sessions that began by it have ended."),
        )  # fmt: skip
        if answer is not None:
            return answer
    context = {"provider": found, "form": form, "people": found.identities.filter(ended_at=None).count()}
    return render(request, "identity/withdraw.html", context, status=status)
