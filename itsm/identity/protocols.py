"""What differs by protocol, said by its module above in `AppConfig.ready()`.

`Identified` is all that a protocol tells of somebody: who it is by the provider's own name for them, and what it says.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from itsm.identity.vocabulary import Protocol


@dataclass(frozen=True, slots=True)
class Identified:
    """Somebody, as a provider says it.

    `subject`: what the provider calls them for ever (iss and sub, NameID, entryUUID, externalId); never an address that
    may become somebody else's. `email_verified`: the provider says that the address is theirs. `groups`: None where the
    provider said nothing of groups, which then changes nothing. `login_hint`: what their user name here might be.
    """

    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    groups: tuple[str, ...] | None = None
    login_hint: str = ""

    def as_kept(self) -> dict[str, Any]:
        """As JSON keeps it, until the browser that began fetches it."""
        return {**asdict(self), "groups": None if self.groups is None else list(self.groups)}

    @classmethod
    def of_kept(cls, said: Mapping[str, Any]) -> Self:
        """What `as_kept` gave, whatever else stands beside it."""
        groups = None if said["groups"] is None else tuple(said["groups"])
        return cls(**{one.name: said[one.name] for one in fields(cls) if one.name != "groups"}, groups=groups)


@dataclass(frozen=True, slots=True)
class Speaks:
    """How a protocol is set up.

    `checked(configuration)`: the whole of it, as it is kept; raises InvalidInput with errors by field. `form()`: the
    class of the form that asks for it. Its cleaned data are the configuration, and that fills its boxes, unless it says
    otherwise by `configuration()` and `initial_of(configuration)`; `advanced` names what is folded away.
    `shown(configuration)`: (label, value) for the provider's page. `hint`: for whom it is. `begins`: whether people
    begin at a button of the sign-in page. `tries`: the URL name (it takes the slug) at which an administrator tries it.
    `addresses(protocol, slug)`: what is copied to the provider, by what it is called there.
    """

    checked: Callable[[Mapping[str, Any]], dict[str, Any]]
    form: Callable[[], Any]
    shown: Callable[[Mapping[str, Any]], list[tuple[Any, Any]]]
    hint: Any = ""
    begins: bool = False
    tries: str = ""
    addresses: Callable[[str, str], list[tuple[str, str]]] | None = None


_spoken: dict[str, Speaks] = {}
_conditions: list[Callable[[Any], None]] = []


def register(protocol: Protocol, speaks: Speaks) -> None:
    """Called once per protocol, at start."""
    _spoken[protocol.value] = speaks


def of(protocol: str) -> Speaks:
    """KeyError for a protocol that nobody registered."""
    return _spoken[protocol]


def known() -> list[Protocol]:
    """Those that can be set up, in the order of the vocabulary."""
    return [one for one in Protocol if one.value in _spoken]


def begun_in_browser() -> list[str]:
    """Those with a button on the sign-in page."""
    return [name for name, one in _spoken.items() if one.begins]


def trusted_only_if(condition: Callable[[Any], None]) -> None:
    """Called at start: `condition(provider)` raises WrongState where something is to be said before it is trusted."""
    _conditions.append(condition)


def require_answers(provider: Any) -> None:
    """Of a provider that is trusted, or is to be. Raises WrongState where something about it was not said yet."""
    for condition in _conditions:
        condition(provider)
