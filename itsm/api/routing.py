"""The router: plural nouns, a trailing slash that may be left out."""

import re
from typing import Any, ClassVar

from django.urls import ResolverMatch, URLPattern, URLResolver, include
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.functional import cached_property
from rest_framework.routers import SimpleRouter

_FIRST_WORD = re.compile(r"\^([\w-]+)(?=/|\\\.|\$)")
_ASKED_WORD = re.compile(r"[\w-]+")
_CAPTURED = re.compile(r"\(\?P<(\w+)>[^)]*\)")


class Router(SimpleRouter):
    """`registered`: the prefix and the viewset of everything that the API answers, for who explains rights. Several may
    answer under one prefix."""

    registered: ClassVar[list[tuple[str, Any]]] = []

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        super().register(prefix, viewset, basename)
        self.registered.append((_CAPTURED.sub(r"{\1}", prefix), viewset))


class Resolver(URLResolver):
    """An include whose addresses are looked for among those that begin with the same word: there are hundreds.

    The others could not be meant. All else, reversing and listing, is Django's.
    """

    def resolve(self, path: Any) -> ResolverMatch:
        """Raises Resolver404, as ever."""
        below = self.pattern.match(str(path))
        word = _ASKED_WORD.match(below[0]) if below else None
        part = self._parts.get(word[0]) if word else None
        return super().resolve(path) if part is None else part.resolve(path)

    @cached_property
    def _parts(self) -> dict[str, URLResolver]:
        """A resolver for each first word; what begins otherwise stands in all of them, in its place."""
        words = [_first_word(one) for one in self.url_patterns]
        among = {
            wanted: [one for one, word in zip(self.url_patterns, words, strict=True) if word in (wanted, "")]
            for wanted in set(words) - {""}
        }
        return {
            word: URLResolver(self.pattern, patterns, self.default_kwargs, self.app_name, self.namespace)
            for word, patterns in among.items()
        }


def _first_word(one: URLPattern | URLResolver) -> str:
    """The word that every address of this pattern begins with; empty where none can be told."""
    found = _FIRST_WORD.match(str(one.pattern)) if isinstance(one.pattern, RegexPattern) else None
    return found[1] if found else ""


def api(route: str, urlconf: str) -> Resolver:
    """As `path(route, include(urlconf))`."""
    module, app_name, namespace = include(urlconf)
    return Resolver(RoutePattern(route, is_endpoint=False), module, app_name=app_name, namespace=namespace)
