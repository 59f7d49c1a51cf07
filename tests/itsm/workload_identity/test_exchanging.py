"""A pipeline shows its platform's token, signed for real by an issuer that publishes its keys over HTTP."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.models import Token, User
from itsm.workload_identity import exchanging, operations
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import TrustedIssuer, UnmappedWorkload, UsedAssertion, WorkloadMapping
from tests.itsm.workload_identity.issuer import OURS, WORKLOAD, Issuer, by_hand, ec_key, public, rsa_key
from tests.together import each_of

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/oidc/token/"


def refusal_of(text: str) -> str:
    with pytest.raises(WorkloadRefused) as refused:
        exchanging.exchange(text, at=timezone.now())
    assert not UsedAssertion.objects.exists()
    return str(refused.value.reason)


def test_a_pipeline_without_a_secret_asks_the_gate_and_does_nothing_else(
    platform: Issuer, mapped: WorkloadMapping, pipeline: User
) -> None:
    before = timezone.now()
    answer = APIClient().post(DOOR, {"token": platform.token()}, format="json")
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"token", "expires_at"}
    assert answer["Cache-Control"] == "no-store"
    token = Token.objects.get()
    assert token.owner == pipeline
    assert token.scopes == ["gate:ask"]
    assert timedelta(minutes=9, seconds=59) < token.expires_at - before < timedelta(minutes=10, seconds=30)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['token']}")
    # The gate answers, here that there is no such service; everything else is closed.
    assert client.post("/api/v1/gate-evaluations/", {"service": "nope"}, format="json").status_code == 400
    for path in ("incidents/", "changes/", "trusted-issuers/", "attestations/", "callback-secret/"):
        assert client.get(f"/api/v1/{path}").status_code == 403, path
    assert client.post("/api/v1/attestations/", {}, format="json").status_code == 403
    assert client.post("/api/v1/changes/CHG-1/approvals/", {}, format="json").status_code == 403
    mapped.refresh_from_db()
    assert mapped.last_used_at is not None


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256", "ES256"])
def test_what_issuers_sign_with_is_taken(platform: Issuer, mapped: WorkloadMapping, alg: str) -> None:
    kid, key = ("e1", ec_key()) if alg == "ES256" else ("k1", rsa_key())
    text, _ends = exchanging.exchange(platform.token(alg=alg, key=key, header={"kid": kid}), at=timezone.now())
    assert text.startswith("hr_")


def _pem(key: Any) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


FORGED: dict[str, tuple[Callable[[Issuer], str], str]] = {
    "signed by another key": (lambda one: one.token(key=rsa_key("other")), "signature"),
    "a claim changed": (lambda one: _tampered(one), "signature"),
    "no signature at all": (lambda one: by_hand({"alg": "none", "kid": "k1"}, one.claims()), "algorithm"),
    "None, as some spell it": (lambda one: by_hand({"alg": "nOnE", "kid": "k1"}, one.claims()), "algorithm"),
    "the public key as a secret": (
        lambda one: by_hand({"alg": "HS256", "kid": "k1", "typ": "JWT"}, one.claims(), _pem(rsa_key())), "algorithm",
    ),
    "the JWK as a secret": (
        lambda one: by_hand({"alg": "HS256", "kid": "k1"}, one.claims(), json.dumps(public(rsa_key())).encode()),
        "algorithm",
    ),
    "an algorithm of another kind of key": (lambda one: one.token(alg="RS256", header={"kid": "e1"}), "algorithm"),
    "a key that it brings along": (
        lambda one: one.token(key=rsa_key("other"), header={"jwk": public(rsa_key("other"))}), "signature",
    ),
    "keys at an address that it names": (
        lambda one: one.token(key=rsa_key("other"), header={"jku": f"{one.url}/other"}), "signature",
    ),
    "no key named": (lambda one: by_hand({"alg": "RS256"}, one.claims(), b"x"), "malformed"),
    "a header that has to be understood": (lambda one: one.token(header={"crit": ["exp"], "exp": 1}), "malformed"),
    "a key that there is not": (lambda one: one.token(header={"kid": "k9"}), "key"),
    "expired": (lambda one: one.token(exp=int(time.time()) - 60), "expired"),
    "not valid yet": (lambda one: one.token(nbf=int(time.time()) + 120), "expired"),
    "made in the future": (lambda one: one.token(iat=int(time.time()) + 120), "expired"),
    "for somebody else": (lambda one: one.token(aud="https://sigstore.dev"), "audience"),
    "for us and for somebody else": (lambda one: one.token(aud=[OURS, "https://other.example"]), "audience"),
    "for us, almost": (lambda one: one.token(aud=f"{OURS}/"), "audience"),
    "for nobody": (lambda one: one.token(aud=None), "claims"),
    "without an id": (lambda one: one.token(jti=None), "claims"),
    "with an odd id": (lambda one: one.token(jti=""), "claims"),
    "without an end": (lambda one: one.token(exp=None), "claims"),
    "for a week": (lambda one: one.token(exp=int(time.time()) + 7 * 86400), "claims"),
    "another issuer's": (lambda one: one.token(iss="https://token.actions.githubusercontent.com"), "issuer"),
    "an issuer, almost": (lambda one: one.token(iss=f"{one.url}/"), "issuer"),
    "another repository": (lambda one: one.token(repository="evil/checkout"), "unmapped"),
    "another environment": (lambda one: one.token(environment="staging"), "unmapped"),
    "a repository that is no text": (lambda one: one.token(repository=["acme/checkout"]), "unmapped"),
    "rubbish": (lambda one: "a.b.c", "malformed"),
    "five parts": (lambda one: "a.b.c.d.e", "malformed"),
    "nothing but dots": (lambda one: "...", "malformed"),
    "a list": (lambda one: by_hand({"alg": "RS256", "kid": "k1"}, [1], b"x"), "malformed"),  # type: ignore[arg-type]
    "nested deeply": (
        lambda one: by_hand({"alg": "RS256", "kid": "k1"}, json.loads("[" * 900 + "]" * 900), b"x"), "malformed",
    ),
    "signs of nothing": (lambda one: "\0\u2028é", "malformed"),
}  # fmt: skip


def _tampered(one: Issuer) -> str:
    head, _body, signature = one.token().split(".")
    changed = by_hand({}, one.claims(repository="evil/checkout")).split(".")[1]
    return f"{head}.{changed}.{signature}"


@pytest.mark.parametrize("sign", ["\0", "\ud800"])
@each_of("where", ["iss", "repository", "jti", "kid", "alg"])
def test_a_sign_that_is_none_is_refused_wherever_it_stands(
    where: str, sign: str, platform: Issuer, mapped: Any
) -> None:
    """Before anything of it is looked up or said back: both ended as a failure of ours, of whom anybody could ask."""
    header, said = {"alg": "RS256", "kid": "k1"}, platform.claims()
    (header if where in header else said)[where] = f"a{sign}b"
    answer = APIClient().post(DOOR, {"token": by_hand(header, said, b"x")}, format="json")
    assert (answer.status_code, answer.json()["reason"]) == (401, "malformed")


@each_of("name", FORGED)
def test_what_is_forged_expired_foreign_or_odd_is_refused(name: str, platform: Issuer, mapped: WorkloadMapping) -> None:
    make, reason = FORGED[name]
    assert refusal_of(make(platform)) == reason
    assert not Token.objects.exists()


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_a_weak_key_is_not_believed(platform: Issuer, mapped: WorkloadMapping) -> None:
    platform.keys["weak"] = public(rsa_key("weak", 1024))
    assert refusal_of(platform.token(key=rsa_key("weak", 1024), header={"kid": "weak"})) == "key"


def test_a_secret_among_the_published_keys_is_not_believed(platform: Issuer, mapped: WorkloadMapping) -> None:
    platform.keys["oct"] = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"}
    forged = by_hand({"alg": "HS256", "kid": "oct"}, platform.claims(), b"secret-secret-secret-secret-secret")
    assert refusal_of(forged) == "key"


def test_a_token_is_used_once(platform: Issuer, mapped: WorkloadMapping) -> None:
    text = platform.token()
    exchanging.exchange(text, at=timezone.now())
    with pytest.raises(WorkloadRefused) as refused:
        exchanging.exchange(text, at=timezone.now())
    assert refused.value.reason == "used"
    assert Token.objects.count() == 1
    # It is remembered for as long as it would be good, and then no longer.
    assert exchanging.forget(timezone.now() + timedelta(hours=2)) == 0
    assert exchanging.forget(timezone.now() + timedelta(days=2)) > 0
    assert not UsedAssertion.objects.exists()
    assert not Token.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_bring_the_same_token_at_once_one_is_let_in(platform: Issuer, mapped: WorkloadMapping) -> None:
    text, said, barrier = platform.token(), [], threading.Barrier(4)
    exchanging.exchange(platform.token(), at=timezone.now())  # the keys are known from here on

    def bring() -> None:
        barrier.wait()
        try:
            exchanging.exchange(text, at=timezone.now())
            said.append("in")
        except WorkloadRefused as refused:
            said.append(refused.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=bring) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["in", "used", "used", "used"]


class TestKeys:
    def test_are_read_once_and_kept(self, platform: Issuer, mapped: WorkloadMapping) -> None:
        for _ in range(3):
            exchanging.exchange(platform.token(), at=timezone.now())
        assert [one.path for one in platform.server.asked] == ["/.well-known/openid-configuration", "/keys"]

    def test_an_unknown_one_is_asked_for_but_once_a_minute(self, platform: Issuer, mapped: WorkloadMapping) -> None:
        at = timezone.now()
        exchanging.exchange(platform.token(), at=at)
        platform.keys["k2"] = public(rsa_key("two"))
        for _ in range(3):  # within the minute nobody makes us ask
            assert refused_at(platform.token(key=rsa_key("two"), header={"kid": "k2"}), at) == "key"
        assert len(platform.server.asked) == 2
        later = at + timedelta(seconds=61)
        exchanging.exchange(platform.token(key=rsa_key("two"), header={"kid": "k2"}), at=later)
        assert len(platform.server.asked) == 4

    def test_one_that_is_withdrawn_there_is_believed_for_an_hour_at_most(
        self, platform: Issuer, mapped: WorkloadMapping
    ) -> None:
        at = timezone.now()
        exchanging.exchange(platform.token(), at=at)
        del platform.keys["k1"]
        exchanging.exchange(platform.token(), at=at + timedelta(minutes=59))
        assert refused_at(platform.token(), at + timedelta(minutes=61)) == "key"

    def test_another_one_under_a_known_name_is_not_believed(self, platform: Issuer, mapped: WorkloadMapping) -> None:
        at = timezone.now()
        exchanging.exchange(platform.token(), at=at)
        platform.keys["k1"] = public(rsa_key("other"))
        later = at + timedelta(hours=2)
        assert refused_at(platform.token(key=rsa_key("other")), later) == "signature"
        mapped.issuer.refresh_from_db()
        assert "k1" in mapped.issuer.last_error

    def test_where_the_issuer_does_not_answer_what_is_known_counts_for_a_day(
        self, platform: Issuer, mapped: WorkloadMapping
    ) -> None:
        at = timezone.now()
        exchanging.exchange(platform.token(), at=at)
        platform.status = 500
        exchanging.exchange(platform.token(), at=at + timedelta(hours=23))
        answer = unavailable_at(platform.token(), at + timedelta(hours=25))
        assert "500" in answer

    def test_a_first_answer_that_never_comes_is_503(self, platform: Issuer, mapped: WorkloadMapping) -> None:
        platform.status = 404
        answer = APIClient().post(DOOR, {"token": platform.token()}, format="json")
        assert (answer.status_code, answer.json()["retryable"]) == (503, True)

    @pytest.mark.parametrize(
        "says", [{"issuer": "https://other.example"}, {"jwks_uri": "http://169.254.169.254/keys"}, {"jwks_uri": None}]
    )
    def test_are_read_from_nowhere_else(self, platform: Issuer, mapped: WorkloadMapping, says: Any) -> None:
        platform.says = says
        assert unavailable_at(platform.token(), timezone.now())


def refused_at(text: str, at: Any) -> str:
    with pytest.raises(WorkloadRefused) as refused:
        exchanging.exchange(text, at=at)
    return str(refused.value.reason)


def unavailable_at(text: str, at: Any) -> str:
    from itsm.kernel.errors import Unavailable

    with pytest.raises(Unavailable) as refused:
        exchanging.exchange(text, at=at)
    return refused.value.detail


def test_an_unmapped_workload_is_listed_for_who_maps_it_and_then_no_longer(
    platform: Issuer, trusted: TrustedIssuer, pipeline: User, admin: User, as_actor: Callable[..., Any]
) -> None:
    for _ in range(2):
        assert refusal_of(platform.token()) == "unmapped"
    (listed,) = UnmappedWorkload.objects.all()
    assert listed.times == 2
    assert listed.claims == WORKLOAD
    operations.map_workload(
        actor=as_actor(admin), issuer=trusted, claims={"sub": WORKLOAD["sub"]}, account=pipeline, at=timezone.now()
    )
    assert not UnmappedWorkload.objects.exists()
    exchanging.exchange(platform.token(), at=timezone.now())


def test_a_forged_one_writes_nothing_anywhere(platform: Issuer, trusted: TrustedIssuer) -> None:
    assert refusal_of(platform.token(key=rsa_key("other"), repository="evil/flood")) == "signature"
    assert not UnmappedWorkload.objects.exists()


def test_what_is_withdrawn_lets_nobody_in_and_whom_it_let_in_has_to_go(
    platform: Issuer, mapped: WorkloadMapping, admin: User, as_actor: Callable[..., Any]
) -> None:
    text, _ends = exchanging.exchange(platform.token(), at=timezone.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert client.post("/api/v1/gate-evaluations/", {}, format="json").status_code == 400
    operations.withdraw(mapped.issuer, actor=as_actor(admin), version=mapped.issuer.version, at=timezone.now())
    assert client.post("/api/v1/gate-evaluations/", {}, format="json").status_code == 401
    assert refused_at(platform.token(), timezone.now()) == "issuer"


def test_the_closed_account_of_a_workload_opens_nothing(
    platform: Issuer, mapped: WorkloadMapping, pipeline: User
) -> None:
    User.objects.filter(pk=pipeline.pk).update(is_active=False)
    assert refusal_of(platform.token()) == "unmapped"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"token": 7}, 400), ({"token": ""}, 400), ({"token": None}, 400), ([], 400),
        ({"token": "x" * 8001}, 400), ({"token": "x", "audience": "y"}, 400), ({"token": "x"}, 401),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_in_words(body: Any, status: int) -> None:
    answer = APIClient().post(DOOR, body, format="json")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_an_account_of_ours_does_not_help(platform: Issuer, mapped: WorkloadMapping, api: Any, admin: User) -> None:
    answer = api(admin).post(DOOR, {"token": platform.token(aud="https://else.example")}, format="json")
    assert (answer.status_code, answer.json()["reason"]) == (401, "audience")
