"""Clients that are known by the address of a document: read over TLS from a real server, judged, kept, read again."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.oauth import documents
from itsm.oauth.models import OAuthClient, OAuthCode, OAuthGrant
from tests.itsm.oauth.flow import BACK, Flow, registered
from tests.itsm.oauth.published import Published, publishing
from tests.itsm.scripted_server import Authority, Reply, an_authority

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return an_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def site(authority: Authority, settings: Any) -> Iterator[Published]:
    with publishing(authority, settings) as made:
        yield made


@pytest.fixture
def flow(web: Callable[[User], Client], engineer: User, site: Published) -> Flow:
    return Flow(web(engineer), site.client_id)


def yes(flow: Flow, **said: Any) -> Any:
    """What a person's yes to the page that they see is answered with."""
    client = OAuthClient.objects.filter(client_id=flow.client_id).first()
    return flow.consents(**{"told": documents.told(client) if client else "", **said})


def refused(flow: Flow) -> tuple[str, str]:
    answer = flow.web.get(flow.address())
    assert answer.status_code == 400, answer.content
    assert not answer.has_header("Location")
    assert not OAuthClient.objects.exists()
    return answer.context["error"], answer.context["detail"]


def test_a_program_without_registration_is_let_in_by_its_address(flow: Flow, site: Published) -> None:
    document = flow.web.get("/.well-known/oauth-authorization-server").json()
    assert document["client_id_metadata_document_supported"] is True
    assert document["registration_endpoint"]
    page = flow.web.get(flow.address()).content.decode()
    assert f'A program of <strong class="mono words" dir="ltr">{site.host}</strong> that calls itself' in page
    assert site.client_id in page
    assert "a program on your machine" in page
    asked = site.server.asked[0]
    assert (asked.method, asked.path, asked.headers["Accept"]) == ("GET", site.path, "application/json")
    assert not {"Cookie", "Authorization"} & {*asked.headers}
    given = flow.tokens(flow.code(told=documents.told(OAuthClient.objects.get())))
    assert given.status_code == 200, given.content
    assert flow.refreshed(given.json()["refresh_token"]).status_code == 200
    assert len(site.server.asked) == 1  # neither the yes nor the tokens had it read again


def test_its_ports_are_any_and_its_addresses_exact(flow: Flow, site: Published) -> None:
    site.said["redirect_uris"] = ["http://127.0.0.1/callback", "https://app.invalid/cb", "http://localhost"]
    for back, status in (
        (BACK, 200), ("http://127.0.0.1:1/callback", 200), ("http://localhost:33418/", 200),
        ("https://app.invalid/cb", 200), ("https://app.invalid:444/cb", 400), ("https://app.invalid/cb/", 400),
        ("http://127.0.0.1:1/other", 400), ("https://evil.invalid/cb", 400),
    ):  # fmt: skip
        assert flow.web.get(flow.address(redirect_uri=back)).status_code == status, back


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"client_id": "https://127.0.0.1/agent/client.json"}, "invalid_client_metadata", "another client_id"),
        ({"client_id": None}, "invalid_client_metadata", "another client_id"),
        ({"client_name": None}, "invalid_client_metadata", "client_name"),
        ({"client_name": "x" * 101}, "invalid_client_metadata", "at most 100"),
        ({"redirect_uris": None}, "invalid_redirect_uri", "1 to 20"),
        ({"redirect_uris": []}, "invalid_redirect_uri", "1 to 20"),
        (
            {"redirect_uris": ["http://app.invalid/"]},
            "invalid_redirect_uri",
            "A redirect URI is",
        ),
        ({"redirect_uris": [f"http://127.0.0.1/{one}" for one in range(21)]}, "invalid_redirect_uri", "1 to 20"),
        ({"redirect_uris": "http://127.0.0.1/callback"}, "invalid_client_metadata", ""),
        ({"redirect_uris": [7]}, "invalid_client_metadata", ""),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata", "public clients"),
        ({"token_endpoint_auth_method": "client_secret_post"}, "invalid_client_metadata", "public clients"),
        ({"client_secret": "x"}, "invalid_client_metadata", "public clients"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata", "authorization_code"),
        ({"response_types": ["token"]}, "invalid_client_metadata", "response_types"),
        ({"logo_uri": "x" * 6_000}, "invalid_client_metadata", "longer than 5120"),
    ],
)
def test_a_document_that_is_not_as_it_should_be_is_not_believed(
    flow: Flow, site: Published, said: dict[str, Any], error: str, words: str
) -> None:
    site.said.update(said)
    told = refused(flow)
    assert told[0] == error
    assert words in told[1]
    assert yes(flow).status_code == 400
    assert not OAuthCode.objects.exists()


