"""The router: plural nouns, a trailing slash that may be left out."""

import re
from typing import Any, ClassVar

from rest_framework.routers import SimpleRouter

_CAPTURED = re.compile(r"\(\?P<(\w+)>[^)]*\)")


class Router(SimpleRouter):
    """`registered`: the prefix and the viewset of everything that the API answers, for who explains rights."""

    registered: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.trailing_slash = "/?"

    def register(self, prefix: str, viewset: Any, basename: str | None = None) -> None:
        super().register(prefix, viewset, basename)
        self.registered[_CAPTURED.sub(r"{\1}", prefix)] = viewset
