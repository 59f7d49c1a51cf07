"""The doors: where people begin, where they come back, and what a provider tells us without them."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from itsm.accounts.actors import actor_of
from itsm.identity import permissions
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import note_refusal
from itsm.identity.protocols import Identified
from itsm.identity.trials import note_tried
from itsm.identity.vocabulary import Protocol, Refusal
from itsm.kernel.errors import DomainError, Unavailable
from itsm.single_sign_on import addresses, coming_in, kept, once, signing_out
from itsm.single_sign_on.asserted import Asserted
from itsm.single_sign_on.errors import AnswerRefused, refused
from itsm.single_sign_on.models import CameBack
from itsm.single_sign_on.oidc import flow as oidc
from itsm.single_sign_on.saml import flow as saml

_WAITS = timedelta(minutes=5)
_PURPOSES = {"": coming_in.SIGN_IN, "try": coming_in.TRIAL, "prove": coming_in.PROOF}


@require_GET
@never_cache
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Off to the provider. `?next=`: where to go then; `?for=try`: an administrator tries it; `?for=prove`: again."""
    purpose = _PURPOSES.get(request.GET.get("for", ""), coming_in.SIGN_IN)
    provider, at = _provider(request, slug, trial=purpose == coming_in.TRIAL), timezone.now()
    said = {"slug": slug, "purpose": purpose, "next": request.GET.get("next", "")[:2000]}
    again = purpose == coming_in.PROOF
    try:
        if provider.protocol == Protocol.OIDC:
            address, more = oidc.begin(provider, addresses.of(provider, "back"), again=again, at=at)
        else:
            home, acs = addresses.of(provider, "metadata"), addresses.of(provider, "acs")
            address, more = saml.begin(provider, home, acs, again=again)
    except DomainError as error:
        return _refused(request, provider, error, said, at)
    kept.keep(request.session, str(more.get("state") or more["request"]), {**said, **more}, at=at)
    return redirect(address)


@require_GET
@never_cache
def back(request: HttpRequest, slug: str) -> HttpResponse:
    """A browser comes back from a provider that speaks OpenID Connect."""
    provider, at = _known(slug, Protocol.OIDC), timezone.now()
    said = kept.take(request.session, request.GET.get("state", ""), slug, at=at)
    if said is None:
        return _not_begun(request, provider, at)
    try:
        query = {name: str(value) for name, value in request.GET.items()}
        asserted = oidc.finish(provider, query, said, addresses.of(provider, "back"), at=at)
        return _completed(request, provider, asserted, said, at)
    except DomainError as error:
        return _refused(request, provider, error, said, at)


@csrf_exempt
@require_POST
@never_cache
def acs(request: HttpRequest, slug: str) -> HttpResponse:
    """A provider's form posts its answer by the browser, without our cookie: what holds waits for the next step."""
    provider, at = _known(slug, Protocol.SAML), timezone.now()
    home, here = addresses.of(provider, "metadata"), addresses.of(provider, "acs")
    posted = {"SAMLResponse": request.POST.get("SAMLResponse", "")}
    try:
        request_id, asserted, shown_at = saml.answered(provider, posted, home, here, at=at)
    except DomainError as error:
        return _refused(request, provider, error, {}, at)
    ticket = get_random_string(43)
    CameBack.objects.create(
        provider=provider, ticket_hash=once.hashed(ticket), request_id=request_id,
        said=_packed(asserted) | {"shown_at": shown_at}, expires_at=at + _WAITS,
    )  # fmt: skip
    return redirect(f"{reverse('single_sign_on:finish', args=[slug])}?ticket={ticket}")


@require_GET
@never_cache
def finish(request: HttpRequest, slug: str) -> HttpResponse:
    """The browser that began fetches what the provider posted; in another one it is worth nothing."""
    provider, at = _known(slug, Protocol.SAML), timezone.now()
    rows = CameBack.objects.filter(provider=provider, ticket_hash=once.hashed(request.GET.get("ticket", "")[:100]))
    came = rows.filter(expires_at__gt=at).first()
    said = kept.take(request.session, came.request_id, slug, at=at) if came is not None else None
    if came is None or said is None or not CameBack.objects.filter(pk=came.pk).delete()[0]:
        return _not_begun(request, provider, at)
    try:
        if not once.use_up(provider, f"request {came.request_id}", until=at + timedelta(hours=1)):
            raise refused(provider, _("This answer was used before (InResponseTo)."))
        if said["again"] and abs(at.timestamp() - came.said["shown_at"]) > oidc.LIFETIME.total_seconds():
            raise refused(provider, _("It does not say that they showed just now who they are (AuthnInstant)."))
        return _completed(request, provider, _unpacked(came.said), said, at)
    except DomainError as error:
        return _refused(request, provider, error, said, at)


