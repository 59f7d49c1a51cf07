"""A logout that a SAML 2.0 provider begins: the browser brings what it signed, and takes our answer back there."""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request

from itsm.identity.models import IdentityProvider
from itsm.single_sign_on.errors import refused
from itsm.single_sign_on.saml import configuration, flow, xml

FRESH = timedelta(minutes=5)
_MOST = 50_000  # bytes of a request, unpacked
_READ = ("SAMLRequest", "RelayState", "SigAlg", "Signature")


@dataclass(frozen=True, slots=True)
class Ending:
    """`name_id`: of whom; `sessions`: which of theirs there, all where it names none; `answer`: where the browser goes
    with our word."""

    id: str
    name_id: str
    sessions: tuple[str, ...]
    answer: str


def verified(provider: IdentityProvider, raw: str, at_home: str, acs: str, here: str, *, at: datetime) -> Ending:
    """What the provider asks, by HTTP-Redirect; `raw`: the query as it came, whose bytes are signed.

    Raises AnswerRefused, Unavailable (our key is not there).
    """
    query = _said_once(provider, raw)
    if not configuration.of(provider)["slo_url"]:
        raise refused(provider, _("It was not said here where one signs out there."))
    root = _root(provider, query.get("SAMLRequest", ""))
    said = flow.settings_of(provider, at_home, acs)
    said["security"] = {
        **said["security"],
        "wantMessagesSigned": True,
        "logoutResponseSigned": bool(said["sp"]["privateKey"]),
    }
    ours = urlsplit(settings.BASE_URL)
    auth = OneLogin_Saml2_Auth(
        {
            "https": "on" if ours.scheme == "https" else "off", "http_host": ours.netloc,
            "script_name": urlsplit(here).path, "post_data": {}, "query_string": raw,
            "validate_signature_from_qs": True, "get_data": dict(query),
        },
        said,
    )  # fmt: skip
    try:
        answer = auth.process_slo(keep_local_session=True)
        text = str(auth.get_last_request_xml())
        name_id = OneLogin_Saml2_Logout_Request.get_nameid(text, said["sp"]["privateKey"] or None)
        sessions = OneLogin_Saml2_Logout_Request.get_session_indexes(text)
    except Exception as error:
        raise refused(provider, _("The request does not hold: %(why)s") % {"why": str(error)[:200]}) from error
    if auth.get_errors() or not answer:
        why = str(auth.get_last_error_reason() or ", ".join(auth.get_errors()))[:200]
        raise refused(provider, _("The request does not hold: %(why)s") % {"why": why})
    _require_fresh_and_for_us(provider, root, here, at)
    return Ending(str(root.get("ID")), str(name_id), tuple(map(str, sessions)), str(answer))


def _said_once(provider: IdentityProvider, raw: str) -> Mapping[str, str]:
    """What is read of the query: each name once, and to the letter, as the library finds what was signed. Of
    `SAML%52equest` beside it the verifier would see one request, and a reader of the query the other."""
    found: dict[str, str] = {}
    for part in raw.split("&"):
        written, _equals, value = part.partition("=")
        name = unquote_plus(written)
        if name in _READ and (name != written or name in found):
            raise refused(provider, _("The request does not hold: %(why)s") % {"why": name})
        if name in _READ:
            found[name] = unquote_plus(value)
    return found


def _root(provider: IdentityProvider, text: str) -> Any:
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        unpack = zlib.decompressobj(-15)
        root = xml.plain(unpack.decompress(packed, _MOST), most=_MOST)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise refused(provider, _("There is no request to sign anybody out.")) from error
    if root.tag != f"{xml.PROTOCOL}LogoutRequest" or unpack.unconsumed_tail:
        raise refused(provider, _("There is no request to sign anybody out."))
    return root


def _require_fresh_and_for_us(provider: IdentityProvider, root: Any, here: str, at: datetime) -> None:
    """What the library lets pass where it is not said: by whom, brought here, made just now."""
    issuer = root.findtext(f"{xml.ASSERTION}Issuer")
    if root.get("Destination") != here or issuer != configuration.of(provider)["entity_id"]:
        raise refused(provider, _("It does not say by whom, or is not brought here (Issuer, Destination)."))
    try:
        made = datetime.fromisoformat(str(root.get("IssueInstant")).replace("Z", "+00:00"))
    except ValueError as error:
        raise refused(provider, _("It does not say when it was made (IssueInstant).")) from error
    if abs(at - (made if made.tzinfo else made.replace(tzinfo=UTC))) > FRESH:
        raise refused(provider, _("It was made too long ago (IssueInstant)."))
