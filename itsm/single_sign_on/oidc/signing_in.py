"""How this desk shows a provider who it is: by a key of its own (private_key_jwt, RFC 7523), else by its secret."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from itsm.notifications.credentials import (
    NOBODY,
    CredentialMissing,
    Credentials,
    credentials_of,
    hosts_of,
    private_key,
    require_host,
    signing,
)

_GOOD_FOR = 60  # seconds
_ALGORITHMS = {RSAKey: "RS256", ECKey: "ES256"}  # what every provider that takes such keys knows


def client(says: dict[str, Any], known: dict[str, Any], *, at: datetime) -> tuple[Credentials, dict[str, str]]:
    """What goes with a form to the token endpoint: beside it, and in it. PKCE alone where there is no credential.

    The key that lies beside a credential (`x.key`) signs where the provider says that it takes that: then the secret,
    where there is one too, goes nowhere. It signs for the servers alone that `x.hosts` names: what a key signs is good
    wherever the key is known, and the provider and the client it speaks for are said by whoever types them on a page.
    Raises CredentialMissing.
    """
    ours, name, to = {"client_id": says["client_id"]}, says["credential"], urlsplit(known["token_endpoint"])
    if not name:
        return NOBODY, ours
    require_host(name, to.hostname or "", to.port)
    methods = known.get("auth_methods")
    methods = methods if isinstance(methods, list) else []
    if "private_key_jwt" in methods and (beside := signing(name)) is not None:
        if not hosts_of(name):
            said = _(
                "%(name)s.key signs for no server that is not named in %(name)s.hosts, beside it: %(host)s is not."
            )
            raise CredentialMissing(said % {"name": name, "host": to.hostname})
        word = _assertion(name, says["client_id"], known["token_endpoint"], at)
        return beside, {**ours, "client_assertion_type": ASSERTION_TYPE, "client_assertion": word}
    held = credentials_of("bearer", name)
    if "client_secret_post" in methods and "client_secret_basic" not in methods:
        return Credentials(name=held.name, authority=held.authority), {**ours, "client_secret": held.secret}
    pair = (quote(says["client_id"], safe=""), quote(held.secret, safe=""))
    return Credentials("basic", held.name, *pair, authority=held.authority), ours


def _assertion(name: str, client_id: str, to: str, at: datetime) -> str:
    now = int(at.timestamp())
    try:
        key = _key(private_key(name))
        signed: str = private_key_jwt_sign(
            key, client_id, to, alg=_ALGORITHMS[type(key)], issued_at=now, expires_at=now + _GOOD_FOR
        )
    except (JoseError, TypeError, ValueError) as error:
        said = _("The key “%(name)s.key” cannot be used: it is a private key in PEM, RSA or EC of P-256.")
        raise CredentialMissing(said % {"name": name}) from error
    return signed


def _key(pem: str) -> RSAKey | ECKey:
    try:
        return RSAKey.import_key(pem)
    except (JoseError, TypeError, ValueError):
        return ECKey.import_key(pem)
