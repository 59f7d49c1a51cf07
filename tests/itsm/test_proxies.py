"""Who the client is: named proxies are believed, from the right; nobody else is."""

import ipaddress

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client

from itsm.accounts.models import User
from itsm.api.proxies import TrustedProxies, client, networks

TRUSTED = ["192.0.2.10", "10.1.0.0/16", "2001:db8:1::/48"]
PEER, CLIENT, FORGED = "192.0.2.10", "203.0.113.7", "198.51.100.9"


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        (CLIENT, CLIENT),
        (f"{FORGED}, {CLIENT}", CLIENT),  # what a client wrote stands to the left of what the proxy saw
        (f"{FORGED}, {CLIENT}, 10.1.2.3", CLIENT),  # through two proxies of ours
        (f"{FORGED},{CLIENT} ,10.1.2.3,10.1.9.9", CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        ("[2001:db8:2::5]:4711", "2001:db8:2::5"),
        ("2001:db8:2::5, 2001:db8:1::1", "2001:db8:2::5"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("", PEER),
        (" , ", PEER),
        (f"{FORGED}, unknown", PEER),  # a chain that cannot be read is not read past
        (f"{FORGED}, _hidden, 10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),  # a proxy that asks for itself
        (f"{FORGED}, 300.1.1.1", PEER),
        (f"{'1.1.1.1, ' * 5000}{CLIENT}", CLIENT),
    ],
)
def test_the_rightmost_address_that_is_no_proxy_of_ours_counts(forwarded: str, found: str) -> None:
    assert str(client(ipaddress.ip_address(PEER), forwarded, networks(TRUSTED))) == found


def met(settings, peer: str, trusted: list[str], **headers: str) -> dict[str, str]:
    """What the application sees of a request."""
    settings.TRUSTED_PROXIES = trusted
    request, seen = HttpRequest(), {}
    request.META = {"REMOTE_ADDR": peer, **headers}

    def look(request: HttpRequest) -> HttpResponse:
        seen.update(request.META)
        return HttpResponse()

    TrustedProxies(look)(request)
    return seen


FORWARDED = {"HTTP_X_FORWARDED_FOR": FORGED, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_REAL_IP": FORGED}


@pytest.mark.parametrize("peer", [CLIENT, "::1", "127.0.0.1", "", "not-an-address", "2001:db8:2::5"])
def test_from_a_peer_that_is_not_listed_nothing_forwarded_is_seen(settings, peer: str) -> None:
    assert met(settings, peer, TRUSTED, **FORWARDED) == {"REMOTE_ADDR": peer}


def test_without_named_proxies_the_peer_is_the_client(settings) -> None:
    seen = met(settings, CLIENT, [], **FORWARDED)
    assert seen["REMOTE_ADDR"] == CLIENT
    assert "HTTP_X_FORWARDED_FOR" not in seen


@pytest.mark.parametrize("peer", ["192.0.2.10", "::ffff:192.0.2.10", "10.1.255.255", "2001:db8:1:2::3"])
def test_a_listed_proxy_is_believed_however_its_address_is_written(settings, peer: str) -> None:
    seen = met(settings, peer, TRUSTED, **FORWARDED)
    assert seen["REMOTE_ADDR"] == FORGED
    assert seen["HTTP_X_FORWARDED_PROTO"] == "https"


def test_a_name_that_is_no_network_is_refused_at_the_start(settings) -> None:
    settings.TRUSTED_PROXIES = ["proxy.example"]
    with pytest.raises(ImproperlyConfigured, match="HEADROOM_TRUSTED_PROXIES"):
        Client().get("/livez")


@pytest.mark.django_db
def test_guessing_is_locked_by_the_clients_address_behind_a_proxy_and_a_forged_one_helps_nobody(settings) -> None:
    settings.TRUSTED_PROXIES = TRUSTED
    User.objects.create_user("ada", "correct horse battery", roles=["engineer"])

    def sign_in(word: str, forwarded: str, peer: str = PEER) -> int:
        headers = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
        return Client().post("/sign-in/", {"username": "ada", "password": word}, **headers).status_code

    for guess in range(8):
        sign_in("wrong", f"198.51.100.{guess}, {CLIENT}")
    assert sign_in("correct horse battery", f"198.51.100.99, {CLIENT}") == 429
    assert sign_in("correct horse battery", "203.0.113.8") == 302  # a colleague behind the same proxy
    for guess in range(8):
        sign_in("wrong", f"203.0.113.{guess + 20}", peer="198.51.100.1")  # not a proxy of ours
    assert sign_in("correct horse battery", "203.0.113.40", peer="198.51.100.1") == 429
