"""Where messages may go: never inside, unless it is listed; judged at save, at a test, at each try and when sent again."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone

from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.notifications.models import Delivery
from itsm.webhooks import operations, sending
from itsm.webhooks.models import WebhookDelivery, WebhookEndpoint
from itsm.webhooks.receivers import endpoints
from tests.itsm.scripted_server import Scripted
from tests.itsm.test_outgoing import HOSTS, Listener
from tests.itsm.webhooks.conftest import leave

pytestmark = pytest.mark.django_db
Keep = Callable[..., WebhookEndpoint]


@pytest.fixture
def inside() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


ODD = [
    "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:1/_x", "//127.0.0.1/", "127.0.0.1", "http://", "http:/127.0.0.1",
    "javascript:1", "data:,x", "unix:///run/x", "http://127.0.0.1:99999/", "http://[/", "HTTP://127.0.0.1/", "http://example.com/",
    "https://user:word@example.com/", "https://example.com/\r\nX: y",
]  # fmt: skip


def targets(port: int) -> list[str]:
    return [*(f"{scheme}://{host}:{port}/hook" for scheme in ("http", "https") for host in HOSTS), *ODD]


def test_ninety_targets_are_refused_or_never_reached(inside: Listener, admin: User, open_one: Any) -> None:
    """At save; and where a row leads there all the same (a name may point elsewhere later): at a test, a try, a replay."""
    actor = actor_for(admin, Door.WEB)
    asked = targets(inside.port)
    assert len(asked) >= 90
    safe = operations.create(actor=actor, name="Safe", url="https://example.invalid/hook", events=["*"])[0]
    open_one()
    sent = WebhookDelivery.objects.select_related("endpoint", "event").get()
    refused = 0
    for url in asked:
        try:
            operations.create(actor=actor, name=url[:80] or "x", url=url, events=["incident.noted"])
        except InvalidInput as refusal:
            refused += "url" in refusal.errors
        else:
            WebhookEndpoint.objects.exclude(pk=safe.pk).delete()
        WebhookEndpoint.objects.filter(pk=safe.pk).update(url=url[:500], off_at=None)
        sent.endpoint.refresh_from_db()
        with suppress(InvalidInput):
            assert not operations.test(sent.endpoint, actor=actor, at=timezone.now()).ok
        Delivery.objects.update(due_at=timezone.now(), dead_at=None, attempts=0)
        assert leave() == 0
        with suppress(InvalidInput):
            operations.replay(sent, actor=actor)
        WebhookDelivery.objects.exclude(pk=sent.pk).delete()
        Delivery.objects.exclude(key=sent.key).delete()
    assert inside.came == []
    assert refused > 0.8 * len(asked)


def test_http_is_for_listed_addresses_alone(settings: Any, receiver: Scripted) -> None:
    sending.judged(receiver.url)
    settings.OUTGOING_ALLOW = []
    with pytest.raises(sending.OutgoingRefused):
        sending.judged(receiver.url)
    with pytest.raises(sending.OutgoingRefused):
        sending.judged("http://93.184.216.34/hook")
    sending.judged("https://93.184.216.34/hook")


@pytest.mark.parametrize(
    "secret", ["", "short", "whsec_==", "whsec_c2hvcnQ=", "no base64 at all !", "whsec_" + "A" * 400]
)
def test_a_credential_that_cannot_sign_is_refused(
    secret: str, keep: Keep, receiver: Scripted, settings: Any, tmp_path: Any
) -> None:
    (tmp_path / "odd").write_text(secret)
    settings.SECRETS_DIR = str(tmp_path)
    for name in ("odd", "missing", "../odd", "Odd"):
        with pytest.raises(InvalidInput) as refused:
            keep(receiver.url, credential=name)
        assert set(refused.value.errors) == {"credential"}
        assert not secret or secret not in str(refused.value.errors)


def test_everything_that_is_wrong_is_said_at_once(keep: Keep) -> None:
    with pytest.raises(InvalidInput) as refused:
        keep("http://127.0.0.1/", ["incident.resolvd"], form="pigeon", credential="none", only_team=True)
    assert set(refused.value.errors) == {"url", "events", "form", "credential", "team"}
    assert "incident.resolved" in refused.value.errors["events"][0]


def test_only_administrators_keep_them(
    agent: User, manager: User, receiver: Scripted, keep: Keep, open_one: Any
) -> None:
    endpoint = keep(receiver.url)
    open_one()
    sent = WebhookDelivery.objects.select_related("endpoint", "event").get()
    for person in (agent, manager):
        actor = actor_for(person, Door.WEB)
        for attempt in (
            lambda actor=actor: operations.create(actor=actor, name="x", url=receiver.url, events=["*"]),
            lambda actor=actor: operations.edit(endpoint, actor=actor, version=1, name="y"),
            lambda actor=actor: operations.rotate(endpoint, actor=actor, at=timezone.now()),
            lambda actor=actor: operations.switch_off(endpoint, actor=actor),
            lambda actor=actor: operations.switch_on(endpoint, actor=actor),
            lambda actor=actor: operations.test(endpoint, actor=actor, at=timezone.now()),
            lambda actor=actor: operations.delete(endpoint, actor=actor, version=1),
            lambda actor=actor: operations.replay(sent, actor=actor),
        ):
            with pytest.raises(NotPermitted):
                attempt()
        assert not WebhookEndpoint.objects.visible_to(actor).exists()


def test_a_change_is_known_at_once_here_and_within_seconds_elsewhere(
    keep: Keep, receiver: Scripted, admin: User
) -> None:
    endpoint = keep(receiver.url)
    assert endpoints() == [endpoint]
    operations.switch_off(endpoint, actor=actor_for(admin, Door.WEB))
    assert endpoints() == []
    WebhookEndpoint.objects.update(off_at=None)  # as another process does
    assert endpoints() == []
    endpoints._read_at -= 2
    assert endpoints() == [endpoint]
