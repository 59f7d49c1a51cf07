"""A sync: everybody is who they are there, a leaver is out within five minutes, and odd answers take nothing away."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import Session, Team, Token, User
from itsm.clocks import due
from itsm.clocks.models import Due
from itsm.directory import forgetting, running, syncing
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.operations import ask_preview, ask_sync, let_go
from itsm.directory.syncing import promise, show, sync
from itsm.identity.models import ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations import deprovision
from itsm.kernel.errors import NotPermitted, WrongState
from itsm.notifications.models import Notification
from tests.conftest import SYSTEM
from tests.itsm.directory.conftest import COMPANY, at, configure, dn
from tests.itsm.directory.slapd import PLAIN, Slapd, person

pytestmark = pytest.mark.django_db


def counts(run: SyncRun | None) -> dict[str, int]:
    assert run is not None
    assert run.outcome == "done", run.sentence
    said = {name: getattr(run, name) for name in ("made", "changed", "left", "back", "refused", "failed")}
    return {name: count for name, count in said.items() if count}


def named(name: str) -> User:
    return ExternalIdentity.objects.get(user__username=name).user


@pytest.fixture
def mapped(provider: IdentityProvider, admin: User, payments: Team) -> None:
    for group, said in (("sre", {"role": "engineer"}), ("engineering", {"team": payments})):
        GroupMapping.objects.create(
            provider=provider, group=f"cn={group},ou=groups,{PLAIN}", mapped_by=admin, asked_at=at(-60),
            trusted_at=at(-60), **said,
        )  # fmt: skip


@pytest.mark.usefixtures("mapped")
def test_everybody_is_in_the_right_team_and_a_second_sync_changes_nothing(
    provider: IdentityProvider, payments: Team
) -> None:
    assert counts(sync(provider, at=at(0))) == {"made": 10}
    assert sorted(payments.members.values_list("username", flat=True)) == ["ada", "grace", "linus"]
    assert named("ada").roles == ["engineer", "requester"]
    assert (named("ada").email, named("ada").name) == ("ada@example.org", "Ada")
    assert counts(sync(provider, at=at(2))) == {}


@pytest.mark.parametrize("way", ["gone", "disabled", "moved out"])
def test_a_leaver_is_out_within_five_minutes(provider: IdentityProvider, company: Slapd, web: Any, way: str) -> None:
    """By instants: what is promised and done, the sweeps as they come, one each minute."""
    start = timezone.now()
    sync(provider, at=start)
    ada = named("ada")
    browser = web(ada)
    token, _text = accounts.issue_token(ada, actor=SYSTEM, name="hers")
    promise(start)
    if way == "gone":
        company.remove(dn("ada"))
    elif way == "disabled":
        company.change(dn("ada"), description="disabled")
    else:
        with company.root() as root:
            assert root.modify_dn(dn("ada"), "uid=ada", new_superior=f"ou=others,{PLAIN}")
    began: list[Any] = []
    for minute in range(1, 6):
        promised = due.promised(syncing.SYNCING, IdentityProvider.kind, provider.pk)
        assert promised is not None
        if promised <= start + timedelta(minutes=minute):
            now = start + timedelta(minutes=minute)
            due.sweep(now)
            began.append(sync(provider, at=now))  # what the sweep begins beside itself
            if not User.objects.get(pk=ada.pk).is_active:
                break
    assert minute <= 4
    assert counts(began[-1]) == {"left": 1}
    assert browser.get("/profile/").status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert Token.objects.get(pk=token.pk).revoked_at is not None


def test_who_comes_back_comes_back_and_whom_an_administrator_closed_does_not(
    provider: IdentityProvider, company: Slapd
) -> None:
    sync(provider, at=at(0))
    company.change(dn("ada"), description="disabled")
    accounts.deactivate(named("linus"), actor=SYSTEM)
    assert counts(sync(provider, at=at(2))) == {"left": 1}
    company.change(dn("ada"), description=None, displayName="Ada L.")
    assert counts(sync(provider, at=at(4))) == {"back": 1}
    assert (named("ada").is_active, named("ada").name) == (True, "Ada L.")
    assert not named("linus").is_active


@pytest.mark.parametrize("gone", ["everybody", "many", "nobody is there"])
def test_an_odd_answer_waits_for_a_person(
    provider: IdentityProvider, company: Slapd, admin: User, as_actor: Any, gone: str
) -> None:
    sync(provider, at=at(0))
    leavers = {"many": COMPANY[:4], "everybody": COMPANY, "nobody is there": COMPANY}[gone]
    if gone == "nobody is there":
        configure(provider, people_filter="(objectClass=device)")
    else:
        company.remove(*map(dn, leavers))
    run = sync(provider, at=at(2))
    assert run is not None
    assert (run.outcome, run.left) == ("held", 0)
    assert "answered oddly" in run.sentence
    assert User.objects.filter(username__in=COMPANY, is_active=True).count() == 10
    assert Notification.objects.filter(to=admin, subject__contains="answered oddly").count() == 1
    sync(provider, at=at(4))
    assert Notification.objects.filter(to=admin, subject__contains="answered oddly").count() == 1
    held = DirectorySync.objects.get()
    let_go(held, actor=as_actor(admin), version=held.version, at=at(5))
    assert counts(sync(provider, at=at(6))) == {"left": len(leavers)}
    assert DirectorySync.objects.get().held_since is None
    assert User.objects.filter(username__in=COMPANY, is_active=True).count() == 10 - len(leavers)


def test_whom_a_person_let_go_are_those_and_nobody_else(
    provider: IdentityProvider, company: Slapd, admin: User, as_actor: Any
) -> None:
    sync(provider, at=at(0))
    company.remove(*map(dn, COMPANY[:4]))
    sync(provider, at=at(2))
    held = DirectorySync.objects.get()
    let_go(held, actor=as_actor(admin), version=held.version, at=at(3))
    company.remove(dn("alan"))  # a fifth, after that was said
    run = sync(provider, at=at(4))
    assert run is not None
    assert run.outcome == "held"


def test_a_few_leave_without_anybody_being_asked(provider: IdentityProvider, company: Slapd) -> None:
    sync(provider, at=at(0))
    company.remove(*map(dn, COMPANY[:3]))
    assert counts(sync(provider, at=at(2))) == {"left": 3}


@pytest.mark.parametrize(
    "broken",
    [{"credential": "not-there"}, {"base_dn": f"ou=gone,{PLAIN}"}, {"port": 9}, {"group_base": f"ou=gone,{PLAIN}"}],
)
def test_what_was_not_read_takes_nothing_from_anybody(
    provider: IdentityProvider, company: Slapd, broken: dict[str, Any]
) -> None:
    sync(provider, at=at(0))
    company.remove(dn("ada"))
    configure(provider, **broken)
    run = sync(provider, at=at(2))
    assert run is not None
    assert run.outcome == "failed"
    assert run.sentence
    assert named("ada").is_active
    held, provider = DirectorySync.objects.get(), IdentityProvider.objects.get()
    assert held.failing_since is not None
    assert provider.last_error == run.sentence[:300]


def test_only_what_changed_is_read(provider: IdentityProvider, company: Slapd) -> None:
    sync(provider, at=at(0))
    configure(provider, makes_accounts=False)
    assert sync(provider, at=at(2)).whole  # type: ignore[union-attr] -- it was set up otherwise
    company.change(dn("grace"), displayName="Grace H.")
    company.change(f"cn=sre,ou=groups,{PLAIN}", member=[dn("ada"), dn("grace"), dn("tim")])
    run = sync(provider, at=at(4))
    assert run is not None
    assert not run.whole
    assert counts(run) == {"changed": 2}
    assert named("grace").name == "Grace H."
    assert f"cn=engineering,ou=groups,{PLAIN}" in ExternalIdentity.objects.get(user__username="tim").groups
    company.remove(dn("alan"))
    assert counts(sync(provider, at=at(6))) == {"left": 1}
    assert sync(provider, at=at(60 * 25)).whole  # type: ignore[union-attr]


def test_a_preview_writes_nothing_of_anybody(
    provider: IdentityProvider, company: Slapd, admin: User, as_actor: Any, agent: User
) -> None:
    IdentityProvider.objects.update(trusted_at=None)  # as it is tried before it is trusted
    provider.refresh_from_db()
    with pytest.raises(NotPermitted):
        ask_preview(provider, actor=as_actor(agent), at=at(0))
    with pytest.raises(WrongState):
        ask_sync(provider, actor=as_actor(admin), at=at(0))
    run = ask_preview(provider, actor=as_actor(admin), at=at(0))
    assert ask_preview(provider, actor=as_actor(admin), at=at(0)) == run
    assert Due.objects.filter(name=syncing.PREVIEWING, record_id=run.pk).exists()
    run = show(run, at=at(0))
    assert (run.outcome, run.made, run.found) == ("done", 10, 10)
    assert "ada" in [line["who"] for line in run.lines]
    assert not ExternalIdentity.objects.exists()
    assert not DirectorySync.objects.exists()
    assert promise(at(0)) == 0
    assert show(run, at=at(0)).lines == run.lines


def test_a_sync_is_promised_and_promises_the_next(provider: IdentityProvider, django_capture_on_commit_callbacks: Any,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    begun: list[Any] = []
    monkeypatch.setattr(running, "_beside", lambda *said: begun.append(said[:2]))
    now = timezone.now()
    assert (promise(now), promise(now)) == (1, 0)
    with django_capture_on_commit_callbacks(execute=True):
        due.sweep(now)
    assert begun == [("sync", provider.pk)]
    assert due.promised(syncing.SYNCING, IdentityProvider.kind, provider.pk) == now + timedelta(minutes=2)
    IdentityProvider.objects.update(withdrawn_at=now)
    due.sweep(now + timedelta(minutes=3))
    assert due.promised(syncing.SYNCING, IdentityProvider.kind, provider.pk) is None


def test_while_one_run_holds_it_another_does_nothing(provider: IdentityProvider) -> None:
    held = syncing.sync_of(provider, at(0))
    held.busy_until = at(1)
    held.save()
    assert sync(provider, at=at(0)) is None
    held.busy_until = at(-1)
    held.save()
    assert counts(sync(provider, at=at(0))) == {"made": 10}


def test_a_run_that_was_thought_dead_writes_nothing_more(
    provider: IdentityProvider, company: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps after it looked, another one begins and ends, and it wakes up with what it saw then."""
    sync(provider, at=at(0))
    company.remove(dn("ada"))
    looked = syncing.look

    def asleep(*said: Any, **more: Any) -> Any:
        found = looked(*said, **more)
        DirectorySync.objects.update(busy_until=at(-1))
        company.add(person("ada"))
        monkeypatch.setattr(syncing, "look", looked)
        DirectorySync.objects.update(run=None)
        return found

    monkeypatch.setattr(syncing, "look", asleep)
    run = sync(provider, at=at(2))
    assert run is not None
    assert run.outcome == "broken_off"
    assert named("ada").is_active


