"""Decisions as signed statements: a public verifier accepts them, and nothing that was altered or is another's."""

import base64
import json
import random
from copy import deepcopy
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.utils import timezone
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from changes.change.operations import people_decide
from changes.change.operations.evaluations import expire
from changes.models import Evaluation
from changes.statements.formats.statement import read, require_for
from itsm.signing import dsse, keys
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0
from tests.slo.proving import IN_FULL

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings):
    settings.SIGNING_KEY = "a secret of this desk"


@pytest.fixture
def approved(asker, owning):
    at = timezone.now()
    service = a_measured_service(at=at)
    a_model(service, owning, at)
    return ask(service, asker, at, change_class="standard")


def fetched(evaluation, client):
    answer = client.get(f"/api/v1/gate-evaluations/{evaluation.pk}/statement/")
    assert answer.status_code == 200, answer.content
    return answer.content


def verified(capsys, file, *words):
    call_command("verify_decision", str(file), *words)
    return json.loads(capsys.readouterr().out)


def test_the_page_of_its_change_offers_it(approved, web, engineer):
    client = web(engineer)
    path = f"/api/v1/gate-evaluations/{approved.pk}/statement/"
    assert path.rstrip("/") in client.get(approved.change.get_absolute_url()).content.decode()
    assert client.get(path).json()["payloadType"] == dsse.PAYLOAD_TYPE


def test_a_public_verifier_and_ours_accept_it(approved, api, pipeline, client, tmp_path, capsys):
    content = fetched(approved, api(pipeline))
    published = client.get("/.well-known/headroom-signing-keys.json")
    assert published.status_code == 200  # whoever asks
    [one] = published.json()["keys"]
    public = base64.urlsafe_b64decode(one["x"] + "=").hex()
    key = SSlibKey(one["kid"], "ed25519", "ed25519", {"public": public})
    envelope = Envelope.from_dict(json.loads(content))
    assert list(envelope.verify([key], 1)) == [one["kid"]]
    said = json.loads(envelope.payload)
    digest = approved.change.artifact_digest
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["subject"] == [{"name": f"{approved.change.service.slug}/production", "digest": {"sha256": digest[7:]}}]
    decision = approved.decision
    assert said["predicate"]["evidence"] == {"sha256": decision.evidence_hash}
    assert said["predicate"]["policy"]["sha256"] == decision.policy.hash
    assert (said["predicate"]["status"], said["predicate"]["decidedBy"]) == ("approved", "policy")

    file, kept = tmp_path / "decision.json", tmp_path / "keys.json"
    file.write_bytes(content)
    kept.write_bytes(published.content)
    assert verified(capsys, file)["change"] == approved.change.reference
    assert verified(capsys, file, "--digest", digest, "--keys", str(kept))["status"] == "approved"
    with pytest.raises(CommandError, match="another artifact"):
        call_command("verify_decision", str(file), "--digest", f"sha256:{'0' * 64}")
    assert fetched(approved, api(pipeline)) == content  # the same decision, the same bytes


def test_what_lapsed_is_signed_as_that_before_a_sweeper_comes_and_after(approved, api, pipeline, tmp_path, capsys):
    now = timezone.now()
    Evaluation.objects.update(expires_at=now)
    content = fetched(approved, api(pipeline))
    file = tmp_path / "decision.json"
    file.write_bytes(content)
    assert verified(capsys, file)["status"] == "expired"
    with pytest.raises(CommandError, match="does not let it go: it says expired"):
        call_command("verify_decision", str(file), "--digest", approved.change.artifact_digest)
    expire(approved.change_id, now)
    assert Evaluation.objects.get().status == "expired"
    assert fetched(approved, api(pipeline)) == content, "the sweeper changes no byte of it"


def test_what_was_kept_lets_nothing_go_once_its_time_is_over(approved, api, pipeline):
    """Nobody used it; whoever kept the bytes would have them for ever."""
    kept = read(base64.b64decode(json.loads(fetched(approved, api(pipeline)))["payload"]))
    digest, until = approved.change.artifact_digest, approved.expires_at
    require_for(kept, digest, at=until - timedelta(seconds=1))
    with pytest.raises(dsse.Unproven, match="it was good until"):
        require_for(kept, digest, at=until)
    kept["predicate"]["usedAt"] = kept["predicate"]["decidedAt"]
    require_for(kept, digest, at=until)  # it went by it: that stays true
    for odd in (None, "", "soon", 7):
        kept["predicate"] |= {"usedAt": None, "expiresAt": odd}
        with pytest.raises(dsse.Unproven, match="it was good until"):
            require_for(kept, digest, at=until)


