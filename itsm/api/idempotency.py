"""One key, one effect, and the truth about it: for POSTs that a client may send again.

The key is claimed by an insert in the transaction that has the effect, and remembers what was made. A second
request with the key waits for the first one's commit, makes nothing, and is shown what was made as it stands
then; a refused or crashed first request leaves no claim behind. Source of the semantics: the IETF
Idempotency-Key draft, but for the stored picture: a picture of an authorisation outlives it.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.actors import actor_of
from itsm.api.models import IdempotencyRecord
from itsm.kernel.errors import Conflict, DomainError, InvalidInput, NotFound

KEPT_FOR = timedelta(hours=72)

# Waits for a first request with the key that is under way; no row comes back where the key was claimed before.
_CLAIM = """
INSERT INTO api_idempotencyrecord (principal, route, key, request_hash, made, location, report, created_at)
VALUES (%s, %s, %s, %s, '', '', '', now())
ON CONFLICT (principal, route, key) DO NOTHING RETURNING id
"""

_KEEP = (
    "UPDATE api_idempotencyrecord SET status = %s, request_hash = %s, made = %s, location = %s, report = %s"
    " WHERE id = %s"
)

Action = TypeVar("Action", bound=Callable[..., Response])


class NaturalKey(NamedTuple):
    """What makes two requests one where no Idempotency-Key was sent.

    `ends`: it names no single attempt, so that it is free again once what was made is over.
    """

    text: str
    ends: bool = False


class _Key(NamedTuple):
    text: str
    ends: bool


class KeyReused(DomainError):
    code, title, status = "idempotency-mismatch", "This key was used for another request", 422


class StillWorking(Conflict):
    retryable = True


def idempotent(
    natural_key: Callable[[Any], NaturalKey | None] | None = None, is_over: Callable[[Any], bool] | None = None
) -> Callable[[Action], Action]:
    """Make a POST action repeatable.

    `natural_key(body)` serves where no Idempotency-Key header is sent; `is_over(record)` says of what was made
    whether a natural key that ends is free again.
    """

    def wrap(action: Action) -> Action:
        @wraps(action)
        def repeatable(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = _key(request, natural_key)
            if key is None:
                return action(view, request, *args, **kwargs)
            with transaction.atomic():
                claim, is_new = _claim(request, key)
                if not is_new:
                    before = view.made_before(claim.made) if claim.made else None
                    if not (key.ends and is_over and (before is None or is_over(before))):
                        return _replayed(claim, before, view, request)
                try:
                    return _kept(claim, action(view, request, *args, **kwargs), request)
                except DomainError as refusal:
                    if not refusal.keeps_effects:
                        raise
                    refused = refusal
                    if is_new:
                        let_go(claim)  # a refusal is no answer to repeat
            raise refused

        repeatable.is_repeatable = True  # type: ignore[attr-defined]  # the schema tells it
        return repeatable  # type: ignore[return-value]

    return wrap


def _key(request: Request, natural_key: Callable[[Any], NaturalKey | None] | None) -> _Key | None:
    header = request.headers.get("Idempotency-Key")
    if header is None:
        natural = natural_key(request.data) if natural_key else None
        if natural is None:
            return None
        return _Key(f"natural:{hashlib.sha256(natural.text.encode()).hexdigest()}", natural.ends)
    key = header.strip().strip('"')
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise InvalidInput(gettext("Idempotency-Key must hold 1 to 200 printable characters."))
    return _Key(f"sent:{key}", ends=False)


def _claim(request: Request, key: _Key) -> tuple[IdempotencyRecord, bool]:
    """The claim on this key, and whether it is this request's own. One that is not is held by one replay at a time."""
    route = request.path[:200].rstrip("/")
    return claim_key(f"user-{actor_of(request).id}", route, key.text, _hash(request))


def claim_key(principal: str, route: str, key: str, request_hash: str) -> tuple[IdempotencyRecord, bool]:
    """Claim a key in the caller's transaction, which is the one of the effect. Pages claim the tokens of their forms.

    Returns the claim, and whether it is new; one that is not is locked. Waits for a first request that is under way;
    raises StillWorking where that takes longer than a lock may.
    """
    mine = {"principal": principal, "route": route, "key": key}
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [*mine.values(), request_hash])
            inserted = cursor.fetchone()
        if inserted:
            return IdempotencyRecord(pk=inserted[0], request_hash=request_hash, **mine), True
        claim = IdempotencyRecord.objects.select_for_update(no_key=True).get(**mine)
    except OperationalError as error:
        raise StillWorking(gettext("The first request with this key is still being worked on.")) from error
    return claim, claim.status is None


def keep_claim(claim: IdempotencyRecord, status: int, *, location: str) -> None:
    """Remember where what was made is found, for a form that is sent again."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [status, claim.request_hash, "", location[:300], "", claim.pk])


def keep_answer(claim: IdempotencyRecord, report: str) -> None:
    """Remember what was answered, as JSON, to a software agent, whose tool says how what was made stands later."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [200, claim.request_hash, "", "", report, claim.pk])


def _replayed(claim: IdempotencyRecord, before: Any, view: Any, request: Request) -> Response:
    """What was made, as it stands now; the code that was answered first."""
    if claim.request_hash != _hash(request):
        raise KeyReused(gettext("The same key came with another body or query before; a new request needs a new key."))
    headers = {"Location": claim.location} if claim.location else {}
    if not claim.made:
        response = Response(json.loads(claim.report), status=claim.status, headers=headers)
    elif before is None:
        raise NotFound(gettext("This request was answered before; what it made is no longer there for you."))
    else:
        response = view.respond(before, claim.status, headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _kept(claim: IdempotencyRecord, response: Response, request: Request) -> Response:
    """Remember what was made. An answer that made nothing (a dry run) is none to repeat."""
    made = getattr(response, "made", "")
    if getattr(response, "made_nothing", False):
        let_go(claim)
        return response
    report = "" if made else JSONRenderer().render(response.data).decode()
    location = response["Location"] if response.has_header("Location") else ""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [response.status_code, _hash(request), made, location, report, claim.pk])
    return response


def let_go(claim: IdempotencyRecord) -> None:
    """Free the key: what was asked made nothing that could be repeated."""
    IdempotencyRecord.objects.filter(pk=claim.pk).delete()


def _hash(request: Request) -> str:
    """Of all that says what is wanted: the body, and the query (a table comes with its flags there)."""
    asked = [request.data, sorted(request.query_params.lists())]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def forget_before(instant: datetime) -> int:
    """Drop answers that were kept long enough. Returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=instant).delete()[0]