def test_what_is_no_document_is_refused_by_how_it_comes(flow: Flow, site: Published) -> None:
    for status in (302, 404, 500, 204):
        site.status = status
        assert refused(flow) == ("invalid_client", f"The address of this client answers {status}, not 200; redirects "
                                                   "are not followed.")  # fmt: skip
    site.status, site.headers = 200, {"Content-Type": "text/html"}
    assert "application/json" in refused(flow)[1]
    site.headers = {"Content-Type": "application/client+json; charset=utf-8"}
    site.server.answer = lambda asked: Reply(body=b"[]", headers=site.headers)
    assert "JSON object" in refused(flow)[1]
    assert {asked.path for asked in site.server.asked} == {site.path}  # nobody followed the redirect


@pytest.mark.parametrize(
    "client_id",
    [
        "https://127.0.0.1:1", "https://127.0.0.1:1/a/../b", "https://127.0.0.1:1/%2e%2e/b", "https://127.0.0.1:1/./b",
        "https://127.0.0.1:1/a#b", "https://u:p@127.0.0.1:1/a", "https:///a", "https://exämple.com/a",
        "https://127.0.0.1%2f.evil.invalid/a", "https://127.0.0.1:99999/a", "https://127.0.0.1:1/" + "a" * 400, "https://127.0.0.1:1/a b", "https://a\\b/c",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_not_asked(flow: Flow, settings: Any, client_id: str) -> None:
    settings.OUTGOING_ALLOW = ["127.0.0.1:1"]
    flow.client_id = client_id
    assert refused(flow)[0] == "invalid_client"
    assert "is https with a path" in refused(flow)[1]


def test_nobody_has_the_desk_ask_what_is_inside(flow: Flow, site: Published, settings: Any) -> None:
    """A network that is listed for data sources opens nothing to whoever is signed in; http is no address of a client."""
    settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
    error, words = refused(flow)
    assert error == "invalid_client"
    assert "private address" in words
    assert "HEADROOM_CLIENT_DOCUMENTS" in words
    page = flow.web.get(flow.address()).content.decode()
    assert "This desk could not read who asks" in page
    assert "not safe" not in page
    flow.client_id = site.client_id.replace("https:", "http:")
    settings.OUTGOING_ALLOW = [site.host]
    assert refused(flow)[0] == "invalid_client"
    assert site.server.asked == []


def test_a_certificate_that_nobody_knows_vouches_for_nothing(flow: Flow, site: Published, settings: Any) -> None:
    settings.CA_BUNDLE = ""
    assert "not known here" in refused(flow)[1]


def test_a_desk_that_reaches_nothing_outside_says_that_it_takes_none(
    flow: Flow, site: Published, settings: Any
) -> None:
    settings.CLIENT_DOCUMENTS = False
    document = flow.web.get("/.well-known/oauth-authorization-server").json()
    assert document["client_id_metadata_document_supported"] is False
    assert "register" in refused(flow)[1]
    assert site.server.asked == []
    flow.client_id = registered(flow.program)  # the other door is open
    assert flow.tokens(flow.code()).status_code == 200


@pytest.mark.parametrize(
    ("header", "age", "expected"),
    [
        ("", "", timedelta(hours=1)),
        ("max-age=7200", "", timedelta(hours=2)),
        ("public, max-age=7200", "3600", timedelta(hours=1)),
        ("max-age=0", "", timedelta(minutes=5)),
        ("no-store, max-age=7200", "", timedelta(minutes=5)),
        ("max-age=99999999", "", timedelta(days=1)),
        ("max-age=x", "y", timedelta(hours=1)),
    ],
)
def test_it_counts_as_long_as_its_server_says_within_bounds(
    flow: Flow, site: Published, header: str, age: str, expected: timedelta
) -> None:
    site.headers |= {"Cache-Control": header, "Age": age}
    assert flow.web.get(flow.address()).status_code == 200
    kept = OAuthClient.objects.get()
    assert kept.read_at is not None
    assert kept.fresh_until == kept.read_at + expected


def test_a_list_that_changed_ends_nothing_and_asks_anew(flow: Flow, site: Published) -> None:
    flow.web.get(flow.address())
    given = flow.tokens(flow.code(told=documents.told(OAuthClient.objects.get()))).json()
    page = flow.web.get(flow.address())
    site.said["redirect_uris"] = ["http://127.0.0.1/callback", "https://new.invalid/cb"]
    assert "since you last let it in" not in flow.web.get(flow.address()).content.decode()  # what was read counts still
    OAuthClient.objects.update(fresh_until=timezone.now())
    stale = flow.consents(told=page.context["told"])
    assert stale.status_code == 422
    assert "has changed since you opened this page" in stale.content.decode()
    assert "than when you last let it in" in stale.content.decode()
    assert OAuthCode.objects.count() == 1
    assert flow.refreshed(given["refresh_token"]).status_code == 200
    assert OAuthGrant.objects.get().ended_at is None
    noted = Entry.objects.get(event="oauth_client.changed")
    assert noted.changes["redirect_uris"][1] == site.said["redirect_uris"]
    assert flow.tokens(flow.code(told=stale.context["told"])).status_code == 200
    assert "than when you last let it in" not in flow.web.get(flow.address()).content.decode()


def test_where_it_went_back_to_and_may_no_more_leads_nowhere(flow: Flow, site: Published) -> None:
    flow.web.get(flow.address())
    site.said["redirect_uris"] = ["https://new.invalid/cb"]
    OAuthClient.objects.update(fresh_until=timezone.now())
    answer = yes(flow)
    assert (answer.status_code, answer.context["error"]) == (400, "invalid_request")
    assert not OAuthCode.objects.exists()


def test_one_that_cannot_be_read_again_is_asked_about_no_more_and_keeps_what_it_was_given(
    flow: Flow, site: Published
) -> None:
    flow.web.get(flow.address())
    given = flow.tokens(flow.code(told=documents.told(OAuthClient.objects.get()))).json()
    site.status = 503
    OAuthClient.objects.update(fresh_until=timezone.now())
    answer = flow.web.get(flow.address())
    assert (answer.status_code, answer.context["error"]) == (400, "invalid_client")
    assert flow.refreshed(given["refresh_token"]).status_code == 200


def test_nobody_brings_programs_without_end(flow: Flow, site: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itsm.oauth.registering.MOST_FROM_ONE", 2)
    for one in range(3):
        site.path = f"/{one}.json"
        flow.client_id = site.client_id
        answer = flow.web.get(flow.address())
        assert answer.status_code == (200 if one < 2 else 400)
    assert answer.context["error"] == "temporarily_unavailable"
    assert len(site.server.asked) == 2


def test_what_strangers_register_uses_up_nothing_of_what_people_bring(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itsm.oauth.registering.MOST", 2)
    for _one in range(2):
        registered(flow.program)
    assert flow.web.get(flow.address()).status_code == 200
    assert OAuthClient.objects.filter(read_at=None).count() == 2


def test_few_are_read_at_once_and_one_for_each_person(flow: Flow, engineer: User) -> None:
    with documents._room(-1), documents._room(-2):
        assert refused(flow)[0] == "temporarily_unavailable"
    with documents._room(engineer.pk):
        assert refused(flow)[0] == "temporarily_unavailable"
    assert flow.web.get(flow.address()).status_code == 200


def test_the_agents_page_says_who_vouches(flow: Flow, site: Published) -> None:
    flow.web.get(flow.address())
    flow.tokens(flow.code(told=documents.told(OAuthClient.objects.get())))
    grant = OAuthGrant.objects.select_related("agent__account").get()
    assert site.host in flow.web.get(f"/oauth/consents/of/{grant.agent.reference}/").content.decode()
