"""What apps say of themselves is collected: their schedule, their keys, and where a body may be a file."""

import pytest
from django.conf import settings
from django.test import Client

from itsm import collected
from itsm.celery import app
from itsm.ui.context import Entry, entries, offers


def test_the_schedule_of_every_app_is_in_the_settings() -> None:
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {
        "slo.objectives.tasks.evaluate_all",
        "itsm.clocks.tasks.sweep",
        "itsm.api.tasks.forget_old_answers",
    } <= tasks


def test_every_task_of_the_schedule_is_one_that_workers_know() -> None:
    """A task that was renamed alone would be sent for ever and run by nobody."""
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(app.tasks) == set()
    by_name_elsewhere = {"itsm.home.tasks.continue_demo", "itsm.notifications.tasks.relay"}
    assert by_name_elsewhere - set(app.tasks) == set()


def test_two_apps_do_not_say_the_same_thing() -> None:
    with pytest.raises(ValueError, match="another app says already"):
        collected.entries(["slo", "slo"], "beat")


@pytest.mark.django_db
def test_the_navigation_is_in_the_order_of_places_and_a_key_leads_to_one_of_them(client: Client) -> None:
    client.get("/sign-in/")  # the addresses are loaded, and with them what they offer
    found = entries()
    assert [one.place for one in found] == sorted(one.place for one in found)
    assert found[0].url_name == "home:desk"
    with pytest.raises(ValueError, match="leads to slo:list already"):
        offers(Entry("Other", "other:list", "x", "o", place=99))
    for shown in ([one for one in found if one.for_staff], [one for one in found if one.for_requesters]):
        assert len({one.key for one in shown}) == len(shown)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/slos/indicators/checkout/upload/", True),
        ("/slos/openslo/", True),
        ("/api/v1/openslo", True),
        ("/api/v1/openslo/", True),
        ("/changes/new/", False),
        ("/api/v1/incidents/", False),
        ("/nowhere/", False),
    ],
)
def test_a_larger_body_is_taken_where_the_view_says_that_it_takes_files(client: Client, path: str, takes: bool) -> None:
    answer = client.post(path, b"x" * 1_600_000, content_type="text/plain")
    assert (answer.status_code != 413) is takes
    assert client.post(path, b"x" * 8_100_000, content_type="text/plain").status_code == 413
