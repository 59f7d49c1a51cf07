"""Sign-in by OpenID Connect, with a provider of the tests' own that may lie in every way."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client, RequestFactory
from django.utils import timezone

from itsm.accounts.models import Session, User
from itsm.accounts.signing_in import complete_sign_in
from itsm.identity import operations
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import ExternalIdentity, IdentityProvider, RefusedSignIn
from itsm.identity.vocabulary import SignUp
from itsm.second_factors.models import CodeApp, FactorRule
from itsm.single_sign_on import once
from itsm.single_sign_on.models import ProviderSession, UsedAnswer
from tests.itsm.single_sign_on.oidc_provider import CLIENT, Provider
from tests.itsm.workload_identity.issuer import by_hand, ec_key, encoded, public, rsa_key

pytestmark = pytest.mark.django_db
BACK = "/sign-in/with/acme/back/"


def pem(key: Any, *, public: bool = False) -> bytes:
    encoding, info = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    if public:
        return bytes(key.public_key().public_bytes(encoding, info))
    return bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def begun(client: Client, next_url: str = "", slug: str = "acme", **more: str) -> str:
    answer = client.get(f"/sign-in/with/{slug}/", {"next": next_url, **more})
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def signed_in(client: Client, there: Provider, next_url: str = "", **claims: Any) -> Any:
    return client.get(BACK, there.sign_in(begun(client, next_url), **claims))


def who(client: Client) -> str | None:
    pk = client.session.get("_auth_user_id")
    return None if pk is None else User.objects.get(pk=pk).username


def reason() -> str:
    """Why it was refused, in the administrators' words."""
    return RefusedSignIn.objects.latest("pk").sentence


def test_somebody_comes_in(there: Provider, acme: IdentityProvider) -> None:
    client = Client()
    address = begun(client, "/incidents/")
    asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"].endswith(BACK)
    answer = client.get(BACK, there.sign_in(address, amr=["pwd", "mfa"]))
    assert (answer.status_code, answer["Location"]) == (302, "/incidents/")
    assert who(client) == "ada"
    (form,) = there.forms
    assert len(form["code_verifier"][0]) >= 43
    session = Session.objects.get(user__username="ada")
    assert (session.by, session.strong) == ("provider:acme", True)
    assert ExternalIdentity.objects.get().subject == "a-1"
    assert not RefusedSignIn.objects.exists()


def test_the_sign_in_page_shows_it_and_no_draft(there: Provider, acme: IdentityProvider, connect: Any) -> None:
    connect(there.url, "draft", trusted_at=None)
    page = Client().get("/sign-in/?next=/incidents/").content.decode()
    assert "Sign in with Acme" in page
    assert "/sign-in/with/acme/?next=%2Fincidents%2F" in page
    assert "Draft" not in page
    assert Client().get("/sign-in/with/draft/").status_code == 404
    assert Client().get("/sign-in/with/nobody/").status_code == 404