@require_GET
def metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """What a SAML provider is given of this desk."""
    provider = _known(slug, Protocol.SAML)
    said = saml.our_metadata(provider, addresses.of(provider, "metadata"), addresses.of(provider, "acs"))
    return HttpResponse(said, content_type="application/samlmetadata+xml")


@csrf_exempt
@require_http_methods(["GET", "POST"])
@never_cache
def logout(request: HttpRequest, slug: str) -> HttpResponse:
    """The provider says that somebody's session there has ended: by itself (POST, OpenID Connect Back-Channel Logout
    1.0), or by the browser that it leads here and back (GET, SAML 2.0 Single Logout)."""
    by_browser, at = request.method == "GET", timezone.now()
    provider = _known(slug, Protocol.SAML if by_browser else Protocol.OIDC)
    try:
        if by_browser:
            return redirect(signing_out.asked(provider, request.META["QUERY_STRING"], at=at))
        signing_out.told(provider, request.POST.get("logout_token", ""), at=at)
    except Unavailable as error:
        return JsonResponse({"error": "temporarily_unavailable", "error_description": error.detail}, status=503)
    except DomainError as error:
        told = error.told if isinstance(error, AnswerRefused) else error.detail
        return JsonResponse({"error": "invalid_request", "error_description": told}, status=400)
    return HttpResponse(status=200)


@require_GET
@never_cache
def signed_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Signed out here; the session at the provider goes on, unless it is ended there as well."""
    provider = _known(slug, None)
    return render(
        request, "single_sign_on/signed_out.html",
        {"provider": provider, "there": signing_out.address_there(provider, at=timezone.now())},
    )  # fmt: skip


def _known(slug: str, protocol: Protocol | None) -> IdentityProvider:
    rows = IdentityProvider.objects.filter(slug=slug, withdrawn_at=None)
    wanted = [protocol] if protocol is not None else [Protocol.OIDC, Protocol.SAML]
    found: IdentityProvider | None = rows.filter(protocol__in=wanted).first()
    if found is None:
        raise Http404
    return found


def _provider(request: HttpRequest, slug: str, *, trial: bool) -> IdentityProvider:
    """One that lets people in; an administrator may try one that is being set up."""
    found = _known(slug, None)
    if trial:
        if request.user.is_authenticated and permissions.keepers(actor_of(request)):
            return found
        raise Http404
    if found.trusted_at is None:
        raise Http404
    return found


def _completed(
    request: HttpRequest, provider: IdentityProvider, asserted: Asserted, said: dict[str, Any], at: datetime
) -> HttpResponse:
    try:
        return coming_in.completed(request, provider, asserted, said, at=at)
    except SignUpRefused as error:
        error.extra.setdefault("who", asserted.who.email or asserted.who.subject)
        raise


def _not_begun(request: HttpRequest, provider: IdentityProvider, at: datetime) -> HttpResponse:
    detail = _("This sign-in was not begun in this browser, took longer than ten minutes, or is over. Begin again.")
    told = _("It answers to a sign-in that was not begun in this browser, or is over.")
    return _refused(request, provider, AnswerRefused(told, detail), {}, at)


def _refused(
    request: HttpRequest, provider: IdentityProvider, error: DomainError, said: dict[str, Any], at: datetime
) -> HttpResponse:
    """A page that says what helps, and the other ways in; what exactly it was, administrators read in the log."""
    who = str(error.extra.pop("who", ""))
    reason = error.reason if isinstance(error, SignUpRefused) else Refusal.UNREACHABLE
    told = error.told if isinstance(error, AnswerRefused) else error.detail
    is_trial = said.get("purpose") == coming_in.TRIAL
    if not is_trial:
        note_refusal(provider, reason, told, said=who, at=at)
    elif request.user.is_authenticated:
        note_tried(request.session, provider.slug, {"refused": told})
        return redirect(f"{provider.get_absolute_url()}#tried")
    context = {"provider": provider, "detail": error.detail, "next": said.get("next", ""), "reason": reason}
    return render(request, "single_sign_on/refused.html", context, status=error.status)


def _packed(asserted: Asserted) -> dict[str, Any]:
    return {**asserted.who.as_kept(), "strong": asserted.strong, "sid": asserted.sid, "shown": asserted.shown}


def _unpacked(said: dict[str, Any]) -> Asserted:
    return Asserted(Identified.of_kept(said), said["strong"], said["sid"], said["shown"], said["shown_at"])
