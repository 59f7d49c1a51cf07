"""Whoever looks at the desk with the rights of others changes nothing: every door says so before it is asked."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext

from itsm.accounts.looking import looks_as
from itsm.api.problems import problem_response
from itsm.kernel.errors import NotPermitted
from itsm.ui.refusals import refusal

# How it ends, beside the session's own end.
_ENDS = frozenset({"roles:stop_looking", "accounts:sign_out"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
# Whoever looks stays themselves: what is theirs alone is looked at as oneself.
_OWN = ("/profile/",)


class LooksOnly:
    """Refuses what would write, and one's own account, while somebody looks with the rights of others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is not None and match.view_name in _ENDS:
            return None
        if request.method in _READS and not request.path_info.startswith(_OWN):
            return None
        if looks_as(request) is None:
            return None
        sentence = gettext("You look at the desk with the rights of others. Be yourself again first.")
        error = NotPermitted(sentence)
        if request.path_info.startswith("/api/"):
            return problem_response(error.code, str(error.title), error.status, sentence)
        return refusal(request, error)
