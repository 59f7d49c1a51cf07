"""What apps offer to the search: how a record of theirs reads as a document, and who may see it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from itsm.accounts.permissions import colleagues
from itsm.accounts.queues import rights_in_queues, seen_queues
from itsm.kernel.actors import Actor
from itsm.lifecycle import record_changed

ALL, STAFF = "all", "staff"


def user(user_id: int | None) -> tuple[str, ...]:
    """The token of one person, as a part of an audience; nothing where there is none."""
    return (f"user:{user_id}",) if user_id is not None else ()


def team(team_id: int | None) -> tuple[str, ...]:
    return (f"team:{team_id}",) if team_id is not None else ()


def queue(team_id: int | None) -> tuple[str, ...]:
    """The token of what lies in a queue: for whoever sees that queue now, whatever becomes of it later."""
    return (f"queue:{team_id}",) if team_id is not None else ()


def shared(record: Any) -> tuple[str, ...]:
    """The token of a record itself: for whom it is shared with, as `sharing_with` says."""
    return (f"{record.kind}:{record.pk}",)


def service(service_id: int | None) -> tuple[str, ...]:
    return (f"service:{service_id}",) if service_id is not None else ()


def tokens_of(actor: Actor) -> list[str]:
    """Whose documents an actor sees: the same line between staff and requesters as the lists draw.

    Asked once in a request.
    """
    if actor.memo is None:
        return _tokens_of(actor)
    key = ("search tokens", actor.id, actor.roles, actor.rights)
    if key not in actor.memo:
        actor.memo[key] = _tokens_of(actor)
    return list(actor.memo[key])


@dataclass(frozen=True, slots=True)
class Withheld:
    """What an actor does not see of what their tokens meet: documents of a `hidden` queue that none of their `own`
    tokens meets. Of a request that lies in two queues either finds it, until one of them becomes confidential.
    """

    hidden: list[str]
    own: list[str]


NOTHING_WITHHELD = Withheld([], [])


def withheld_from(actor: Actor) -> Withheld:
    """Of most people nothing. Rights in queues are asked once in a request."""
    hidden = [] if actor.is_system else [f"queue:{one}" for one in sorted(rights_in_queues(actor).hidden)]
    return Withheld(hidden, [one for one in tokens_of(actor) if not one.startswith("queue:")] if hidden else [])


def _tokens_of(actor: Actor) -> list[str]:
    theirs = [*user(actor.id), *(f"team:{one}" for one in sorted(actor.teams))]
    for shared_with in _shared_with:
        theirs += shared_with(actor)
    if not colleagues(actor):
        return [ALL, *theirs]
    return [ALL, STAFF, *theirs, *(f"queue:{one}" for one in sorted(seen_queues(actor)))]


@dataclass(frozen=True, slots=True)
class Entry:
    """How a record is found and shown among results. It reads the record's own columns only, never another row.

    `about`: tokens of the things whose record this is. `is_over`: it is shown behind what is still open.
    """

    title: str
    path: str
    text: str = ""
    audience: tuple[str, ...] = (STAFF,)
    about: tuple[str, ...] = ()
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    read: Callable[[Any], Entry | None]
    name: Any
    is_thing: bool
    elsewhere: Callable[[Collection[int]], Collection[int]] | None = None


_offers: dict[type, Offer] = {}
_shared_with: list[Callable[[Actor], list[str]]] = []
_followers: list[Callable[..., None]] = []


def follow_with(receiver: Callable[..., None]) -> None:
    """Who follows the news of what is offered from here on. Called once, before anything is offered."""
    _followers[:] = [receiver]


def offers(
    model: type,
    read: Callable[[Any], Entry | None],
    *,
    is_thing: bool = False,
    name: Any = "",
    elsewhere: Callable[[Collection[int]], Collection[int]] | None = None,
) -> None:
    """Say how records of a model read as documents. Called once per model, in `AppConfig.ready()`.

    `read` answers None for a record that is not to be found. `is_thing`: it has records of its own, and its token is
    `<kind>:<id>`. `name`: its kind in words; the model's own name unless given. `elsewhere`: which
    of these ids are found as records of another kind, and not as this one, in one query.
    """
    _offers[model] = Offer(read, name or model._meta.verbose_name, is_thing, elsewhere)  # type: ignore[attr-defined]
    for follower in _followers:
        record_changed.connect(follower, sender=model, dispatch_uid=f"search follows {model.__name__}")


def sharing_with(tokens: Callable[[Actor], list[str]]) -> None:
    """Say which records are shared with an actor beside what is theirs. Called once per way to share, at start."""
    _shared_with.append(tokens)


def offer_of(model: type) -> Offer | None:
    return _offers.get(model)


def offered() -> dict[type, Offer]:
    return dict(_offers)


def names_of_kinds() -> dict[str, Any]:
    return {model.kind: offer.name for model, offer in _offers.items()}  # type: ignore[attr-defined]
