"""Files on a request and who follows it over REST, and how whose it was says how it was handled."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.requests import operations
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.satisfaction.models import Survey
from tests.factories.requests import a_request, an_item, item_of

pytestmark = pytest.mark.django_db


def test_files_and_followers_are_as_private_as_on_the_page(
    requester: User, person: Callable[..., User], as_actor: Callable[[User], Actor], api: Callable[[User], Any]
) -> None:
    item = an_item("laptop")
    agent = person("agent", item.team, username="works")
    other = person("requester", username="other")
    made = a_request(as_actor(requester), item)
    where = f"/api/v1/requests/{made.reference}/"

    def sent(name: str, **more: str) -> dict[str, Any]:
        return {"file": SimpleUploadedFile(name, b"one line"), **more}

    own = api(requester).post(f"{where}attachments/", sent("mine.txt", private="true"), format="multipart")
    assert (own.status_code, own.json()["private"]) == (201, False)
    kept = api(agent).post(f"{where}attachments/", sent("desk.txt", private="true"), format="multipart").json()
    assert kept["private"]
    names = [sorted(one["name"] for one in api(who).get(f"{where}attachments/").json()["results"])
             for who in (requester, agent)]  # fmt: skip
    assert names == [["mine.txt"], ["desk.txt", "mine.txt"]]
    assert api(requester).get(f"{where}attachments/{kept['key']}/").status_code == 404
    assert api(other).get(f"{where}attachments/").status_code == 404
    assert api(requester).delete(f"{where}attachments/{own.json()['key']}/").status_code == 204
    assert api(requester).post(f"{where}watchers/", {"user": "other"}, format="json").status_code == 201
    assert [one["user"] for one in api(other).get(f"{where}watchers/").json()] == ["other"]
    assert api(other).post(f"{where}watchers/", {"user": "works"}, format="json").status_code == 403
    assert api(other).delete(f"{where}watchers/other/").status_code == 204
    assert api(other).get(where).status_code == 404


def test_whose_it_was_says_once_how_it_was_handled(
    requester: User, person: Callable[..., User], as_actor: Callable[[User], Actor], api: Callable[[User], Any]
) -> None:
    item = an_item("laptop")
    agent = person("agent", item.team, username="works")
    made = a_request(as_actor(requester), item)
    where = f"/api/v1/satisfaction/{made.reference}/"
    assert api(requester).get(where).status_code == 404
    operations.fulfil(item_of(made), actor=as_actor(agent))
    asked = api(requester).get(where).json()
    assert (asked["record"], asked["score"]) == (made.reference, "")
    for one in (agent, person("requester", username="other"), person("admin", username="root")):
        assert api(one).get(where).status_code == 404
        assert api(one).post(where, {"score": "bad"}, format="json").status_code == 404
    assert api(requester).post(where, {"score": "great"}, format="json").status_code == 400
    assert api(requester).post(where, {}, format="json").status_code == 400
    said = api(requester).post(where, {"score": "good", "comment": "Quick."}, format="json")
    assert (said.status_code, said.json()["comment"]) == (200, "Quick.")
    again = api(requester).post(where, {"score": "bad"}, format="json")
    assert (again.status_code, Survey.objects.get().score) == (409, "good")
