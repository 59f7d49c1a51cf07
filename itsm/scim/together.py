"""One company's two providers, whichever of them is trusted last: the one that writes says by which its people sign in.

What `configured.checked` asks when the writing one is set up is asked again when the other begins to let people in.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import all_wait_at
from itsm.identity.vocabulary import Protocol, SignUp
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.lifecycle import RecordEvent, record_changed
from itsm.scim.configured import checked, signs_in_by
from itsm.scim.models import ScimUser

_TRUSTED, _EDITED = f"{IdentityProvider.kind}.trusted", f"{IdentityProvider.kind}.edited"


def require_said(provider: IdentityProvider) -> None:
    """Raise WrongState where people would come in by it as new whom a provider writes that nobody asked about it."""
    if provider.protocol == Protocol.SCIM:
        try:
            checked(provider.configuration)
        except InvalidInput as error:
            raise WrongState(" ".join(one for many in error.errors.values() for one in many)) from error
        return
    if provider.sign_up == SignUp.INVITED:
        return
    unsaid = Q(configuration__signs_in_by="") | Q(configuration__signs_in_by__isnull=True)
    writing = IdentityProvider.objects.standing().filter(unsaid, protocol=Protocol.SCIM)
    if names := list(writing.values_list("name", flat=True)[:5]):
        said = _(
            "%(writing)s writes people here and does not say by which provider they sign in: say so there first "
            "(%(slug)s, or “none”), else who comes in by %(name)s is made a second time."
        )
        raise WrongState(said % {"writing": ", ".join(names), "slug": provider.slug, "name": provider.name})


def let_wait(news: RecordEvent, **_kwargs: Any) -> None:
    """Whom a provider wrote before its people could sign in by the other: their accounts wait there as of now."""
    if not acted_on([news]):
        return
    at = news.at or timezone.now()
    for writing, sign_in in _pairs(news.record):
        people = User.objects.filter(pk__in=ScimUser.objects.filter(provider=writing).values("user"))
        all_wait_at(sign_in, people, written_by=writing, at=at)


def _pairs(provider: IdentityProvider) -> Iterator[tuple[IdentityProvider, IdentityProvider]]:
    """(who writes, by whom those sign in), both trusted, of which one is this."""
    writing = IdentityProvider.objects.standing().filter(protocol=Protocol.SCIM)
    rows = writing.filter(Q(pk=provider.pk) | Q(configuration__signs_in_by=provider.slug))
    yield from ((one, sign_in) for one in rows if (sign_in := signs_in_by(one)) is not None)


def acted_on(news: Sequence[RecordEvent]) -> list[RecordEvent]:
    """A provider was trusted, or says something else of how its people come in."""
    return [one for one in news if one.event == _TRUSTED or (one.event == _EDITED and "configuration" in one.changes)]


def listen() -> None:
    """Called once, in `AppConfig.ready()`."""
    record_changed.connect(let_wait, sender=IdentityProvider, dispatch_uid="scim: who signs in", acts_on=acted_on)
