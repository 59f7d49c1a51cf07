"""Probes are answered before anything else: no host check, no session, no sign-in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from itsm.home import probes


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.answers = {"/livez": probes.livez, "/readyz": probes.readyz, "/metrics": probes.metrics}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.answers.get(request.path_info.rstrip("/"))
        return answer(request) if answer and request.method in {"GET", "HEAD"} else self.get_response(request)
