"""Objectives of services that the catalog lacks: who makes these, whose they are, and what that means for the gate."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Service
from catalog.services import operations as catalog
from itsm.accounts import scopes
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from slo.measuring import operations
from slo.models import Objective
from slo.openslo.formats.grouping import Group
from slo.openslo.formats.templating import NoValues
from slo.openslo.formats.writing import yaml_of
from slo.openslo.operations import applying
from slo.openslo.operations.applying import apply
from slo.openslo.operations.outcome import Outcome
from slo.openslo.queries import exported, groups_for
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import MEASURER, T0, a_service
from tests.itsm.scripted_server import Reply
from tests.slo.openslo.samples import a_document, text_of
from tests.slo.openslo.test_other_tools import GROUPED, PYRRA
from tests.slo.played_source import played_source

pytestmark = pytest.mark.django_db

SLOTH = """
version: prometheus/v1
service: parcel-desk
labels: {owner: parcels}
slos:
  - name: answers
    objective: 99.5
    sli: {events: {error_query: "sum(rate(a[{{.window}}]))", total_query: "sum(rate(b[{{.window}}]))"}}
"""


@pytest.fixture(autouse=True)
def two_sources(db: None) -> None:
    for slug in ("one", "two"):
        operations.create_source(actor=MEASURER, slug=slug, url=f"http://{slug}.example:9090")


def brought(text: str = SLOTH, **options: Any) -> Outcome:
    return apply({"f": text}, **{"actor": MEASURER, "at": T0, "source": "one", "create_services": True} | options)


def test_the_service_is_made_by_the_catalog_and_the_queries_are_asked_of_the_source() -> None:
    outcome = brought()
    assert outcome.written, outcome.errors
    objective = Objective.objects.select_related("service", "indicator__data_source").get()
    assert (objective.slug, objective.service.slug) == ("parcel-desk-answers", "parcel-desk")
    assert objective.indicator is not None
    assert objective.indicator.data_source is not None
    assert objective.indicator.data_source.slug == "one"
    assert Entry.objects.filter(record_kind="service", reference="parcel-desk", event="service.created").exists()
    assert [one.rule for one in outcome.findings] == ["headroom-service-needs-owner"]
    assert outcome.findings[0].path == "service"
    again = brought()
    assert [one.action for one in again.changes] == ["unchanged"]


def test_nothing_is_made_unasked_and_nothing_stays_after_an_error() -> None:
    outcome = brought(create_services=False)
    assert [(one.path, one.rule) for one in outcome.errors] == [("service", "headroom-unknown-service")]
    assert not brought(SLOTH.replace("99.5", "99.99999999999")).written
    assert not brought(dry_run=True).written
    assert not Service.objects.exists()


def test_who_may_not_add_services_is_told_what_is_missing(as_actor: Callable[..., Actor], engineer: User) -> None:
    narrow = replace(as_actor(engineer), scopes=frozenset({scopes.SLO_WRITE}))
    assert [one.rule for one in brought(actor=narrow).errors] == ["headroom-unknown-service"]
    assert not Service.objects.exists()


def test_whose_it_is(as_actor: Callable[..., Actor], person: Callable[..., User]) -> None:
    """The team that was chosen; else the one that the file names; else the importer's only one; else nobody's."""
    parcels, desk, shop = (Team.objects.create(slug=one, name=one) for one in ("parcels", "desk", "shop"))
    of_one, of_two = person("engineer", desk, username="one"), person("engineer", desk, shop, username="both")
    plain = SLOTH.replace("owner", "colour")

    def owner(text: str, **options: Any) -> tuple[Team | None, bool]:
        with transaction.atomic():
            brought(text, **options)
            made = Service.objects.get()
            transaction.set_rollback(True)
        return made.team, made.needs_owner

    assert owner(SLOTH, team="shop") == (shop, False)
    assert owner(SLOTH, actor=as_actor(of_one)) == (parcels, False)
    assert owner(plain, actor=as_actor(of_one)) == (desk, False)
    assert owner(plain, actor=as_actor(of_two)) == (None, True)
    assert owner(plain) == (None, True)


@pytest.mark.parametrize("named", [{"source": "three"}, {"team": "nobody"}])
def test_a_source_or_a_team_that_is_not_there_is_refused(named: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        brought(**named)
    assert list(refused.value.errors) == list(named)


def test_people_decide_about_a_service_that_nobody_owns(
    as_actor: Callable[..., Actor], engineer: User, owner: User
) -> None:
    service = a_measured_service("healthy")
    a_model(service, as_actor(owner))
    asker = as_actor(engineer)
    assert ask(service, asker, change_class="standard").status == "approved"
    Service.objects.filter(pk=service.pk).update(team=None, needs_owner=True)
    service.refresh_from_db()
    asked = ask(service, asker, change_class="standard")
    assert (asked.status, asked.outcome) == ("pending", "peer")
    assert asked.decision is not None
    assert "service_needs_owner" in [one["code"] for one in asked.decision.verdict["reasons"]]


def test_an_owner_ends_that_and_the_database_keeps_both_apart() -> None:
    brought()
    team = Team.objects.create(slug="parcels", name="Parcels")
    made = Service.objects.get()
    kept = catalog.edit_service(made, actor=MEASURER, version=made.version, name="Parcel desk")
    assert kept.needs_owner
    kept = catalog.edit_service(made, actor=MEASURER, version=kept.version, team=team)
    assert (kept.needs_owner, kept.team) == (False, team)
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.update(needs_owner=True)


class TestGroups:
    @pytest.fixture(autouse=True)
    def known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.groups: list[Group] = [("web",), ("api",)]
        monkeypatch.setattr(applying, "groups_for", lambda source: lambda labels, selector: self.groups)

    def brought(self, **options: Any) -> Outcome:
        text = PYRRA.format(indicator=GROUPED, target="'99'", window="4w", more="", metadata="")
        return brought(text, **options)

    def test_each_group_is_an_objective(self) -> None:
        assert self.brought().slugs("created") == ["shop", "nginx-api-web", "nginx-api-api"]

    def test_groups_of_which_no_series_is_known_are_not_pruned(self) -> None:
        self.brought()
        self.groups = []
        refused = self.brought(prune=True)
        assert [one.rule for one in refused.errors] == ["headroom-no-groups"]
        assert Objective.objects.in_force().count() == 2
        assert self.brought().slugs("created") == ["nginx-api"]


def test_a_source_that_does_not_answer_is_asked_once(settings: Any) -> None:
    with played_source() as source:
        settings.OUTGOING_ALLOW = [f"127.0.0.1:{source.script.port}"]
        made = operations.create_source(actor=MEASURER, slug="silent", url=source.url)
        source.script.answer = lambda asked: Reply(404, b"nobody here")
        known = groups_for(made)
        for metric in ("a", "b", "c"):
            with pytest.raises(NoValues, match="nobody here"):
                known(("job",), metric)
        assert len(source.script.asked) == 1


def test_from_when_a_new_objective_decides_goes_in_and_out() -> None:
    a_service(slug="web")
    noted = {"headroom/gates-from": "2026-03-20T08:00:00+02:00"}
    document = a_document(metadata__annotations=noted)
    text = text_of(a_document("DataSource", "prom"), document)
    assert apply({"f": text}, actor=MEASURER, at=T0).written
    objective = Objective.objects.get()
    assert objective.gates_from == datetime(2026, 3, 20, 6, tzinfo=UTC)
    written = yaml_of(exported(MEASURER))
    assert "2026-03-20T06:00:00Z" in written
    assert {one.action for one in apply({"f": written}, actor=MEASURER, at=T0).changes} == {"unchanged"}
    # A file that says nothing of it leaves it as it stands.
    silent = text_of(a_document("DataSource", "prom"), a_document())
    assert {one.action for one in apply({"f": silent}, actor=MEASURER, at=T0).changes} == {"unchanged"}
    late = a_document(metadata__annotations={"headroom/gates-from": "2036-01-01T00:00:00Z"})
    [wrong] = apply({"f": text_of(late)}, actor=MEASURER, at=T0).errors
    assert wrong.path == "metadata.annotations['headroom/gates-from']"
