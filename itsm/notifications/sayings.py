"""Words that are kept until somebody reads them, and are said in that reader's language.

`from itsm.notifications.sayings import saying as _`, then `_("%(incident)s waits") % {"incident": ...}` is what `tell`
and `notify` take beside plain text: who collects texts for translators knows the name `_`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from django.conf import settings
from django.utils import translation


class Words(Protocol):
    """Plain text, Django's lazy text, or a saying: what they say is what `str` gives in the language of the moment."""

    def __str__(self) -> str: ...


class Saying:
    """A text of ours with what is filled in, neither translated yet."""

    __slots__ = ("_params", "_text")

    def __init__(self, text: str, params: Mapping[str, Any] | None = None) -> None:
        self._text, self._params = text, params

    def __mod__(self, params: Mapping[str, Any]) -> "Saying":
        """The same with its values; those that are lazy themselves are said in the same language."""
        return Saying(self._text, params)

    def __str__(self) -> str:
        said = translation.gettext(self._text)
        return said if self._params is None else said % self._params

    def __repr__(self) -> str:
        return f"Saying({self._text!r})"


saying = Saying


class Joined:
    """Several, one after the other; what says nothing is left out."""

    __slots__ = ("_between", "_parts")

    def __init__(self, parts: Iterable[Words], between: str = "\n\n") -> None:
        self._parts, self._between = list(parts), between

    def __str__(self) -> str:
        return self._between.join(text for one in self._parts if (text := str(one)))


def language_of(person: Any) -> str:
    """A person's language, where this instance speaks it; else its own."""
    wished = getattr(person, "language", "")
    return wished if wished in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@contextmanager
def speaking_to(person: Any) -> Iterator[None]:
    """What is said inside is said in the language of this reader."""
    with translation.override(language_of(person)):
        yield
