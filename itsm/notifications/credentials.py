"""Secrets of other people's systems, read at the moment of use and never kept in the database.

A source names a credential `x`; its secret is what an administrator put into HEADROOM_SECRETS_DIR:
`x` (bearer token or password), `x.crt` and `x.key` (client certificate), `x.key` alone (it signs: as an App of a
platform, or as a client of a provider of identity), `x.ca` (private authority), all PEM, and in `x.hosts` where the
secret may be sent, or the key signs for; or into the environment as HEADROOM_SECRET_X (token or password) and
HEADROOM_SECRET_X_HOSTS. A source or check may name an authority `y` by itself (`y.ca`), which is no secret;
HEADROOM_CA_BUNDLE is trusted everywhere beside the public ones.
"""

import base64
import re
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from itsm import env
from itsm.notifications.addresses import OutgoingRefused

Auth = Literal["none", "bearer", "basic", "mtls"]

MAX_CHARACTERS = 16_384
_NAME = re.compile(r"[a-z0-9-]{1,63}")
_SENDABLE = {"bearer": re.compile(r"[\x21-\x7e]+"), "basic": re.compile(r"[^\x00-\x1f\x7f]+")}


class CredentialMissing(OutgoingRefused):
    """The credential cannot be used. The sentence names it and where it was looked for, never what it holds."""


@dataclass(frozen=True, repr=False)
class Credentials:
    """How to sign in somewhere. Shows itself by name only, so that no log and no error page carries the secret."""

    auth: Auth = "none"
    name: str = ""
    username: str = ""
    secret: str = ""
    certificate: Path | None = None
    key: Path | None = None
    authority: Path | None = None
    signs: bool = False  # what is signed goes in the body: as good as a secret while it lasts

    def __repr__(self) -> str:
        return f"Credentials(auth={self.auth!r}, name={self.name!r})"

    @property
    def must_stay_private(self) -> bool:
        """They may travel only where nobody listens: over TLS, or inside a network that an administrator listed."""
        return bool(self.secret) or self.signs

    @property
    def authorization(self) -> dict[str, str]:
        """The header that signs in, or none."""
        if not self.secret:
            return {}
        return {"Authorization": f"Bearer {self.secret}" if self.auth == "bearer" else f"Basic {self._pair()}"}

    def without_secrets(self, text: str) -> str:
        """For what a server said: one that repeats the request must not get the secret into an error message."""
        for secret in (self.secret, self._pair()) if self.secret else ():
            text = text.replace(secret, "[redacted]")
        return text

    def tls(self) -> ssl.SSLContext:
        """TLS 1.2 or newer, names checked; the private authority, where there is one, instead of the public ones."""
        if not self.certificate and not self.authority:
            return _public()
        try:
            context = _context(self.authority)
            if self.certificate:
                # The empty password keeps OpenSSL from asking for one on a terminal.
                context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        except (OSError, ValueError):
            names = ", ".join(one.name for one in (self.certificate, self.key, self.authority) if one)
            raise CredentialMissing(
                _("The certificate files (%(names)s) in HEADROOM_SECRETS_DIR cannot be used.") % {"names": names}
            ) from None
        return context

    def _pair(self) -> str:
        return base64.b64encode(f"{self.username}:{self.secret}".encode()).decode("ascii")


NOBODY = Credentials()


def credentials_of(auth: Auth, name: str = "", username: str = "", authority_name: str = "") -> Credentials:
    """Read the named credential now. CredentialMissing if it is not there or cannot be sent as this kind.

    `authority_name`: whose certificates to trust there; without it the file beside the credential, if there is one.
    """
    if not all(_NAME.fullmatch(one) for one in (name if auth != "none" else "x", authority_name or "x")):
        raise CredentialMissing(_("A credential's name has small letters, digits and hyphens, at most 63."))
    authority = _needed(authority_name, "ca") if authority_name else None
    if auth == "none":
        return Credentials(name=authority_name, authority=authority) if authority else NOBODY
    authority = authority or _file(f"{name}.ca")
    if auth == "mtls":
        certificate, key = _needed(name, "crt"), _needed(name, "key")
        return Credentials(auth, name, certificate=certificate, key=key, authority=authority)
    if auth == "basic" and (not _SENDABLE["basic"].fullmatch(username) or ":" in username):
        raise CredentialMissing(
            _("The credential “%(name)s” needs a user name without a colon beside it.") % {"name": name}
        )
    return Credentials(auth, name, username, _secret(auth, name), authority=authority)


