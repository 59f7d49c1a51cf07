"""What is open or weak: found from what there is, gone once it is mended, and told to nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import OwnRole, Token, User
from itsm.accounts.named_rights import named_rights
from itsm.accounts.operations import issue_token
from itsm.continuity.models import ContinuityRun
from itsm.kernel.actors import Actor, Door
from itsm.retention.models import RetentionRule
from itsm.second_factors.models import SecurityKey
from itsm.security.findings import Finding, Gravity, all_findings

pytestmark = pytest.mark.django_db
PAGE = "/settings/security/"
OPERATOR = Actor.system("operator", Door.COMMAND)


def found(key: str) -> Finding | None:
    return next((one for one in all_findings() if one.key == key), None)


def test_a_token_with_all_rights_is_weak_until_it_is_revoked(admin: User) -> None:
    assert found("tokens-without-scopes") is None
    token, _text = issue_token(admin, actor=OPERATOR, name="backup script")
    weak = found("tokens-without-scopes")
    assert weak is not None
    assert weak.gravity == Gravity.WEAK
    assert [one.name for one in weak.records] == [f"backup script · {admin.username}"]
    assert weak.remedy
    Token.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    assert found("tokens-without-scopes") is None


def test_a_token_that_lives_for_years_or_is_not_used_is_told(admin: User) -> None:
    old = timezone.now() - timedelta(days=91)
    token, _text = issue_token(admin, actor=OPERATOR, name="for ever", allowed=["read"], lifetime=timedelta(days=800))
    assert found("long-lived-tokens") is not None
    assert found("unused-tokens") is None
    Token.objects.filter(pk=token.pk).update(created_at=old)
    unused = found("unused-tokens")
    assert unused is not None
    assert unused.count == 1
    Token.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
    assert found("unused-tokens") is None


def test_one_administrator_is_open_two_are_well_and_many_are_weak(admin: User, person: Callable[..., User]) -> None:
    assert found("one-administrator") is not None
    person("admin", username="second")
    assert found("one-administrator") is None
    assert found("administrators") is not None
    for number in range(4):
        person("admin", username=f"more-{number}")
    many = found("many-administrators")
    assert many is not None
    assert many.count == 6


def test_an_administrator_who_does_not_come_sleeps_sooner_than_others(admin: User, person: Callable[..., User]) -> None:
    agent = person("agent")
    User.objects.update(last_login=timezone.now())
    assert found("sleeping-accounts").gravity == Gravity.GOOD  # type: ignore[union-attr]
    User.objects.filter(pk=agent.pk).update(last_login=timezone.now() - timedelta(days=100))
    assert found("sleeping-accounts").gravity == Gravity.GOOD  # type: ignore[union-attr]
    User.objects.filter(pk=admin.pk).update(last_login=timezone.now() - timedelta(days=100))
    asleep = found("sleeping-accounts")
    assert asleep is not None
    assert asleep.gravity == Gravity.WEAK
    assert [one.name for one in asleep.records] == [str(admin)]


def test_how_it_runs_is_told(settings: Any) -> None:
    settings.SECURE_ORIGIN, settings.ALLOWED_HOSTS, settings.DEMO = False, ["*"], True
    settings.SECRET_KEY, settings.OUTGOING_ALLOW = "short", ["10.0.0.0/8", "10.2.3.4:9090", "10.2.0.0/16"]
    weak = {one.key: one for one in all_findings() if one.gravity == Gravity.WEAK}
    assert {"https", "any-host", "demo", "secret-key", "outgoing-allow"} <= set(weak)
    assert [one.name for one in weak["outgoing-allow"].records] == ["10.0.0.0/8"]
    settings.SECURE_ORIGIN, settings.ALLOWED_HOSTS, settings.DEMO = True, ["desk.example.com"], False
    settings.SECRET_KEY, settings.OUTGOING_ALLOW = "x" * 64, ["10.2.3.4:9090"]
    assert not {"https", "any-host", "demo", "secret-key", "outgoing-allow"} & {
        one.key for one in all_findings() if one.gravity == Gravity.WEAK
    }


def test_every_finding_that_is_not_well_says_what_helps(admin: User, settings: Any) -> None:
    settings.SECURE_ORIGIN, settings.ALLOWED_HOSTS, settings.DEBUG, settings.SECRET_KEY = False, ["*"], True, "x"
    issue_token(admin, actor=OPERATOR, name="all", lifetime=timedelta(days=800))
    there = all_findings()
    assert len({one.key for one in there}) == len(there)
    assert all(one.remedy for one in there if one.gravity != Gravity.GOOD)


def test_administrators_and_auditors_read_it_and_nobody_else(admin: User, auditor: User, agent: User) -> None:
    for reader, status in ((admin, 200), (auditor, 200), (agent, 403)):
        browser = Client()
        browser.force_login(reader, backend="itsm.accounts.backends.PeopleOnly")
        page = browser.get(PAGE)
        assert page.status_code == status
        assert ("finding-one-administrator" in page.content.decode()) == (status == 200)
        assert browser.get("/api/v1/security/").status_code == status
        assert browser.get(f"{PAGE}asvs/").status_code == status


def test_who_decides_with_a_password_alone_is_told_until_they_have_a_factor(admin: User) -> None:
    weak = found("deciders-without-factor")
    assert weak is not None
    assert weak.gravity == Gravity.WEAK
    assert [one.name for one in weak.records] == [str(admin)]
    SecurityKey.objects.create(
        user=admin, name="blue key", credential_id=b"1", public_key=b"2", created_at=timezone.now()
    )
    assert found("deciders-without-factor").gravity == Gravity.GOOD  # type: ignore[union-attr]
    assert found("no-factor-rule") is not None


def test_a_role_of_half_of_all_rights_is_wide_and_a_narrow_one_is_not(db: None) -> None:
    role = OwnRole.objects.create(slug="most", name="Most of it", rights=sorted(named_rights()))
    wide = found("wide-roles")
    assert wide is not None
    assert [one.name for one in wide.records] == ["Most of it"]
    OwnRole.objects.filter(pk=role.pk).update(rights=sorted(named_rights())[:3])
    assert found("wide-roles") is None


def test_what_is_kept_is_told_as_it_stands(db: None, admin: User) -> None:
    assert found("history").gravity == Gravity.OPEN  # type: ignore[union-attr]
    assert found("kept-for-ever") is not None
    assert found("single-sign-on").gravity == Gravity.OPEN  # type: ignore[union-attr]
    assert found("no-break-glass") is not None
    never = found("backups-1")
    assert never is not None
    assert never.gravity == Gravity.WEAK
    assert never.remedy == "make backup"
    at = timezone.now()
    for what in ("backup", "drill"):
        ContinuityRun.objects.create(what=what, passed=True, began_at=at, ended_at=at, of_at=at)
    assert found("backups").gravity == Gravity.GOOD  # type: ignore[union-attr]
    RetentionRule.objects.create(record_kind="delivery", months=6, active=True)
    assert found("kept-for-ever") is None
