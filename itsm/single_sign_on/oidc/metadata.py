"""What a provider publishes of itself, and its keys: kept in its row, so that every process knows them."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.identity.models import IdentityProvider
from itsm.kernel.errors import Unavailable
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused
from itsm.openid import keys
from itsm.single_sign_on.errors import refused
from itsm.single_sign_on.oidc import configuration
from itsm.webhooks.sending import judged

_NAMES = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint", "jwks_uri")


def metadata(provider: IdentityProvider, *, at: datetime) -> dict[str, Any]:
    """Its endpoints; asked for again after an hour, and usable for a day where it does not answer.

    Raises Unavailable.
    """
    known = provider.known.get("metadata")
    read_at = _instant(provider.known.get("metadata_read_at"))
    if known and read_at is not None and at - read_at < keys.FRESH:
        return dict(known)
    try:
        found = keys.discovered(configuration.of(provider)["issuer"])
        _judge(found)
    except (OutgoingFailed, OutgoingRefused) as error:
        _note(provider, last_error=str(error)[:300])
        if known and read_at is not None and at - read_at < keys.USABLE:
            return dict(known)
        said = _("%(name)s does not answer now: %(why)s")
        raise Unavailable(said % {"name": provider.name, "why": error}) from error
    kept = {name: found.get(name) for name in _NAMES} | {
        "auth_methods": found.get("token_endpoint_auth_methods_supported"),
        "says_iss": found.get("authorization_response_iss_parameter_supported") is True,
    }
    _note(provider, last_error="", metadata=kept, metadata_read_at=at.timestamp())
    return kept


def _judge(found: dict[str, Any]) -> None:
    for name in ("authorization_endpoint", "token_endpoint"):
        if not isinstance(found.get(name), str):
            raise OutgoingFailed(_("What it publishes of itself does not say %(name)s.") % {"name": name})
    for name in _NAMES:
        if found.get(name) is not None:
            judged(str(found[name]))


def key_of(provider: IdentityProvider, kid: str, algorithm: str, *, at: datetime) -> Any:
    """`kid` "": the provider's one key. Raises AnswerRefused and Unavailable."""
    ring = _Kept(provider)
    try:
        return keys.key_of(ring, kid or keys.only_key(ring, at=at), algorithm, at=at)
    except keys.KeyRefused as why:
        raise refused(provider, str(why)) from why


def _instant(stamp: Any) -> datetime | None:
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else None


def _note(provider: IdentityProvider, *, last_error: str | None = None, **known: Any) -> None:
    with transaction.atomic():
        rows = IdentityProvider.objects.select_for_update(of=("self",), no_key=True)
        current = rows.get(pk=provider.pk)
        if current.configuration == provider.configuration:
            current.known = {**current.known, **known}
            if last_error is not None:
                current.last_error = last_error
            current.save(update_fields=["known", "last_error"])
    provider.known, provider.last_error = current.known, current.last_error


class _Kept:
    """See `itsm.openid.keys.Keyring`."""

    def __init__(self, row: IdentityProvider) -> None:
        self._row = row

    @property
    def issuer(self) -> str:
        return str(configuration.of(self._row)["issuer"])

    @property
    def keys(self) -> dict[str, Any]:
        return dict(self._row.known.get("keys", {}))

    @property
    def read_at(self) -> datetime | None:
        return _instant(self._row.known.get("keys_read_at"))

    @property
    def last_error(self) -> str:
        return self._row.last_error

    def may_ask(self, at: datetime) -> bool:
        with transaction.atomic():
            rows = IdentityProvider.objects.select_for_update(of=("self",), no_key=True)
            current = rows.get(pk=self._row.pk)
            asked = _instant(current.known.get("keys_asked_at"))
            if asked is None or asked <= at - keys.ASKED_AT_MOST:
                current.known["keys_asked_at"] = at.timestamp()
                current.save(update_fields=["known"])
                self._row.known = current.known
                return True
        self._row.known = current.known
        return False

    def failed(self, why: str) -> None:
        _note(self._row, last_error=why)

    def keep(self, found: dict[str, Any], at: datetime) -> None:
        held, changed = keys.pinned(self.keys, found)
        _note(self._row, last_error=changed, keys=held, keys_read_at=at.timestamp())
