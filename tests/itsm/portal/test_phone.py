"""What makes the portal an app on a phone, and what of it a phone keeps: one page, which is of nobody."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_manifest_names_the_portal_and_a_picture(client: Client) -> None:
    answer = client.get("/portal.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    said = answer.json()
    assert (said["start_url"], said["scope"], said["display"]) == ("/portal/", "/", "standalone")
    pictures = [one for one in said["icons"] if one["type"] == "image/png"]
    assert [one["sizes"] for one in pictures] == ["180x180", "192x192", "512x512"]
    for one in pictures:
        drawn = client.get(one["src"])
        assert (drawn["Content-Type"], drawn.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    assert client.get("/portal/icon-64.png").status_code == 404
    assert client.get("/portal/").status_code == 302  # behind the sign-in, as everything that says something


def test_the_worker_keeps_the_offline_page_and_nothing_else(client: Client) -> None:
    text = client.get("/service-worker.js").content.decode()
    kept = re.search(r"addAll\(\[(.*?)\]\)", text)
    assert kept is not None
    assert "/offline/" in text
    names = re.findall(r'"([^"]+)"', kept[1])
    assert all(name.startswith("/static/headroom/") for name in names), names
    assert "cache.put" not in text


def test_the_offline_page_is_of_nobody(client: Client, django_user_model, requester, web) -> None:
    page = web(requester).get("/offline/").content
    assert page == client.get("/offline/").content
    assert b"requester" not in page