def test_what_was_left_by_who_was_killed_the_next_run_does(provider: IdentityProvider, company: Slapd,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    sync(provider, at=at(0))
    company.remove(dn("ada"), dn("alan"))
    done: list[str] = []

    def once(*said: Any, **more: Any) -> Any:
        if done:
            raise SystemExit
        done.append("")
        return deprovision(*said, **more)

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "deprovision", once)
        with pytest.raises(SystemExit):
            sync(provider, at=at(2))
    assert User.objects.filter(username__in=("ada", "alan"), is_active=True).count() == 1
    DirectorySync.objects.update(busy_until=at(-1))  # nobody said for so long that it lives
    assert counts(sync(provider, at=at(4))) == {"left": 1}
    assert SyncRun.objects.filter(outcome="broken_off").count() == 1


def test_the_command(provider: IdentityProvider, capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import CommandError, call_command

    call_command("sync_directory", "corp", "--preview")
    assert "made ada" in capsys.readouterr().out
    assert not ExternalIdentity.objects.exists()
    call_command("sync_directory")
    assert "made 10" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("sync_directory", "nobody")
    configure(provider, base_dn=f"ou=gone,{PLAIN}")
    with pytest.raises(CommandError, match="corp"):
        call_command("sync_directory")


def test_runs_name_nobody_who_was_erased(provider: IdentityProvider, company: Slapd) -> None:
    sync(provider, at=at(0))
    ada = named("ada")
    company.remove(dn("ada"))
    sync(provider, at=at(2))
    subject = ExternalIdentity.objects.get(user=ada).subject
    assert forgetting.count(ada) == 2
    assert forgetting.forget(ada) == 2
    assert not SyncRun.objects.filter(lines__contains=[{"subject": subject}]).exists()
    assert forgetting.count(ada) == 0
    assert SyncRun.objects.get(made=10).left == 0
