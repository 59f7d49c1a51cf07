"""The desk: what waits for me, what burns, what changed."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    return render(request, "home/desk.html")


def explain_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a problem's `type` means."""
    return render(request, "home/problem.html", {"code": code})
