"""Who is on a record just now: said by their open page, kept in Valkey for 45 seconds, and never owed to anybody.

Whoever asks must have seen to it that the reader may see the record; what is kept here is neither evidence nor history.
Where Valkey does not answer in time nobody is shown, and it is left alone for a while.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from time import monotonic, time
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from itsm.kernel.actors import Actor

LIFE = 45  # seconds that a sign of life holds; pages give one every 15
_PATIENCE = 0.15  # seconds
_REST = 10.0  # seconds for which a Valkey that did not answer is not asked again
_rests_until = {"at": 0.0}


@dataclass(frozen=True, slots=True)
class Present:
    """A person on a record, and whether they are writing there."""

    user_id: int
    name: str
    writes: bool


def say_here(kind: str, record_id: int, actor: Actor, *, writes: bool = False) -> None:
    """This person has the record before them, for the next 45 seconds."""
    value = json.dumps([actor.name, writes, time() + LIFE])

    def say(pipe: Any) -> None:
        pipe.hset(_key(kind, record_id), str(actor.id), value)
        pipe.expire(_key(kind, record_id), LIFE)

    if actor.is_human:
        _asked(say)


def say_gone(kind: str, record_id: int, actor: Actor) -> None:
    """They closed it."""
    _asked(lambda pipe: pipe.hdel(_key(kind, record_id), str(actor.id)))


def present_on(kind: str, record_ids: Collection[int], actor: Actor) -> dict[int, list[Present]]:
    """Who else is on these records, by id of the record; those with nobody are left out. One round trip."""
    asked = list(record_ids)
    if not asked:
        return {}
    answers = _asked(lambda pipe: [pipe.hgetall(_key(kind, one)) for one in asked])
    found = {one: _alive(answer, actor) for one, answer in zip(asked, answers, strict=False)}
    return {one: people for one, people in found.items() if people}


def _alive(answer: Any, actor: Actor) -> list[Present]:
    people = []
    for user_id, value in answer.items():
        name, writes, until = json.loads(value)
        if until > time() and int(user_id) != actor.id:
            people.append(Present(int(user_id), name, writes))
    return sorted(people, key=lambda one: (not one.writes, one.name))


def _key(kind: str, record_id: int) -> str:
    return f"headroom:presence:{kind}:{record_id}"


@cache
def _client() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=Retry(NoBackoff(), 0)
    )


def _asked(ask: Callable[[Any], Any]) -> list[Any]:
    """The answers, or none where Valkey is not there."""
    if monotonic() < _rests_until["at"]:
        return []
    try:
        pipe = _client().pipeline(transaction=False)
        ask(pipe)
        return list(pipe.execute())
    except (redis.RedisError, OSError, ValueError):
        _rests_until["at"] = monotonic() + _REST
        return []
