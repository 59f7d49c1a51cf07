"""A company from one file: the plan first, then all of it or nothing, and the same file again changes nothing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.environments.models import Environment
from catalog.models import Service
from catalog.services.operations.dependencies import dependency_slugs
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from itsm.setup.company import read_company
from itsm.setup.founding import Founding, found
from slo.models import DataSource, Objective
from tests.together import each_of

pytestmark = pytest.mark.django_db
OPERATOR = Actor.system("tests", Door.COMMAND)
README = Path(__file__).parents[3] / "README.md"

COMPANY = """
teams: [payments, {name: Platform Team, slug: platform}]
environments:
  - {name: production-eu, aliases: [eu], production: true}
people:
  - {login: ada, name: Ada Lovelace, email: ada@shop.example, roles: [admin]}
  - {login: erin, roles: [engineer], teams: [payments]}
services:
  - {name: Checkout, team: payments, owner: erin, tier: 1, depends_on: [Ledger, {any_of: [cdn-a, cdn-b], needs: 1}]}
  - {name: Ledger, team: payments}
  - {slug: cdn-a}
  - {slug: cdn-b}
sources:
  - {slug: prom, url: "https://prometheus.shop.example"}
objectives: [slos]
"""
SLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout-availability, annotations: {headroom/environment: eu}}
spec:
  service: checkout
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{target: 0.999}]
  indicator:
    metadata: {name: checkout-requests}
    spec:
      ratioMetric:
        counter: false
        good: {metricSource: {type: Prometheus, metricSourceRef: prom, spec: {query: good}}}
        total: {metricSource: {type: Prometheus, metricSourceRef: prom, spec: {query: total}}}
"""


def founded(text: str = COMPANY, **options: Any) -> Founding:
    return found(read_company("company.yml", text), actor=OPERATOR, at=timezone.now(), **options)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "checkout.yaml").write_text(SLO)
    (tmp_path / "company.yml").write_text(COMPANY)
    return tmp_path


def test_a_dry_run_shows_everything_and_writes_nothing(folder: Path, capsys: Any) -> None:
    before = Entry.objects.count()
    call_command("found", str(folder / "company.yml"), "--dry-run")
    said = capsys.readouterr().out
    for line in ("+ team payments", "+ person ada: admin", "+ service checkout", "+ environment production-eu",
                 "+ source prom", "+ objective checkout-availability", "Nothing was written"):  # fmt: skip
        assert line in said
    assert (User.objects.count(), Service.objects.count(), Entry.objects.count()) == (0, 0, before)


def test_it_stands_then_and_the_same_again_changes_nothing(folder: Path, capsys: Any) -> None:
    call_command("found", str(folder / "company.yml"))
    assert "setup_link" in capsys.readouterr().out, "nobody has a password by a file"
    assert set(Team.objects.filter(triage=False).values_list("slug", "name")) == {
        ("payments", "payments"),
        ("platform", "Platform Team"),
    }
    checkout = Service.objects.get(slug="checkout")
    assert (checkout.tier, str(checkout.owner), checkout.team_id) == (1, "erin", Team.objects.get(slug="payments").pk)
    arrows = dependency_slugs(checkout)
    assert arrows == ["cdn-a", "cdn-b", "ledger"]
    assert Environment.objects.get(name="production-eu").is_production
    assert Objective.objects.get().environment == "production-eu"
    assert not any(one.has_usable_password() for one in User.objects.all())
    entries = Entry.objects.count()
    call_command("found", str(folder / "company.yml"))
    assert re.search(r"^= \d+ as they are$", capsys.readouterr().out, re.M)
    assert Entry.objects.count() == entries


def test_a_source_with_a_private_address_is_said_with_the_way_to_allow_it(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "company.yml"
    file.write_text('sources: [{slug: prom, url: "http://127.0.0.1:9090"}]')
    call_command("found", str(file))
    assert "./manage.py setting set outgoing_allow 127.0.0.1:9090" in capsys.readouterr().out


def test_what_changed_in_the_file_is_changed(folder: Path) -> None:
    founded(COMPANY.replace("objectives: [slos]", ""))
    changed = COMPANY.replace("objectives: [slos]", "").replace("aliases: [eu]", "aliases: [eu, emea]")
    changed = changed.replace("- {name: Ledger, team: payments}", "- {name: Ledger, team: platform, tier: 2}")
    changed = changed.replace("roles: [engineer]", "roles: [agent]")
    outcome = founded(changed)
    assert outcome.written, outcome.problems
    done = {(one.kind, one.name): one.action for one in outcome.deeds if one.action != "unchanged"}
    assert done == {
        ("environment", "production-eu"): "updated", ("service", "ledger"): "updated", ("person", "erin"): "differs",
    }  # fmt: skip
    assert User.objects.get(username="erin").roles == ["engineer"], "roles are given by people, on a page"


@each_of(
    ("broken", "said"),
    [
        ("teem: [x]", "teem: not known"),
        ("people: [{login: x, roles: [king]}]", "people[0]: There is no role called king"),
        ("people: [{login: x, teams: [nowhere]}]", "people[0]: There is no team nowhere"),
        ("people: [{login: x, password: y}]", "people[0].password: not known"),
        ("services: [{name: X, team: nowhere}]", "services[0] (x): There is no team"),
        ("services: [{name: X, depends_on: [nowhere]}]", "There is no service “nowhere”"),
        ("services: [{name: X, tier: 7}]", "services[0].tier: 1 to 4"),
        ("environments: [{name: eu, aliases: [prod]}]", "already means production"),
        ("environments: [{name: production, production: false}]", "always judged as production"),
        ("sources: [{slug: x, url: nonsense}]", "sources[0]:"),
        ("teams: {a: b}", "teams: a list is needed"),
        ("- just\n- a list", "One document is needed"),
        ("a: [", "This is not YAML"),
    ],
)
def test_what_cannot_be_is_said_with_its_place_and_nothing_is_written(broken: str, said: str) -> None:
    outcome = founded(f"{broken}\n")
    assert any(said in problem for problem in outcome.problems), outcome.problems
    assert not outcome.written
    assert (User.objects.count(), Service.objects.count(), DataSource.objects.count()) == (0, 0, 0)


def test_everything_wrong_is_said_at_once() -> None:
    outcome = founded("people: [{login: x, roles: [king]}]\nsources: [{slug: y, url: nonsense}]\nteams: ['']\n")
    assert len(outcome.problems) == 3, outcome.problems


def test_a_missing_file_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "company.yml").write_text("objectives: [nowhere.yml]\n")
    with pytest.raises(CommandError, match="No such file"):
        call_command("found", str(tmp_path / "company.yml"))


def test_nobody_but_an_administrator_founds(engineer: User) -> None:
    with pytest.raises(NotPermitted):
        found(read_company("f", "teams: [x]"), actor=actor_for(engineer, Door.WEB), at=timezone.now())


def test_the_example_of_the_readme_is_one(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(teams:.*?)```", README.read_text(), re.S)
    outcome = founded(example.replace("objectives: [slos/]", ""))
    assert outcome.written, outcome.problems