def test_what_is_held_lets_nothing_go(approved, api, pipeline, tmp_path):
    Evaluation.objects.update(held=[], held_at=timezone.now())
    file = tmp_path / "decision.json"
    file.write_bytes(fetched(approved, api(pipeline)))
    with pytest.raises(CommandError, match="does not let it go: it says held"):
        call_command("verify_decision", str(file), "--digest", approved.change.artifact_digest)


def test_votes_and_a_no_stand_in_it_and_a_no_lets_nothing_go(asker, approving, api, engineer, tmp_path, capsys):
    evaluation = ask(a_measured_service(), asker)
    waiting = api(engineer).get(f"/api/v1/gate-evaluations/{evaluation.pk}/statement/")
    assert (waiting.status_code, "still waits" in waiting.json()["detail"]) == (404, True)
    people_decide.decide_by_person(evaluation.change, actor=approving, decision="decline", comment="No.", at=T0)
    evaluation.refresh_from_db()
    file = tmp_path / "decision.json"
    file.write_bytes(fetched(evaluation, api(engineer)))
    said = verified(capsys, file)
    assert [(one["by"], one["decision"]) for one in said["votes"]] == [("approver", "decline")]
    with pytest.raises(CommandError, match="does not let it go"):
        call_command("verify_decision", str(file), "--digest", evaluation.change.artifact_digest)


def test_whoever_does_not_see_the_answer_gets_no_statement_and_no_key_is_said(
    approved, api, requester, pipeline, settings
):
    assert api(requester).get(f"/api/v1/gate-evaluations/{approved.pk}/statement/").status_code in {403, 404}
    settings.SIGNING_KEY = ""
    answer = api(pipeline).get(f"/api/v1/gate-evaluations/{approved.pk}/statement/")
    assert (answer.status_code, "HEADROOM_SIGNING_KEY" in answer.json()["detail"]) == (404, True)


def test_any_flipped_bit_is_found(approved, api, pipeline):
    content = fetched(approved, api(pipeline))
    known = dsse.keys_of(dsse.key_set(*keys.public_keys()))
    assert dsse.opened(content, known)
    chance = random.Random(16)
    places = chance.sample(range(len(content) * 8), 600)
    found = 0
    for place in places:
        altered = bytearray(content)
        altered[place // 8] ^= 1 << place % 8
        try:
            dsse.opened(bytes(altered), known)
        except dsse.Unproven:
            found += 1
    assert found == 600
    if IN_FULL:
        for place in range(len(content) * 8):
            altered = bytearray(content)
            altered[place // 8] ^= 1 << place % 8
            with pytest.raises(dsse.Unproven):
                dsse.opened(bytes(altered), known)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one.pop("payloadType"),
        lambda one: one.update(more=1),
        lambda one: one["signatures"].append(one["signatures"][0]),
        lambda one: one.update(signatures=[]),
        lambda one: one.update(signatures={}),
        lambda one: one["signatures"][0].update(keyid="0" * 64),
        lambda one: one["signatures"][0].update(sig="!!!"),
        lambda one: one.update(payload=one["payload"] + "\n"),
        lambda one: one.update(payloadType="text/plain"),
        lambda one: one.update(payload=7),
    ],
)
def test_odd_envelopes_are_refused_in_words(spoil):
    key = Ed25519PrivateKey.generate()
    known = dsse.keys_of(dsse.key_set(key.public_key()))
    envelope = dsse.sealed(b"{}", key)
    assert dsse.opened(json.dumps(envelope).encode(), known) == b"{}"
    altered = deepcopy(envelope)
    spoil(altered)
    with pytest.raises(dsse.Unproven):
        dsse.opened(json.dumps(altered).encode(), known)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"payload": 1, "payload": 2}', b"null"])
def test_what_is_no_envelope_is_refused_in_words(content, tmp_path):
    file = tmp_path / "odd"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="Not proven"):
        call_command("verify_decision", str(file))


def test_anothers_key_signs_nothing_of_ours(approved, api, pipeline):
    content = fetched(approved, api(pipeline))
    other = dsse.keys_of(dsse.key_set(Ed25519PrivateKey.generate().public_key()))
    with pytest.raises(dsse.Unproven, match="not known"):
        dsse.opened(content, other)
    key = SSlibKey(
        "x", "ed25519", "ed25519", {"public": Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()}
    )
    with pytest.raises(VerificationError):
        Envelope.from_dict(json.loads(content)).verify([key], 1)
    with pytest.raises(dsse.Unproven):
        dsse.keys_of({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "AAAA"}]})
