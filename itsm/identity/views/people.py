"""Groups, people and refusals of a provider."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.approvals.views import written
from itsm.identity import operations, permissions
from itsm.identity.forms import LinksForm, MappingForm, ProofForm
from itsm.identity.models import ExternalIdentity, GroupMapping, RefusedSignIn
from itsm.identity.views.shared import asks, keeper, provider_of, reader
from itsm.identity.vocabulary import Standing
from itsm.kernel.errors import NotFound
from itsm.ui.htmx import posted, version_posted
from itsm.ui.paging import paged

_OFFERED = 200  # groups


@login_required
def map_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what a group means; `?group=` fills in which."""
    actor = keeper(request)
    provider = provider_of(actor, slug)
    form = MappingForm(posted(request), initial={"group": request.GET.get("group", "")[:300]})
    others = asks(form, actor) if provider.standing is Standing.TRUSTED else False
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer, status = written(
                request, actor, form,
                lambda by, words: operations.map_group(provider, actor=by, at=timezone.now(), **words),
                provider.get_absolute_url(), _("The group means that now."),
            )  # fmt: skip
            if answer is not None:
                return answer
    said = ExternalIdentity.objects.filter(provider=provider).values_list("groups", flat=True)[:1000]
    known = sorted({group for groups in said for group in groups})[:_OFFERED]
    context = {"form": form, "provider": provider, "others": others, "known": known}
    return render(request, "identity/map.html", context, status=status)


@login_required
def end_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    actor = keeper(request)
    mapping = GroupMapping.objects.visible_to(actor).select_related("provider", "team").filter(pk=pk).first()
    if mapping is None:
        raise NotFound(_("There is no such mapping."))
    form = ProofForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        answer, status = written(
            request, actor, form,
            lambda by, _words: operations.end_mapping(
                mapping, actor=by, version=version_posted(request), at=timezone.now()
            ),
            mapping.get_absolute_url(), _("It means that no more; what it gave is taken back within minutes."),
        )  # fmt: skip
        if answer is not None:
            return answer
    having = ExternalIdentity.objects.filter(provider=mapping.provider, ended_at=None, groups__contains=[mapping.group])
    context = {"mapping": mapping, "form": form, "having": having.count()}
    return render(request, "identity/end_mapping.html", context, status=status)


@login_required
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Whom the provider knows, and who that is here."""
    actor = reader(request)
    provider = provider_of(actor, slug)
    rows = ExternalIdentity.objects.filter(provider=provider).select_related("user")
    context = {"provider": provider, "page": paged(rows, request.GET, ("-id",)), "may_keep": permissions.keepers(actor)}
    return render(request, "identity/people.html", context)


@login_required
def refused(request: HttpRequest, slug: str) -> HttpResponse:
    """Who was not let in within thirty days, and why."""
    actor = reader(request)
    provider = provider_of(actor, slug)
    rows = RefusedSignIn.objects.filter(provider=provider)
    context = {"provider": provider, "page": paged(rows, request.GET, ("-id",))}
    return render(request, "identity/refused.html", context)


@login_required
def links(request: HttpRequest, slug: str) -> HttpResponse:
    """Let accounts that are in use be known by the provider, by their verified address, once each."""
    actor = keeper(request)
    provider = provider_of(actor, slug)
    form = LinksForm(posted(request), initial={"people": request.GET.get("people", "")[:150]})
    others, status = asks(form, actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            answer, status = written(
                request, actor, form,
                lambda by, words: operations.allow_links(provider, words["people"], actor=by, at=timezone.now()),
                provider.get_absolute_url(), _("They are known by it from their next sign-in there."),
            )  # fmt: skip
            if answer is not None:
                return answer
    context = {"form": form, "provider": provider, "others": others, "allowed": provider.allowed_links.count()}
    return render(request, "identity/links.html", context, status=status)
