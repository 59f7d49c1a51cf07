"""A model is proposed by one and approved by another; its bounds change by versions that a second person approves."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction

from changes.change.operations import pausing
from changes.change_models import operations as change_models
from changes.change_models import queries
from changes.change_models.operations import versioning
from changes.change_models.rules.bounds import BOUNDS, Requested, as_kept, broken
from changes.models import ChangeModel, ModelVersion
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion, WrongState
from tests.api.world import browser
from tests.factories.changes import a_measured_service, a_model, ask, change_of
from tests.factories.slo import T0
from tests.together import each_of

pytestmark = pytest.mark.django_db

PIPELINE = {"repository": "shop", "workflow": "deploy", "paths": ["config/a.yaml"], "commits": 2}


def requested(**other):
    said = {
        "services": [1],
        "environment": "production",
        "pipeline": PIPELINE,
        "asker": 7,
        "starts_at": T0,
        "ends_at": T0,
    }
    return Requested(**said | other)


def bounded(**bounds):
    return ChangeModel(service_id=1, **bounds)


@pytest.mark.parametrize(
    ("bounds", "other", "left"),
    [
        ({}, {}, ()),
        ({}, {"services": [1, 2]}, ("service",)),
        ({"also_services": [2]}, {"services": [1, 2]}, ()),
        ({"environments": ["staging"]}, {}, ("environment",)),
        ({"repository": "other, shop"}, {}, ()),
        ({"repository": "shopping"}, {}, ("repository",)),
        ({"workflow_name": "release"}, {}, ("workflow",)),
        ({"paths": ["config/*"]}, {}, ()),
        ({"paths": ["config/*"]}, {"pipeline": PIPELINE | {"paths": ["config/a.yaml", "src/main.py"]}}, ("paths",)),
        ({"paths": ["config/*"]}, {"pipeline": PIPELINE | {"paths": ["config/../src/main.py"]}}, ("paths",)),
        ({"paths": ["config/*"]}, {"pipeline": PIPELINE | {"paths": []}}, ("paths",)),
        ({"paths": ["config/*"]}, {"pipeline": {}}, ("paths",)),
        ({"most_commits": 2}, {}, ()),
        ({"most_commits": 1}, {}, ("commits",)),
        ({"most_commits": 1}, {"pipeline": PIPELINE | {"commits": True}}, ("commits",)),
        ({"most_commits": 1}, {"pipeline": PIPELINE | {"commits": None}}, ("commits",)),
        ({"users": [7]}, {}, ()),
        ({"users": [8]}, {}, ("people",)),
        ({"users": [8]}, {"asker": None}, ("people",)),
    ],
)
def test_what_leaves_a_bound_or_does_not_say_is_named(bounds, other, left):
    assert broken(bounded(**bounds), requested(**other)) == left


@pytest.mark.parametrize(
    ("begins", "lasts", "kept"),
    [(9, 1, True), (8, 1, True), (16, 1, True), (16, 2, False), (7, 2, False), (20, 0, False), (9, 24, False)],
)
def test_hours_are_of_the_models_zone(begins, lasts, kept):
    # T0 is read in Tokyo, nine hours ahead of UTC.
    model = bounded(hours_from="08:00", hours_until="17:00", zone="Asia/Tokyo")
    day = T0.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1, hours=-9)
    starts_at = day + timedelta(hours=begins)
    asked = requested(starts_at=starts_at, ends_at=starts_at + timedelta(hours=lasts))
    assert (broken(model, asked) == ()) is kept
    weekday = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(day + timedelta(hours=9)).weekday()]
    assert broken(bounded(days=[weekday], zone="Asia/Tokyo"), requested(starts_at=starts_at, ends_at=starts_at)) == ()
    others = [one for one in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if one != weekday]
    assert broken(bounded(days=others, zone="Asia/Tokyo"), requested(starts_at=starts_at, ends_at=starts_at)) == (
        "hours",
    )


@each_of(
    ("bounds", "field"),
    [
        ({"paths": ["x"] * 51}, "paths"), ({"paths": [" "]}, "paths"), ({"most_commits": 0}, "most_commits"),
        ({"days": ["mon", "mon"]}, "days"), ({"days": ["funday"]}, "days"), ({"hours_from": "08:00"}, "hours_until"),
        ({"hours_from": "08:00", "hours_until": "08:00"}, "hours_until"), ({"zone": "Mars/Base"}, "zone"),
        ({"users": list(range(101))}, "users"), ({"also_services": list(range(51))}, "also_services"),
    ],
)  # fmt: skip
def test_odd_bounds_are_refused(bounds, field, owning):
    with pytest.raises(InvalidInput) as refused:
        a_model(a_measured_service(), owning, **bounds)
    assert field in refused.value.errors


@pytest.fixture
def model(owning):
    return a_model(a_measured_service(), owning)


def write(model, actor, **bounds):
    """By who has just read it."""
    model.refresh_from_db()
    draft = versioning.write_version(model, actor=actor, version=model.version, at=T0, **bounds)
    model.refresh_from_db()
    return draft


def test_an_edit_is_a_draft_that_a_second_person_approves(model, owning, engineer, as_actor, asker):
    writing = as_actor(engineer)
    draft = write(model, writing, repository="elsewhere")
    assert (draft.number, draft.state) == (2, "draft")
    before = ask(model.service, asker, change_class="standard")
    told = before.decision.evidence["change"]["model"]["value"]
    assert (told["version"], told["broken_bounds"], before.outcome) == (1, [], "approved")
    with pytest.raises(NotPermitted):
        versioning.approve_version(model, 2, actor=writing, version=model.version, at=T0)
    mine = write(model, owning, most_commits=3)
    assert (mine.pk, mine.bounds["repository"]) == (draft.pk, "elsewhere")
    write(model, writing, most_commits=4)
    with pytest.raises(NotPermitted):  # a part of it was the owner's own
        versioning.approve_version(model, 2, actor=owning, version=model.version, at=T0)
    versioning.discard_version(model, 2, actor=owning, version=model.version)
    third = write(model, writing, repository="elsewhere")
    held = versioning.approve_version(model, third.number, actor=owning, version=model.version, at=T0)
    assert (held.number, held.repository, held.version > model.version) == (3, "elsewhere", True)
    after = ask(model.service, asker, change_class="standard")
    told = after.decision.evidence["change"]["model"]["value"]
    assert (told["version"], told["broken_bounds"]) == (3, ["repository"])
    with pytest.raises(WrongState):
        versioning.approve_version(held, 3, actor=owning, version=held.version, at=T0)


def test_what_is_asked_again_is_the_content_that_its_model_has_become(model, owning, engineer, as_actor, asker):
    change = change_of(ask(model.service, asker, change_class="standard"))
    before = (change.model_version, change.content_hash)
    held = pausing.put_on_hold(change, actor=asker, at=T0, hold_reason="The model is looked at again")
    write(model, as_actor(engineer), allows_migration=True)
    versioning.approve_version(model, 2, actor=owning, version=model.version, at=T0)
    pausing.resume(held, actor=asker, at=T0 + timedelta(minutes=1))
    change.refresh_from_db()
    assert (before[0], change.model_version) == (1, 2)
    assert before[1] != change.content_hash == change.evaluations.latest("asked_at").content_hash


def test_nobody_approves_a_draft_that_was_written_anew_since_they_read_it(model, owning, engineer, as_actor):
    write(model, as_actor(engineer), most_commits=3)
    read = model.version
    write(model, as_actor(engineer), most_commits=9_000)
    with pytest.raises(StaleVersion):
        versioning.approve_version(model, 2, actor=owning, version=read, at=T0)
    with pytest.raises(StaleVersion):
        versioning.discard_version(model, 2, actor=owning, version=read)
    assert versioning.approve_version(model, 2, actor=owning, version=model.version, at=T0).most_commits == 9_000


MOVED = {
    "environments": ["staging"], "repository": "r", "workflow_name": "w", "paths": ["x"],
    "most_commits": 7, "days": ["mon"], "hours_from": "08:00", "hours_until": "09:00", "zone": "Asia/Tokyo",
    "risk": "high", "allows_migration": True, "progressive": True, "rollback_tested": True,
    "tasks": [{"kind": "review", "title": "Look back", "mandatory": False}],
}  # fmt: skip


@each_of("name", BOUNDS)
def test_whatever_a_draft_moves_is_said_to_who_approves_it(model, name, engineer):
    held = as_kept(model) | {"hours_from": "07:00", "hours_until": "10:00", "progressive": False}
    moved = (MOVED | {"also_services": [model.service_id], "users": [engineer.pk]})[name]
    now, then = queries.bounds_in_words(model, held), queries.bounds_in_words(model, held | {name: moved})
    assert [said for said in then if said not in now], name


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_nobody_approves_the_first_version_that_they_wrote(role, person, owning, api):
    service = a_measured_service()
    author = api(person(role, username="author"))
    answer = author.post("/api/v1/change-models/", {"slug": "own", "service": service.slug}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (201, "proposed")
    where, read = "/api/v1/change-models/own/approve/", {"HTTP_IF_MATCH": answer["ETag"]}
    assert author.post(where, {}, format="json", **read).status_code == 403
    model = ChangeModel.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.versions.update(state="approved", approved_at=T0, approved_by=model.proposed_by_id)
    held = change_models.approve_proposed(model, actor=owning, version=model.version, at=T0)
    assert (held.status, held.versions.get().state) == ("approved", "approved")


def test_the_database_keeps_what_was_approved(model, owning, engineer, as_actor):
    draft = write(model, as_actor(engineer), repository="r")
    for change in (
        lambda: ChangeModel.objects.update(repository="r"),
        lambda: ChangeModel.objects.update(repository="r", number=2),  # it is a draft
        lambda: ModelVersion.objects.filter(number=1).update(bounds={}),
        lambda: ModelVersion.objects.filter(pk=draft.pk).update(
            state="approved", approved_at=T0, approved_by=draft.written_by_id
        ),
        lambda: ChangeModel.objects.update(status="proposed"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert set(BOUNDS) == set(draft.bounds)


def test_what_an_engineer_proposes_makes_nothing_standard_before_an_owner_approves_it(engineer, owner, asker, as_actor):
    service = a_measured_service()
    page = browser(engineer)
    sent = {"slug": "ours", "service": service.slug, "risk": "low", "progressive": "on", "rollback_tested": "on",
            "paths": "config/*\nflags/*", "days": ["mon"], "zone": "UTC"}  # fmt: skip
    assert page.post("/changes/models/", sent).status_code == 302
    proposed = ChangeModel.objects.get(slug="ours")
    assert (proposed.status, proposed.paths, proposed.days) == ("proposed", ["config/*", "flags/*"], ["mon"])
    assert ask(service, asker, change_class="standard").change.model is None
    told = unescape(page.get("/changes/models/ours/").content.decode())
    assert "config/*, flags/*" in told
    assert 'value="approve"' not in told
    with pytest.raises(NotPermitted):
        change_models.approve_proposed(proposed, actor=as_actor(engineer), version=proposed.version, at=T0)
    second = browser(owner)
    answer = second.post("/changes/models/ours/stop/", {"how": "approve", "version": proposed.version})
    assert answer.status_code == 302, answer.content[:300]
    proposed.refresh_from_db()
    assert (proposed.status, proposed.approved_by, proposed.versions.get().state) == ("approved", owner, "approved")
    sent = {"version": proposed.version, "risk": "low", "most_commits": "5", "zone": "UTC"}
    assert page.post("/changes/models/ours/", sent).status_code == 302
    read = unescape(second.get("/changes/models/ours/").content.decode())
    assert "Approve this version" in read
    where = "/changes/models/ours/versions/2/"
    proposed.refresh_from_db()
    assert second.post(where, {"how": "approve", "version": proposed.version}).status_code == 302
    proposed.refresh_from_db()
    assert (proposed.number, proposed.most_commits, proposed.paths) == (2, 5, [])


def test_tasks_are_added_edited_and_taken_out_on_the_page_of_a_draft(model, engineer, web):
    browser = web(engineer)
    where = model.get_absolute_url()

    def keep(**said):
        page = browser.get(where)
        shown = {bound.html_name: bound.value() for bound in page.context["form"]} | {"version": model.version}
        sent = {name: value for name, value in (shown | said).items() if value not in (None, False, [])}
        answer = browser.post(where, sent)
        model.refresh_from_db()
        assert answer.status_code == 302, answer.content.decode()
        return model.versions.get(number=2).bounds["tasks"]

    tell = {"kind": "planning", "title": "Tell the shop", "mandatory": True}
    look = {"kind": "review", "title": "Look back", "mandatory": False}
    assert keep(task_0_title="Tell the shop", task_0_kind="planning") == [tell]
    assert keep(task_1_title="Look back", task_1_kind="review", task_1_mandatory=False) == [tell, look]
    assert keep(task_0_title="Tell them all") == [tell | {"title": "Tell them all"}, look]
    assert keep(task_0_title=" ") == [look]
    assert "Look back (Review, optional)" in browser.get(where).content.decode()
    refused = browser.post(where, {"version": model.version, "risk": "low", "task_0_title": "x", "task_0_kind": "odd"})
    assert (refused.status_code, "task_0_kind" in refused.context["form"].errors) == (422, True)
    many = {f"task_{number}_title": f"Step {number}" for number in range(40)}
    assert len(keep(**many)) == 20


def test_who_may_use_it_and_its_other_services_are_shown_by_name(model, owning, engineer, as_actor, api):
    other = a_measured_service(name="Till")
    write(model, as_actor(engineer), also_services=[other.pk], users=[engineer.pk])
    versioning.approve_version(model, 2, actor=owning, version=model.version, at=T0)
    shown = api(engineer).get(f"/api/v1/change-models/{model.slug}/").json()
    assert (shown["also_services"], shown["users"]) == ([other.slug], [engineer.username])
    listed = api(engineer).get("/api/v1/change-models/").json()
    assert [(one["also_services"], one["users"]) for one in listed["results"]] == [([other.slug], ["engineer"])]
