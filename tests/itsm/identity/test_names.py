"""No two providers are read as one name: also where two administrators give it at once, or one waits for a second."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection
from rest_framework.test import APIClient

from itsm import rows
from itsm.accounts.models import User
from itsm.approvals.models import Confirmation
from itsm.identity.models import IdentityProvider
from itsm.identity.operations import provider_fields, providers
from itsm.kernel.texts import read_alike
from itsm.locks import AdvisoryLock
from tests.itsm.identity.test_rest import NEW, PROVIDERS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "said",
    [
        "acme\u00a0\u2003staff",
        "Acme\u200b Staff",
        "\uff21\uff43\uff4d\uff45 Staff",
        "Acme Staff\u202c",
        "ACME  STAFF",
        "Ac\u034fme Staff",
        "Acme\U000e0100 Staff",
        "A\u180bcme Staff",
        "Acme St\u17b4aff",
    ],
)
def test_a_name_is_anothers_however_it_is_written(
    said: str, admin: User, api: Callable[..., APIClient], trusted: Any
) -> None:
    trusted("old", name="Acme Staff")
    refused = api(admin).post(PROVIDERS, {**NEW, "name": said}, format="json")
    assert (refused.status_code, refused.json().get("errors", [{}])[0].get("pointer")) == (400, "/name")


def test_a_name_that_was_given_meanwhile_is_anothers(
    admin: User, api: Callable[..., APIClient], trusted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two administrators at once: each had found it free."""
    checked = provider_fields.checked

    def and_another_was_quicker(*said: Any) -> Any:
        found = checked(*said)
        if not IdentityProvider.objects.filter(slug="quicker").exists():
            trusted("quicker", name="Acme")
        return found

    monkeypatch.setattr(providers, "checked", and_another_was_quicker)
    refused = api(admin).post(PROVIDERS, NEW, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/name")
    with connection.cursor() as cursor:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND pid = pg_backend_pid()"
        quicker = IdentityProvider.objects.get(slug="quicker")
        quicker.name = "Other"
        quicker.save()
        assert api(admin).post(PROVIDERS, NEW, format="json").status_code == 201
        cursor.execute(held, [AdvisoryLock.NAMES_OF_PROVIDERS])
        assert cursor.fetchone() == (1,), "nobody else gives a name until this one is kept"


def test_a_name_that_was_given_while_a_second_was_awaited_is_anothers(
    admin: User, second: User, api: Callable[..., APIClient], web: Any, trusted: Any
) -> None:
    trusted("acme")
    said = {"name": "Staff", "manages_teams": True}
    asked = api(admin).patch(f"{PROVIDERS}acme/", said, format="json", HTTP_IF_MATCH='"1"')
    assert asked.status_code == 202, asked.content
    trusted("other", name="STAFF")
    waits = Confirmation.objects.get()
    page = web(second).post(
        f"{waits.get_absolute_url()}confirm/", {"version": 1, "password": "long and known to second"}
    )
    assert (page.status_code, IdentityProvider.objects.get(slug="acme").name) == (400, "Acme"), page.content


@pytest.mark.parametrize("store", ["create", "save", "rows", "insert", "bulk_create"])
def test_the_database_keeps_no_two_that_are_read_alike(store: str, trusted: Any) -> None:
    """Also where an operation would forget to ask."""
    first, other = trusted("old", name="Acme Staff"), trusted("other")
    fresh = IdentityProvider(slug="new", asked_at=first.asked_at, made_by=first.made_by, protocol=first.protocol)
    fresh.name = other.name = "ａcme\u2003STAFF\u200b"
    ways = {
        "create": lambda: trusted("new", name=fresh.name),
        "save": other.save,
        "rows": lambda: rows.update(other, ["name"]),
        "insert": lambda: rows.insert(fresh),
        "bulk_create": lambda: IdentityProvider.objects.bulk_create([fresh]),
    }
    with pytest.raises(IntegrityError, match="name_key"):
        ways[store]()


def test_a_name_that_was_given_up_is_free(admin: User, api: Callable[..., APIClient], trusted: Any) -> None:
    trusted("old", name="Acme Staff")
    renamed = api(admin).patch(f"{PROVIDERS}old/", {"name": "Others"}, format="json", HTTP_IF_MATCH='"1"')
    assert renamed.status_code == 200, renamed.content
    assert "name_key" not in renamed.content.decode()
    assert api(admin).post(PROVIDERS, {**NEW, "name": "ACME staff"}, format="json").status_code == 201
    assert IdentityProvider.objects.get(slug="old").name_key == "others"


def test_the_longest_key_has_room(trusted: Any) -> None:
    """One letter may be read as eighteen."""
    assert len(trusted("long", name="\ufdfa" * 80).name_key) == 80 * 18


def test_a_letter_and_its_mark_are_one_whatever_unseen_stands_between() -> None:
    assert read_alike("Cafe\u200d\u0301") == read_alike("Caf\u00e9")
    assert read_alike("two\nlines") == read_alike("two lines")
