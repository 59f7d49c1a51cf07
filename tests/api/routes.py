"""The API's routes as the URL configuration has them: nothing here is written down twice."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from itsm import api_urls

# What chats, providers, platforms and pipelines open by a proof of theirs: tests/itsm/webhooks/test_slash.py,
# tests/itsm/paging/test_rest.py, tests/changes/delivery/test_doors.py, tests/itsm/workload_identity/test_exchanging.py
_PLATFORMS = {"deliveries-github", "deliveries-gitlab", "deliveries-generic"}
PUBLIC = {"schema", "docs", "slash", "paging-reports", "paging-replies", "oidc-token"} | _PLATFORMS
# Of these what chats and providers ask is in no schema: they speak in their own words.
UNDESCRIBED = {"schema", "docs", "slash", "paging-reports", "paging-replies"}


@dataclass(frozen=True, slots=True)
class Route:
    """One action of one viewset: how it is named, which method takes it there, where it stands."""

    name: str
    method: str
    action: str
    viewset: Any

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def writes(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    @property
    def reads_version(self) -> bool:
        """It asks for If-Match; tasks, entries of a timeline and the like carry no version, and refuse one."""
        return "version_read" in inspect.unwrap(getattr(self.viewset, self.action)).__code__.co_names


def routes() -> list[Route]:
    return sorted(_walk(), key=str)


def _walk() -> Iterator[Route]:
    for pattern in api_urls.urlpatterns:
        view = pattern.callback
        if pattern.name in PUBLIC:
            continue
        assert hasattr(view, "actions"), f"{pattern} is not a viewset: it has no policy entry"
        for method, action in view.actions.items():
            if method != "head":
                yield Route(pattern.name, method.upper(), action, view.cls)
