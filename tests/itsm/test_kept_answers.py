"""What browsers and proxies may keep: nothing that was made for somebody, everything that is the same for all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from rest_framework.test import APIClient
from whitenoise.middleware import WhiteNoiseMiddleware

from itsm.accounts.models import User
from tests.api.world import World

pytestmark = pytest.mark.django_db


def test_private_pages_are_not_stored(engineer: User, web: Callable[[User], Client]) -> None:
    client = web(engineer)
    for path in ("/", "/incidents/", "/changes/", "/services/", "/slos/", "/profile/", "/nowhere/", "/search/?q=a"):
        assert client.get(path)["Cache-Control"] == "no-store", path
    assert Client().get("/")["Cache-Control"] == "no-store"  # the way to the sign-in page
    assert "no-store" in Client().get("/sign-in/")["Cache-Control"]  # its form carries a token


def test_the_page_with_a_fresh_token_is_not_stored(engineer: User, web: Callable[[User], Client]) -> None:
    answer = web(engineer).post("/profile/tokens/", {"name": "laptop", "days": "30"}, follow=True)
    assert answer["Cache-Control"] == "no-store"
    for _path, _status in answer.redirect_chain:
        assert _status == 302


def test_answers_of_the_api_are_not_stored_neither_good_nor_bad(world: World, api: Callable[..., APIClient]) -> None:
    client = api(world.people["engineer"])
    for path in (world.path("change-list"), world.path("service-detail"), "/api/v1/nowhere/", "/api/v1/services/?x=1"):
        assert client.get(path)["Cache-Control"] == "no-store", path
    assert client.post(world.path("incident-list"), {}, format="json")["Cache-Control"] == "no-store"
    assert APIClient().get(world.path("change-list"))["Cache-Control"] == "no-store"


def test_what_every_visitor_gets_alike_is_kept_for_good(settings, tmp_path: Path) -> None:
    (tmp_path / "app.0123456789ab.css").write_text("a {}")
    settings.STATIC_ROOT, settings.WHITENOISE_IMMUTABLE_FILE_TEST = tmp_path, r"\.[0-9a-f]{12}\."
    settings.WHITENOISE_AUTOREFRESH = False
    settings.WHITENOISE_USE_FINDERS = False
    request = HttpRequest()
    request.method, request.path_info = "GET", "/static/app.0123456789ab.css"
    answer = WhiteNoiseMiddleware(lambda _: HttpResponse(status=404))(request)
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    answer.close()