def hosts_of(name: str) -> frozenset[str]:
    """Where a credential may be sent, as whoever laid it down said beside it: `name.hosts`, or the variable of its name
    with _HOSTS; hosts (or host:port) between blanks. Empty: nobody said. Raises CredentialMissing.
    """
    if not _NAME.fullmatch(name):
        raise CredentialMissing(_("A credential's name has small letters, digits and hyphens, at most 63."))
    try:
        file = _file(f"{name}.hosts")
        said = file.read_text(encoding="utf-8") if file else env.text(f"{_variable(name)}_HOSTS", "")
    except (OSError, ValueError, ImproperlyConfigured):
        raise CredentialMissing(_("The file of the credential “%(name)s” cannot be read.") % {"name": name}) from None
    return frozenset(said[:MAX_CHARACTERS].lower().split())


def require_host(name: str, host: str, port: int | None) -> None:
    """Whether this credential may be sent there, where whoever laid it down said hosts beside it: who names secrets on
    a page has none of these sent to a server of their own. Raises CredentialMissing.
    """
    hosts, to = hosts_of(name), host.lower()
    if hosts and to not in hosts and f"{to}:{port}" not in hosts:
        said = _(
            "The credential “%(name)s” may not be sent to %(host)s: it is not in %(name)s.hosts, beside the secret."
        )
        raise CredentialMissing(said % {"name": name, "host": host})


def signing(name: str) -> Credentials | None:
    """What goes along where `private_key` of this name signs: no secret, the private authority beside it where there is
    one. None where no such key lies there, or a certificate beside it: that key is for TLS alone."""
    if not _NAME.fullmatch(name) or _file(f"{name}.key") is None or _file(f"{name}.crt") is not None:
        return None
    return Credentials(name=name, authority=_file(f"{name}.ca"), signs=True)


def private_key(name: str) -> str:
    """The PEM text of `name.key`, for what signs with it. Raises CredentialMissing."""
    if not _NAME.fullmatch(name):
        raise CredentialMissing(_("A credential's name has small letters, digits and hyphens, at most 63."))
    path = _needed(name, "key")
    try:
        return path.read_text(encoding="utf-8")[:MAX_CHARACTERS]
    except (OSError, ValueError):
        raise CredentialMissing(_("The file of the credential “%(name)s” cannot be read.") % {"name": name}) from None


def _secret(auth: Auth, name: str) -> str:
    try:
        file = _file(name)
        found = file.read_text(encoding="utf-8").strip() if file else _from_environment(name)
    except (OSError, ValueError, ImproperlyConfigured):
        raise CredentialMissing(_("The file of the credential “%(name)s” cannot be read.") % {"name": name}) from None
    if not found:
        raise CredentialMissing(
            _("The credential “%(name)s” was found neither as a file in HEADROOM_SECRETS_DIR nor as %(variable)s.")
            % {"name": name, "variable": _variable(name)}
        )
    if len(found) > MAX_CHARACTERS or not _SENDABLE[auth].fullmatch(found):
        raise CredentialMissing(_("The credential “%(name)s” holds characters that cannot be sent.") % {"name": name})
    return found


def _variable(name: str) -> str:
    return f"HEADROOM_SECRET_{name.upper().replace('-', '_')}"


def _from_environment(name: str) -> str:
    """HEADROOM_SECRET_KEY signs our own sessions and is nobody's credential; NAME_FILE holds a path, no secret."""
    if name == "key" or name.endswith("-file"):
        return ""
    return env.text(_variable(name), "").strip()


def _file(name: str) -> Path | None:
    if not settings.SECRETS_DIR:
        return None
    path = Path(settings.SECRETS_DIR) / name
    return path if path.is_file() else None


def _needed(name: str, kind: str) -> Path:
    if found := _file(f"{name}.{kind}"):
        return found
    raise CredentialMissing(
        _("The credential “%(name)s” lacks the file %(file)s in HEADROOM_SECRETS_DIR.")
        % {"name": name, "file": f"{name}.{kind}"}
    )


def _public() -> ssl.SSLContext:
    """The public authorities, and the one of this installation."""
    file = settings.CA_BUNDLE
    try:
        return _trusting(file, Path(file).stat().st_mtime_ns if file else 0)
    except (OSError, ValueError):
        raise CredentialMissing(_("The file that HEADROOM_CA_BUNDLE names cannot be used.")) from None


@cache
def _trusting(file: str, _written: int) -> ssl.SSLContext:
    context = _context(None)
    if file:
        context.load_verify_locations(cafile=file)
    return context


def _context(authority: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority) if authority else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
