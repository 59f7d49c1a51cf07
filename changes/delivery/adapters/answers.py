"""What a platform said to an answer of ours, and what that means for it."""

from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext

from itsm.notifications import outgoing
from itsm.notifications.channels import PutOff, Refused
from itsm.notifications.credentials import Credentials, hosts_of
from itsm.notifications.outgoing import Answer, OutgoingFailed, OutgoingRefused, retry_after

SECONDS = 8.0
_READ = 4_096
_FOR_EVER = {404, 409, 410, 422}  # another attempt would be told the same


def post(url: str, body: bytes, headers: dict[str, str], credentials: Credentials) -> Answer:
    """One request. Raises PutOff where another attempt may help, Refused where none would."""
    sent = {"Content-Type": "application/json", "User-Agent": "Headroom", **headers}
    try:
        answer = outgoing.fetch(
            "POST", url, body=body, headers=sent, credentials=credentials, timeout=SECONDS, cut_at=_READ
        )
    except (OutgoingFailed, OutgoingRefused) as error:
        raise PutOff(str(error), 0) from error
    said = words_of(answer, credentials)
    if 200 <= answer.status < 300:
        return answer
    if answer.status in _FOR_EVER:
        raise Refused(said)
    raise PutOff(said, retry_after(answer, timezone.now()))


def require_bound(name: str, url: str, public: str) -> None:
    """A credential goes to the public API, or to a host that was named where the secret lies: who keeps sources on a
    page cannot have it sent anywhere else. Raises PutOff, with what has to be written where.
    """
    to, known = urlsplit(url), urlsplit(public)
    if to.scheme == known.scheme and to.netloc.lower() == known.netloc:
        return
    try:
        hosts = hosts_of(name)
    except OutgoingRefused as error:
        raise PutOff(str(error), 0) from error
    if to.netloc.lower() not in hosts and (to.hostname or "") not in hosts:
        said = gettext("%(name)s may not be sent to %(host)s: write that host into %(name)s.hosts, beside the secret.")
        raise PutOff(said % {"name": name, "host": to.netloc}, 0)


def words_of(answer: Answer, credentials: Credentials) -> str:
    """The status and the beginning of what was said, without a secret in it."""
    said = outgoing.cleaned(answer.body.decode("utf-8", "replace"), credentials)
    if 300 <= answer.status < 400:
        said = gettext("a redirect, which is not followed")
    return f"{answer.status} {said}".strip()
