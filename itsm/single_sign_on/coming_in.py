"""What follows once a provider has said who it is: a session, a renewed proof, or the outcome of a trial."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts import signing_in, step_up
from itsm.accounts.actors import actor_of
from itsm.identity import permissions
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations import provision
from itsm.identity.trials import note_tried
from itsm.identity.vocabulary import Refusal
from itsm.single_sign_on import once
from itsm.single_sign_on.asserted import Asserted
from itsm.single_sign_on.models import ProviderSession

SIGN_IN, TRIAL, PROOF = "in", "try", "prove"
_CLOCKS_DIFFER = 60.0  # seconds
_MAX_GROUPS_SHOWN = 200  # of a trial, which the session keeps


def completed(
    request: HttpRequest, provider: IdentityProvider, asserted: Asserted, said: dict[str, Any], *, at: datetime
) -> HttpResponse:
    """`said`: what the session kept since it was begun. Raises SignUpRefused and NotPermitted."""
    if said["purpose"] == TRIAL:
        return _tried(request, provider, asserted)
    if said["purpose"] == PROOF:
        return _proven(request, provider, asserted, said["next"])
    user = provision(provider, asserted.who, at=at)
    answer = signing_in.complete_sign_in(
        request, user, by=signing_in.provider(provider.slug), strong=asserted.strong, next_url=said["next"],
        proves=_is_of_now(asserted, at),
    )  # fmt: skip
    if asserted.sid:
        ProviderSession.objects.update_or_create(
            provider=provider, sid_hash=once.hashed(asserted.sid), user=user, defaults={"at": at}
        )
    return answer


def _is_of_now(asserted: Asserted, at: datetime) -> bool:
    """Whether they showed the provider just now who they are. Whoever finds a browser open, signs out and in again, is
    let in there without a word: that proves nothing."""
    return -_CLOCKS_DIFFER <= at.timestamp() - asserted.shown_at <= step_up.GOOD_FOR.total_seconds()


def _tried(request: HttpRequest, provider: IdentityProvider, asserted: Asserted) -> HttpResponse:
    """Nobody is signed in; what the provider said is shown to the administrator who tried, and kept nowhere else."""
    actor = actor_of(request)
    if not permissions.keepers(actor):
        raise SignUpRefused(Refusal.NOT_TRUSTED, _("Administrators try a connection."))
    said = asserted.who.as_kept()
    said["groups"] = said["groups"] and said["groups"][:_MAX_GROUPS_SHOWN]
    outcome = {**said, "strong": asserted.strong, "shown": asserted.shown}
    note_tried(request.session, provider.slug, outcome)
    lifecycle.announce(provider, "tested", actor=actor)
    return redirect(f"{provider.get_absolute_url()}#tried")


def _proven(request: HttpRequest, provider: IdentityProvider, asserted: Asserted, next_url: str) -> HttpResponse:
    """Who is signed in has shown there once more who they are; somebody else's sign-in proves nothing."""
    same = ExternalIdentity.objects.filter(
        provider=provider, subject=asserted.who.subject, ended_at=None, user=request.user.pk or 0
    )
    if not request.user.is_authenticated or not same.exists():
        said = _("Somebody else signed in at %(name)s: it does not show who you are.")
        raise SignUpRefused(Refusal.BAD_ANSWER, said % {"name": provider.name})
    if step_up.has_way(request.user.pk or 0) and not asserted.strong:
        said = _("You have a second factor here: show that one. %(name)s does not say that it saw several.")
        raise SignUpRefused(Refusal.BAD_ANSWER, said % {"name": provider.name})
    step_up.remember_proof(request)
    return redirect(signing_in.safe_target(request, next_url))
