"""One key, one effect, the same answer: for POSTs that a client may send again.

The key is claimed by an insert in the transaction that has the effect. A second request with the
key waits for the first one's commit and then reads its answer; a refused or crashed first request
leaves no claim behind. Source of the semantics: the IETF Idempotency-Key draft.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.accounts.actors import actor_of
from itsm.api.models import Answer
from itsm.kernel.errors import Conflict, DomainError, InvalidInput

KEPT_FOR = timedelta(hours=72)
_HEADERS = ("Location", "ETag", "Retry-After")

# Waits for a first request with the key that is under way; no row comes back where the key was claimed before.
_CLAIM = """
INSERT INTO api_answer (principal, route, key, request_hash, headers, body, created_at)
VALUES (%s, %s, %s, %s, '{}', '', now())
ON CONFLICT (principal, route, key) DO NOTHING RETURNING id
"""

_KEEP = "UPDATE api_answer SET status = %s, headers = %s, body = %s WHERE id = %s"

Action = TypeVar("Action", bound=Callable[..., Response])


class KeyReused(DomainError):
    code, title, status = "idempotency-mismatch", "This key was used for another request", 422


class StillWorking(Conflict):
    retryable = True


def idempotent(natural_key: Callable[[Any], str | None] | None = None) -> Callable[[Action], Action]:
    """Make a POST action repeatable. `natural_key(body)` serves where no Idempotency-Key header is sent."""

    def wrap(action: Action) -> Action:
        @wraps(action)
        def repeatable(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = _key(request, natural_key)
            if key is None:
                return action(view, request, *args, **kwargs)
            with transaction.atomic():
                claim, is_new = _claim(request, key)
                if not is_new:
                    return _replay(claim, request)
                try:
                    return _kept(claim, action(view, request, *args, **kwargs))
                except DomainError as refusal:
                    if not refusal.keeps_effects:
                        raise
                    refused = refusal
                    Answer.objects.filter(pk=claim.pk).delete()  # a refusal is no answer to repeat
            raise refused

        return repeatable  # type: ignore[return-value]

    return wrap


def _key(request: Request, natural_key: Callable[[Any], str | None] | None) -> str | None:
    header = request.headers.get("Idempotency-Key")
    if header is None:
        natural = natural_key(request.data) if natural_key else None
        return f"natural:{hashlib.sha256(natural.encode()).hexdigest()}" if natural else None
    key = header.strip().strip('"')
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise InvalidInput(gettext("Idempotency-Key must hold 1 to 200 printable characters."))
    return f"sent:{key}"


def _claim(request: Request, key: str) -> tuple[Answer, bool]:
    actor = actor_of(request)
    mine = {"principal": f"user-{actor.id}", "route": request.path[:200].rstrip("/"), "key": key}
    request_hash = _hash(request.data)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [*mine.values(), request_hash])
            inserted = cursor.fetchone()
    except OperationalError as error:
        raise StillWorking(gettext("The first request with this key is still being worked on.")) from error
    if inserted:
        return Answer(pk=inserted[0], request_hash=request_hash, **mine), True
    claim = Answer.objects.get(**mine)
    return claim, claim.status is None


def _replay(claim: Answer, request: Request) -> Response:
    if claim.request_hash != _hash(request.data):
        raise KeyReused(gettext("The same key came with another body before; use a new key for a new request."))
    response = Response(json.loads(claim.body), status=claim.status, headers=claim.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _kept(claim: Answer, response: Response) -> Response:
    claim.status = response.status_code
    claim.headers = {name: response[name] for name in _HEADERS if response.has_header(name)}
    claim.body = JSONRenderer().render(response.data).decode()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [claim.status, json.dumps(claim.headers), claim.body, claim.pk])
    return response


def _hash(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()


def forget_before(instant: datetime) -> int:
    """Drop answers that were kept long enough. Returns how many."""
    return Answer.objects.filter(created_at__lt=instant).delete()[0]
