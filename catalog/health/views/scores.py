"""How far the catalog can be believed: scores by class, each number a link to its rows, and the trend."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalog.cmdb.models import CIClass
from catalog.cmdb.queries.classes import living_classes
from catalog.cmdb.views.reading import reader
from catalog.health import permissions
from catalog.health.queries.rounds import open_rounds_for
from catalog.health.queries.scores import Counts, Day, health, trend
from catalog.health.vocabulary import CORRECT, MEANINGS, Kind
from itsm.accounts.models import Team

WIDTH, HEIGHT = 640, 96
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cell:
    """A score, how many items are bad, and where they are listed."""

    score: float | None
    bad: int
    url: str


@login_required
def scores(request: HttpRequest) -> HttpResponse:
    """Of all that the reader may see, or of a class and a team."""
    actor, at = reader(request), timezone.now()
    ci_class = CIClass.objects.filter(slug=request.GET.get("class", "")[:40]).first()
    team = Team.objects.filter(slug=request.GET.get("team", "")[:63]).first()
    found = health(actor, at, ci_class=ci_class, team=team)
    days = trend(at, CORRECT, ci_class=ci_class, team=team)
    of_team = {"team": team.slug} if team else {}
    of_class = {"class": ci_class.slug} if ci_class else {}
    context = {
        "whole": found.whole,
        "cells": _cells(found.whole, of_class | of_team),
        "correct": _cell(found.whole, CORRECT, of_class | of_team),
        "rows": [(one, counts, _cells(counts, {"class": one.slug} | of_team)) for one, counts in found.classes],
        "kinds": [(kind.label, MEANINGS[kind]) for kind in Kind],
        "chosen_class": ci_class, "chosen_team": team,
        "classes": living_classes(), "teams": Team.objects.all(),
        "days": days, "line": _line(days), "width": WIDTH, "height": HEIGHT, "since_week": _since_week(days),
        "may_ask": permissions.round_keepers(actor), "asked": list(open_rounds_for(actor)[:5]),
    }  # fmt: skip
    return render(request, "catalog/health/scores.html", context)


def _cells(counts: Counts, where: dict[str, str]) -> list[Cell]:
    return [_cell(counts, kind.value, where) for kind in Kind]


def _cell(counts: Counts, measure: str, where: dict[str, str]) -> Cell:
    url = f"{reverse('health:findings')}?{urlencode({'kind': measure} | where)}"
    return Cell(counts.score(measure), counts.bad[measure], url)


def _line(days: list[Day]) -> str:
    """The points of the picture's line: days from left to right, 100 per cent at the top."""
    if len(days) < 2:
        return ""
    first, length = days[0].day, max((days[-1].day - days[0].day).days, 1)
    return " ".join(
        f"{(one.day - first).days / length * WIDTH:.1f},{HEIGHT * (1 - one.score / 100):.1f}" for one in days
    )


def _since_week(days: list[Day]) -> float | None:
    """How much better the score is than a week ago, or at the last day before; None where nothing is known of then."""
    before: list[Any] = [one for one in days if days and one.day <= days[-1].day - _WEEK]
    return days[-1].score - before[-1].score if before else None