@pytest.mark.parametrize("next_url", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(next_url: str, there: Provider, acme: IdentityProvider) -> None:
    assert signed_in(Client(), there, next_url)["Location"] == "/"


def _none(claims: dict[str, Any]) -> str:
    return by_hand({"alg": "none", "kid": "k1"}, claims)


def _hs256(claims: dict[str, Any]) -> str:
    from cryptography.hazmat.primitives import serialization

    pem = rsa_key().public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    return by_hand({"alg": "HS256", "kid": "k1"}, claims, pem)


def _signed(key: Any, **header: Any) -> Callable[[dict[str, Any]], str]:
    return lambda claims: jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1", **header})


def _cut(claims: dict[str, Any]) -> str:
    head, _body, signature = _signed(rsa_key())(claims).split(".")
    changed = encoded(b'{"sub": "admin"}')
    return f"{head}.{changed}.{signature}"


LIES: dict[str, tuple[dict[str, Any], Any]] = {
    "another nonce": ({"nonce": "another"}, None),
    "no nonce": ({"nonce": None}, None),
    "for another client": ({"aud": "another"}, None),
    "for another client too": ({"aud": [CLIENT, "another"]}, None),
    "asked for by another": ({"azp": "another"}, None),
    "of another issuer": ({"iss": "https://login.evil.test"}, None),
    "without an issuer": ({"iss": None}, None),
    "expired": ({"exp": int(time.time()) - 120}, None),
    "without an end": ({"exp": None}, None),
    "not yet": ({"nbf": int(time.time()) + 86_400}, None),
    "of nobody": ({"sub": None}, None),
    "of a blank": ({"sub": " "}, None),
    "of a number": ({"sub": 7}, None),
    "of another access token": ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, None),
    "unsigned": ({}, _none),
    "signed with the public key": ({}, _hs256),
    "signed with another key": ({}, _signed(rsa_key("another"))),
    "under a key that is not there": ({}, _signed(rsa_key(), kid="k9")),
    "without the name of a key, by another": ({}, lambda claims: jwt.encode(claims, rsa_key("x"), algorithm="RS256")),
    "with a header that must be understood": ({}, _signed(rsa_key(), crit=["b64"], b64=True)),
    "changed after it was signed": ({}, _cut),
    "no token at all": ({}, lambda claims: "no.token"),
    "with half a sign": ({"name": "\ud800"}, None),
    "with a NUL in who it is": ({"sub": "a\x00b"}, None),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_does_not_hold_lets_nobody_in(lie: str, there: Provider, acme: IdentityProvider) -> None:
    there.says, sign = LIES[lie]
    if sign is not None:
        there.sign = sign
    client = Client()
    answer = signed_in(client, there)
    assert answer.status_code == 403
    assert "sent an answer that does not hold" in answer.content.decode()
    assert "Other ways to sign in" in answer.content.decode()
    assert who(client) is None
    assert not ExternalIdentity.objects.exists()
    assert reason()


def test_a_token_without_the_name_of_its_key_is_by_the_only_one(there: Provider, acme: IdentityProvider) -> None:
    there.sign = lambda claims: jwt.encode(claims, rsa_key(), algorithm="RS256")
    assert signed_in(Client(), there).status_code == 302
    there.keys["k2"] = public(ec_key())
    IdentityProvider.objects.update(known={})
    assert signed_in(Client(), there).status_code == 403, "one of several"


def test_a_key_keeps_its_name(there: Provider, acme: IdentityProvider) -> None:
    assert signed_in(Client(), there).status_code == 302
    there.keys = {"k1": public(rsa_key("another"))}
    there.sign = _signed(rsa_key("another"))
    long_ago = {"keys_read_at": time.time() - 7200, "keys_asked_at": 0}
    IdentityProvider.objects.update(known={**IdentityProvider.objects.get().known, **long_ago})
    assert signed_in(Client(), there).status_code == 403
    there.keys, there.sign = (
        {"k2": public(ec_key())},
        lambda claims: jwt.encode(claims, ec_key(), algorithm="ES256", headers={"kid": "k2"}),
    )
    known = IdentityProvider.objects.get().known
    IdentityProvider.objects.update(known={**known, "keys_asked_at": 0})
    assert signed_in(Client(), there).status_code == 302, "a new key under a new name is read at once"


def test_a_state_and_a_code_are_good_once_and_here(there: Provider, acme: IdentityProvider) -> None:
    client, thief = Client(), Client()
    query = there.sign_in(begun(client))
    assert thief.get(BACK, query).status_code == 403, "begun in another browser"
    begun(thief)
    assert thief.get(BACK, query).status_code == 403, "one of its own helps nothing"
    assert client.get(BACK, {**query, "state": "x"}).status_code == 403
    assert client.get(BACK, {"code": query["code"]}).status_code == 403
    assert client.get(BACK, query).status_code == 302
    assert client.get(BACK, query).status_code == 403, "once"
    assert who(thief) is None


def test_two_at_once_with_one_state(there: Provider, acme: IdentityProvider) -> None:
    """Both browsers' requests saw the session as it was: the database lets one through."""
    client = Client()
    query = there.sign_in(begun(client))
    assert once.use_up(acme, f"state {query['state']}", until=timezone.now() + timedelta(minutes=1))
    assert client.get(BACK, query).status_code == 403
    assert "used before" in reason()


def test_a_state_is_over_after_ten_minutes(there: Provider, acme: IdentityProvider) -> None:
    client = Client()
    query = there.sign_in(begun(client))
    session = client.session
    session["single_sign_on"] = {key: {**one, "at": one["at"] - 601} for key, one in session["single_sign_on"].items()}
    session.save()
    assert client.get(BACK, query).status_code == 403


@pytest.mark.parametrize("says_iss", [False, True])
def test_an_answer_of_another_provider_is_not_mixed_up(
    says_iss: bool, there: Provider, connect: Any, acme: IdentityProvider
) -> None:
    there.metadata = {"authorization_response_iss_parameter_supported": True} if says_iss else {}
    connect(there.url, "other")
    client = Client()
    query = there.sign_in(begun(client))
    assert client.get("/sign-in/with/other/back/", query).status_code == 403, "begun for acme"
    if says_iss:
        assert signed_in(client, there).status_code == 403, "it would have said its iss"
    query = there.sign_in(begun(client))
    assert client.get(BACK, {**query, "iss": "https://login.evil.test"}).status_code == 403
    query = there.sign_in(begun(client))
    assert client.get(BACK, {**query, "iss": there.url}).status_code == 302


def test_what_the_token_does_not_say_userinfo_does(there: Provider, acme: IdentityProvider, admin: User) -> None:
    at = timezone.now()
    acme.mappings.create(group="eng", role="engineer", asked_at=at, trusted_at=at, mapped_by=admin)
    there.says = {"email": None, "email_verified": None, "name": None, "groups": None}
    there.info = {"email": "ada@acme.test", "email_verified": True, "name": "Ada L.", "groups": ["eng"]}
    client = Client()
    assert signed_in(client, there).status_code == 302
    user = User.objects.get(username="ada")
    assert (user.email, user.name, sorted(user.roles)) == ("ada@acme.test", "Ada L.", ["engineer", "requester"])
    there.info["sub"] = "somebody-else"
    assert signed_in(Client(), there).status_code == 403
    assert "userinfo" in reason()


def test_what_is_signed_counts_before_userinfo(there: Provider, acme: IdentityProvider) -> None:
    there.says = {"name": None, "email": "ada@acme.test", "email_verified": False}
    there.info = {"email": "boss@acme.test", "email_verified": True, "name": "Ada"}
    signed_in(Client(), there)
    known = ExternalIdentity.objects.get()
    assert (known.email_said, known.user.email, known.user.name) == ("ada@acme.test", "", "Ada")


@pytest.mark.parametrize(
    ("said", "by_default", "is_verified"),
    [
        (True, False, True),
        ("true", False, True),
        (None, False, False),
        (None, True, True),
        (False, True, False),
        ("yes", True, False),
        (1, False, True),
    ],
)
def test_an_address_is_verified_where_it_is_said(
    said: Any, by_default: bool, is_verified: bool, there: Provider, connect: Any
) -> None:
    connect(there.url, configuration={"emails_verified": by_default})
    there.says = {"email_verified": said}
    signed_in(Client(), there)
    assert (User.objects.get(username="ada").email != "") is is_verified


def test_groups_may_lie_deep(there: Provider, connect: Any, admin: User) -> None:
    acme = connect(there.url, configuration={"groups_claim": "realm_access.roles"})
    there.says = {"realm_access": {"roles": ["a", "b", "a"]}}
    signed_in(Client(), there)
    assert acme.identities.get().groups == ["a", "b"]
    there.says = {"realm_access": {"roles": "\x00"}}
    assert signed_in(Client(), there).status_code in (302, 403)


def test_a_provider_that_is_down_is_said_and_others_are_offered(there: Provider, acme: IdentityProvider) -> None:
    there.status = 500
    answer = Client().get("/sign-in/with/acme/?next=/incidents/")
    assert answer.status_code == 503
    assert "Other ways to sign in" in answer.content.decode()
    assert "next=%2Fincidents%2F" in answer.content.decode()
    assert RefusedSignIn.objects.get().reason == "unreachable"
    there.status = 200
    client = Client()
    query = there.sign_in(begun(client))
    there.status = 503
    assert client.get(BACK, query).status_code in (403, 503)
    assert who(client) is None


def test_who_declines_there_is_told(there: Provider, acme: IdentityProvider) -> None:
    client = Client()
    query = there.sign_in(begun(client))
    answer = client.get(BACK, {"state": query["state"], "error": "access_denied", "error_description": "<b>no</b>"})
    assert answer.status_code == 403
    assert b"<b>no" not in answer.content
    assert RefusedSignIn.objects.get().reason == "denied"


def test_who_is_not_invited_is_told_and_noted(there: Provider, connect: Any) -> None:
    connect(there.url, sign_up=SignUp.INVITED)
    answer = signed_in(Client(), there)
    assert answer.status_code == 403
    assert "An administrator invites you" in answer.content.decode()
    (noted,) = RefusedSignIn.objects.all()
    assert (noted.reason, noted.said) == ("not_invited", "ada@acme.test")


def test_the_secret_goes_to_the_token_address_alone(
    there: Provider, connect: Any, settings: Any, tmp_path: Any
) -> None:
    (tmp_path / "acme-sso").write_text("s3cret&more")
    settings.SECRETS_DIR = str(tmp_path)
    connect(there.url, configuration={"credential": "acme-sso"})
    client = Client()
    assert "s3cret" not in begun(client)
    assert signed_in(client, there).status_code == 302
    sent = [asked for asked in there.server.asked if asked.path == "/token"][-1]
    assert sent.headers["Authorization"].startswith("Basic ")
    assert b"s3cret" not in sent.body
    there.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    IdentityProvider.objects.update(known={})
    assert signed_in(Client(), there).status_code == 302
    assert there.forms[-1]["client_secret"] == ["s3cret&more"]


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_secret_that_is_bound_to_hosts_goes_nowhere_else(
    way: str, there: Provider, connect: Any, settings: Any, tmp_path: Any
) -> None:
    """An administrator alone sets up a draft at an address of their own, with a secret of the pipelines, and tries it."""
    (tmp_path / "pipelines").write_text("s3cret")
    (tmp_path / "pipelines.key").write_bytes(pem(rsa_key("desk")))
    (tmp_path / "pipelines.hosts").write_text("ci.acme.test")
    settings.SECRETS_DIR = str(tmp_path)
    there.metadata = {"token_endpoint_auth_methods_supported": [way]}
    connect(there.url, configuration={"credential": "pipelines"})
    client = Client()
    assert signed_in(client, there).status_code == 503
    assert who(client) is None
    assert not there.forms
    (tmp_path / "pipelines.hosts").write_text(f"ci.acme.test 127.0.0.1:{there.server.port}")
    assert signed_in(client, there).status_code == 302


@pytest.fixture
def signs(there: Provider, connect: Any, settings: Any, tmp_path: Any) -> Callable[..., None]:
    """`signs(key, hosts)`: the provider takes a secret and a key, both lie there, and so do these hosts, "": none."""

    def lay_down(key: bytes, hosts: str | None = None) -> None:
        settings.SECRETS_DIR = str(tmp_path)
        (tmp_path / "acme-sso").write_text("s3cret")
        (tmp_path / "acme-sso.key").write_bytes(key)
        if hosts != "":
            (tmp_path / "acme-sso.hosts").write_text(hosts or f"127.0.0.1:{there.server.port}")
        there.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"]}
        connect(there.url, configuration={"credential": "acme-sso"})

    return lay_down


@pytest.mark.parametrize(("key", "algorithm"), [(rsa_key("desk"), "RS256"), (ec_key("desk"), "ES256")])
def test_a_key_of_the_desk_signs_where_the_provider_takes_it_and_no_secret_goes_there(
    key: Any, algorithm: str, there: Provider, signs: Callable[..., None]
) -> None:
    signs(pem(key))
    there.trusts = key.public_key()
    assert [signed_in(Client(), there).status_code for _again in range(2)] == [302, 302]
    first, second = (there.checked(form) for form in there.forms)
    assert first["jti"] != second["jti"], "each is good once"
    assert 0 < first["exp"] - first["iat"] <= 60
    assert jwt.get_unverified_header(there.forms[0]["client_assertion"][0])["alg"] == algorithm
    asked = [one for one in there.server.asked if one.path == "/token"]
    assert not any("Authorization" in one.headers or b"s3cret" in one.body for one in asked)


@pytest.mark.parametrize("hosts", ["", " \n", "ci.acme.test"])
def test_a_key_that_is_not_said_to_sign_for_the_provider_signs_nothing(
    hosts: str, there: Provider, signs: Callable[..., None]
) -> None:
    """The key of an App of a platform, named by an administrator at a provider of their own, whose client is the App's
    number: what it signs would let them be the App. Nor does a secret go there instead."""
    signs(pem(rsa_key("app")), hosts)
    answer = signed_in(Client(), there)
    assert (answer.status_code, there.forms) == (503, [])
    assert "acme-sso.hosts" in answer.content.decode()


def test_the_key_of_a_client_certificate_signs_nothing(
    there: Provider, signs: Callable[..., None], tmp_path: Any
) -> None:
    signs(pem(rsa_key("desk")))
    (tmp_path / "acme-sso.crt").write_text("its certificate")
    assert signed_in(Client(), there).status_code == 302
    assert "client_assertion" not in there.forms[0]


def test_the_secret_goes_where_a_provider_takes_no_key(there: Provider, signs: Callable[..., None]) -> None:
    signs(pem(rsa_key("desk")), "")
    there.metadata = {}
    assert signed_in(Client(), there).status_code == 302
    assert "client_assertion" not in there.forms[0]


@pytest.mark.parametrize(
    "wrong", [b"none", b"", pem(ec_key("desk"), public=True), pem(ec.generate_private_key(ec.SECP384R1()))]
)
def test_a_key_that_cannot_sign_sends_nothing_and_says_so(
    wrong: bytes, there: Provider, signs: Callable[..., None]
) -> None:
    """Nor the secret instead of it."""
    signs(wrong)
    answer = signed_in(Client(), there)
    assert (answer.status_code, there.forms) == (503, [])
    assert "acme-sso.key" in answer.content.decode()


def test_the_session_key_changes_and_nothing_is_taken_over(there: Provider, acme: IdentityProvider) -> None:
    client = Client()
    query = there.sign_in(begun(client))
    before = client.cookies["sessionid"].value
    session = client.session
    session["planted"] = True
    session.save()
    client.get(BACK, query)
    assert client.cookies["sessionid"].value != before
    assert "planted" not in client.session


def test_an_administrator_tries_a_draft_and_nobody_is_signed_in(
    there: Provider, connect: Any, web: Callable[..., Client], admin: User, engineer: User
) -> None:
    connect(there.url, trusted_at=None)
    assert web(engineer).get("/sign-in/with/acme/?for=try").status_code == 404
    client = web(admin)
    answer = client.get(BACK, there.sign_in(begun(client, **{"for": "try"}), groups=["eng"]))
    assert answer["Location"] == "/settings/identity/acme/#tried"
    page = client.get("/settings/identity/acme/").content.decode()
    assert "Nobody was signed in" in page
    assert "eng" in page
    assert "gets a new account" in page
    assert who(client) == admin.username
    assert not ExternalIdentity.objects.exists()
    there.says = {"aud": "another"}
    client.get(BACK, there.sign_in(begun(client, **{"for": "try"})))
    assert "Its token does not hold" in client.get("/settings/identity/acme/").content.decode()


def test_a_renewed_sign_in_proves_who_somebody_is(there: Provider, acme: IdentityProvider) -> None:
    client = Client()
    signed_in(client, there)
    address = begun(client, "/profile/", **{"for": "prove"})
    assert "prompt=login" in address
    assert "max_age=0" in address
    now = int(time.time())
    assert client.get(BACK, there.sign_in(address, auth_time=now - 3600)).status_code == 403, "a session of before"
    assert client.get(BACK, there.sign_in(begun(client, **{"for": "prove"}))).status_code == 403
    other = client.get(BACK, there.sign_in(begun(client, **{"for": "prove"}), auth_time=now, sub="b-2"))
    assert other.status_code == 403, "somebody else"
    assert "proved_at" not in client.session
    answer = client.get(BACK, there.sign_in(begun(client, "/profile/", **{"for": "prove"}), auth_time=now))
    assert answer["Location"] == "/profile/"
    assert "proved_at" in client.session


@pytest.mark.parametrize(("ago", "proves"), [(None, False), (10, True), (400, False), (-200, False), ("now", False)])
def test_a_sign_in_proves_no_more_than_the_provider_asked(
    ago: Any, proves: bool, there: Provider, acme: IdentityProvider
) -> None:
    """Whoever finds a browser open signs out and in again: the provider lets them in without a word."""
    client = Client()
    signed_in(client, there, auth_time=int(time.time()) - ago if isinstance(ago, int) else ago)
    assert who(client) == "ada"
    assert ("proved_at" in client.session) is proves


def test_who_has_a_second_factor_here_shows_it_whatever_the_provider_renews(
    there: Provider, acme: IdentityProvider
) -> None:
    client = Client()
    signed_in(client, there)
    at = timezone.now()
    CodeApp.objects.create(user=User.objects.get(username="ada"), sealed="-", created_at=at, confirmed_at=at)

    def renewed(**said: Any) -> Any:
        address = begun(client, "/profile/", **{"for": "prove"})
        return client.get(BACK, there.sign_in(address, auth_time=int(time.time()), **said))

    assert renewed().status_code == 403
    assert "proved_at" not in client.session
    assert renewed(amr=["mfa"])["Location"] == "/profile/"
    assert "proved_at" in client.session


LOGOUTS: dict[str, dict[str, Any]] = {
    "no event": {"events": None},
    "another event": {"events": {"x": {}}},
    "with a nonce": {"nonce": "x"},
    "of nobody": {"sub": None},
    "for another": {"aud": "another"},
    "old": {"iat": int(time.time()) - 600},
    "without a name": {"jti": None},
    "expired": {"exp": int(time.time()) - 120},
}


def test_a_session_that_ends_there_ends_here(there: Provider, acme: IdentityProvider, admin: User) -> None:
    client, other, beside = Client(), Client(), Client()
    signed_in(client, there, sid="s-1")
    signed_in(other, there, sub="b-2", email="bob@acme.test")
    ada = User.objects.get(username="ada")
    beside.force_login(ada, backend="itsm.accounts.backends.PeopleOnly")  # by a password, say
    door = "/sign-in/with/acme/logout/"
    for name, changed in LOGOUTS.items():
        assert Client().post(door, {"logout_token": there.logout_token(**changed)}).status_code == 400, name
    assert Client().post(door, {"logout_token": "x"}).status_code == 400
    assert Client().post(door).status_code == 400
    assert client.get("/profile/").status_code == 200
    token = there.logout_token(sub=None, sid="s-1")
    assert Client(enforce_csrf_checks=True).post(door, {"logout_token": token}).status_code == 200
    assert client.get("/profile/").status_code == 302
    assert other.get("/profile/").status_code == 200
    assert beside.get("/profile/").status_code == 200
    assert Client().post(door, {"logout_token": token}).status_code == 400, "once"
    assert Client().post(door, {"logout_token": there.logout_token(sub="b-2")}).status_code == 200
    assert other.get("/profile/").status_code == 302


def test_who_signs_out_is_offered_to_sign_out_there(
    there: Provider, acme: IdentityProvider, web: Any, admin: User
) -> None:
    client = Client()
    signed_in(client, there)
    answer = client.post("/sign-out/")
    assert answer["Location"] == "/sign-in/with/acme/signed-out/"
    page = client.get(answer["Location"]).content.decode()
    assert f"{there.url}/end?client_id=headroom" in page
    assert who(client) is None
    assert web(admin).post("/sign-out/")["Location"] == "/sign-in/"


def test_sessions_end_when_the_provider_is_withdrawn(
    there: Provider, acme: IdentityProvider, admin: User, as_actor: Any
) -> None:
    client = Client()
    signed_in(client, there)
    operations.withdraw(acme, actor=as_actor(admin), version=acme.version, at=timezone.now())
    assert client.get("/profile/").status_code == 302
    assert Client().get("/sign-in/with/acme/").status_code == 404
    assert "Acme" not in Client().get("/sign-in/").content.decode()


def test_nobody_finishes_by_a_provider_that_was_withdrawn_meanwhile(
    there: Provider, acme: IdentityProvider, admin: User, as_actor: Any
) -> None:
    """Half signed in by it, or just before the session: what ends its sessions would not have found this one."""
    FactorRule.objects.create(role="requester", required=True, grace_until=timezone.now() + timedelta(days=1))
    client, request = Client(), RequestFactory().get("/")
    assert signed_in(client, there)["Location"] == "/sign-in/set-up/"
    operations.withdraw(acme, actor=as_actor(admin), version=1, at=timezone.now())
    assert client.post("/sign-in/set-up/").status_code == 403
    assert who(client) is None
    FactorRule.objects.all().delete()
    request.session = Client().session
    with pytest.raises(SignUpRefused):
        complete_sign_in(request, User.objects.get(username="ada"), by="provider:acme")
    assert not Session.objects.filter(user__username="ada").exists()


def test_a_closed_account_stays_closed(there: Provider, acme: IdentityProvider, admin: User, as_actor: Any) -> None:
    signed_in(Client(), there)
    operations.deprovision(acme, "a-1", at=timezone.now())
    answer = signed_in(Client(), there)
    assert answer.status_code == 403
    assert "closed" in answer.content.decode()


def test_what_was_used_is_forgotten_when_it_could_not_be_used(there: Provider, acme: IdentityProvider) -> None:
    signed_in(Client(), there, sid="s-1")
    assert once.forget(timezone.now()) == 0
    assert once.forget(timezone.now() + timedelta(days=3)) == 2
    assert not UsedAnswer.objects.exists()
    assert not ProviderSession.objects.exists()
