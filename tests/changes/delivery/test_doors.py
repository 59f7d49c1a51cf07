"""The doors of platforms: proven by a signature, kept first, taken once; whatever comes, a clear refusal."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from changes.change.operations import people_decide
from changes.delivery.operations import applying, mapping, sources
from changes.delivery.operations import receiving as accepting
from changes.models import Change, DeploymentEvent, Evaluation, PlatformDelivery, PlatformQuestion
from itsm.kernel.errors import NotPermitted
from tests.changes.delivery.conftest import DOORS, hub_signed, work
from tests.changes.delivery.platforms import body_of
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

PING = {"zen": "Keep it logically awesome.", "hook_id": 1}


def posted(path: str, raw: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return APIClient().post(f"{DOORS}/{path}/", raw, content_type="application/json", headers=named)


def standard(secret: str, raw: bytes, number: str = "msg_1", at: Any = None) -> dict[str, str]:
    stamp = str(int((at or timezone.now()).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, f"{number}.{stamp}.".encode() + raw, "sha256").digest()).decode()
    return {"webhook_id": number, "webhook_timestamp": stamp, "webhook_signature": f"v1,bm90IGl0 v1,{signature}"}


class TestProof:
    def test_a_ping_is_taken_and_shown_as_nothing_to_do(self, source, send) -> None:
        answer = send(source(), "ping", PING)
        assert answer.status_code == 202
        work()
        assert PlatformDelivery.objects.get(pk=answer.json()["delivery"]).status == "ignored"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"X-Hub-Signature-256": ""},
            {"X-Hub-Signature-256": "sha256=" + "0" * 64},
            {"X-Hub-Signature-256": "sha1=" + "0" * 40},
            {"X-Hub-Signature-256": "sha256=é"},
            {"Authorization": "Bearer hr_1.x"},
        ],
    )
    def test_what_is_not_signed_is_refused_and_not_kept(self, headers, source) -> None:
        source()
        answer = APIClient().post(f"{DOORS}/github/", b"{}", content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (401, "delivery-not-proven")
        assert not PlatformDelivery.objects.exists()

    def test_one_changed_byte_and_another_secret_are_refused(self, source) -> None:
        made = source()
        raw = json.dumps(PING).encode()
        signature = hub_signed(made.secret, raw)
        assert posted("github", raw + b" ", X_Hub_Signature_256=signature).status_code == 401
        assert posted("github", raw, X_Hub_Signature_256=hub_signed("whsec_other", raw)).status_code == 401
        assert posted("github", raw, X_Hub_Signature_256=signature).status_code == 202

    def test_another_platforms_secret_and_a_retired_sources_open_nothing(self, source, keeper) -> None:
        raw = json.dumps(PING).encode()
        foreign, own = source("gitlab"), source("github")
        assert posted("github", raw, X_Hub_Signature_256=hub_signed(foreign.secret, raw)).status_code == 401
        sources.retire_source(own, actor=keeper, version=own.version, at=timezone.now())
        assert posted("github", raw, X_Hub_Signature_256=hub_signed(own.secret, raw)).status_code == 401

    def test_a_source_whose_program_is_switched_off_brings_nothing(self, source, pipeline) -> None:
        made, raw = source(), b"{}"
        pipeline.is_active = False
        pipeline.save(update_fields=["is_active"])
        assert posted("github", raw, X_Hub_Signature_256=hub_signed(made.secret, raw)).status_code == 401

    def test_both_secrets_count_for_a_day_after_a_new_one(self, source, keeper, monkeypatch) -> None:
        made, raw = source(), b"{}"
        _again, new = sources.rotate(made, actor=keeper, version=made.version, at=timezone.now())
        for secret in (made.secret, new):
            assert posted("github", raw, X_Hub_Signature_256=hub_signed(secret, raw)).status_code == 202
        _again.before_until = timezone.now() - timedelta(seconds=1)
        _again.save(update_fields=["before_until"])
        assert posted("github", raw, X_Hub_Signature_256=hub_signed(made.secret, raw)).status_code == 401

    def test_its_secret_may_be_a_credential(self, source, secrets_dir) -> None:
        (secrets_dir / "hub").write_text("It-is-a-Secret-to-Everybody")
        made, raw = source(credential="hub"), b"{}"
        assert made.secret == ""
        signature = hub_signed("It-is-a-Secret-to-Everybody", raw)
        assert posted("github", raw, X_Hub_Signature_256=signature).status_code == 202
        (secrets_dir / "hub").unlink()
        assert posted("github", raw, X_Hub_Signature_256=signature).status_code == 503  # ours to mend: it comes again

    def test_githubs_own_example_of_its_signature(self) -> None:
        """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing"""
        made = hub_signed("It's a Secret to Everybody", b"Hello, World!")
        assert made == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    @pytest.mark.parametrize(("minutes", "status"), [(0, 202), (4.9, 202), (-4.9, 202), (5.1, 401), (-5.1, 401)])
    def test_standard_webhooks_are_good_for_five_minutes(self, minutes, status, source) -> None:
        made, raw = source("gitlab"), b'{"object_kind": "push"}'
        signed = standard(made.secret, raw, at=timezone.now() + timedelta(minutes=minutes))
        assert posted("gitlab", raw, **signed).status_code == status

    def test_a_replay_under_another_id_is_refused_where_the_id_is_signed(self, source) -> None:
        made, raw = source("gitlab"), b'{"object_kind": "push"}'
        signed = standard(made.secret, raw)
        assert posted("gitlab", raw, **signed | {"webhook_id": "msg_2"}).status_code == 401

    def test_gitlabs_token_in_clear_is_compared_whole(self, source) -> None:
        made, raw = source("gitlab"), b'{"object_kind": "push"}'
        assert posted("gitlab", raw, X_Gitlab_Token=made.secret[:-1]).status_code == 401
        assert posted("gitlab", raw, X_Gitlab_Token="é").status_code == 401
        assert posted("gitlab", raw, X_Gitlab_Token=made.secret).status_code == 202


class TestBody:
    @each_of(
        ("body", "status"),
        [
            (b"", 400),
            (b"   ", 400),
            (b"nonsense", 400),
            (b"[" * 40 + b"]" * 40, 400),
            (b'{"a": "\\u0000"}', 400),
            (b'{"a": "\\ud800"}', 400),
            (b'{"a": 1, "a": 2}', 400),
            (b"[]", 400),
            (b'"text"', 400),
            (b"null", 400),
            (b'{"a": NaN}', 400),
            (b"\xff\xfe", 400),
            (b'{"a": "' + b"x" * 8_000_001 + b'"}', 413),
            (b"x" * 10_000_000, 413),
        ],
        ids=lambda one: str(one)[:12],
    )
    def test_what_is_no_json_of_ours_is_refused_with_a_sentence(self, body, status, source, send) -> None:
        answer = send(source(), "deployment_status", body)
        assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
        assert not PlatformDelivery.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"repository": 7}, {"repository": {"full_name": "a/b"}},
            {"repository": {"full_name": "a/b"}, "deployment": {"id": 1}, "deployment_status": {"state": "exploded"}},
            {"repository": {"full_name": "a/b"}, "deployment": {"id": [1]}, "deployment_status": {
                "state": "success", "updated_at": "yesterday"}},
            {"repository": {"full_name": "x" * 5000}, "deployment": {"id": 1, "environment": "p" * 5000}, "deployment_status": {
                "state": "success"}, "workflow_run": {"head_commit": {"id": "y" * 5000, "timestamp": "2026-01-01T00:00:00Z"}}},
        ],
        ids=lambda one: str(one)[:20],
    )  # fmt: skip
    def test_what_is_half_finished_is_kept_and_parked_or_waits_for_a_mapping(self, body, source, send) -> None:
        assert send(source(), "deployment_status", body).status_code == 202
        work()
        kept = PlatformDelivery.objects.get()
        assert kept.status in ("parked", "unmapped")
        assert kept.reason
        assert not DeploymentEvent.objects.exists()

    def test_the_same_id_is_taken_once_and_with_other_bytes_not_at_all(self, source, send) -> None:
        made = source()
        first = send(made, "ping", PING, "one")
        again = send(made, "ping", PING, "one")
        assert first.json()["delivery"] == again.json()["delivery"]
        other = send(made, "ping", {"zen": "Other"}, "one")
        assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (409, "delivery-id-mismatch")

    def test_above_what_may_wait_it_comes_again_later(self, source, send, monkeypatch) -> None:
        monkeypatch.setattr(accepting, "MOST_WAITING", 1)
        made = source()
        answers = [send(made, "ping", PING) for _ in range(3)]
        assert [one.status_code for one in answers] == [202, 202, 503]
        assert int(answers[2]["Retry-After"]) > 0

    def test_no_decision_is_altered_by_whatever_comes(self, source, send, asker) -> None:
        evaluation = ask(a_measured_service(), asker)
        before = Evaluation.objects.filter(pk=evaluation.pk).values().get()
        made = source()
        for body in ({"repository": {"full_name": "a/b"}}, {"evaluation": str(evaluation.pk), "state": "approved"}):
            send(made, "deployment_protection_rule", body)
        work()
        assert Evaluation.objects.filter(pk=evaluation.pk).values().get() == before


class TestWhatFailsHalfWay:
    MAPPING = {"deployments": "/all", "id": "/n", "repository": "/r", "environment": "/e", "finished_at": "/at"}

    def told(self, made, *rows: dict[str, str]) -> PlatformDelivery:
        raw = json.dumps({"all": [{"r": "a/b", "e": "production"} | row for row in rows]}).encode()
        assert posted("generic/generic", raw, X_Hub_Signature_256=hub_signed(made.secret, raw)).status_code == 202
        return PlatformDelivery.objects.latest("pk")

    def test_it_is_parked_whole_and_what_comes_after_it_is_applied(self, source, mapped) -> None:
        made = source("generic", mapping=self.MAPPING)
        mapped(made, "a/b", a_service())
        bad = self.told(made, {"n": "1", "at": "2026-01-01T00:00:00Z"}, {"n": "2", "at": "2999-01-01T00:00:00Z"})
        good = self.told(made, {"n": "3", "at": "2026-01-01T00:00:00Z"})
        work()
        connection.check_constraints()  # as at the end of the transaction
        states = {one.pk: (one.status, one.deployment_id) for one in PlatformDelivery.objects.all()}
        assert states[bad.pk] == ("parked", None)
        assert states[good.pk] == ("applied", DeploymentEvent.objects.get().pk)

    def test_so_it_is_where_something_else_than_a_refusal_stops_it(self, source, mapped, monkeypatch) -> None:
        made = source("generic", mapping=self.MAPPING)
        mapped(made, "a/b", a_service())
        bad = self.told(made, {"n": "1", "at": "2026-01-01T00:00:00Z"})

        def _stops(*_said: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(applying, "_say", _stops)
        work()
        connection.check_constraints()
        bad.refresh_from_db()
        assert (bad.status, bad.deployment_id) == ("parked", None)


class TestMapping:
    def status(self) -> dict[str, Any]:
        return body_of("github", "examples/deployment_status/with-installation.payload.json")

    def test_what_nobody_mapped_waits_and_is_read_by_one_click(self, source, send, manager, web) -> None:
        made = source()
        for number in "12":
            body = self.status()
            body["deployment"]["id"] = number
            send(made, "deployment_status", body)
        work()
        assert set(PlatformDelivery.objects.values_list("status", flat=True)) == {"unmapped"}
        service = a_service(slug="hello-world")
        page = web(manager).get("/changes/delivery/unmapped/")
        assert f'<option value="{service.pk}" selected>' in page.content.decode()
        said = {
            "source": "github", "repository": "codertocat/hello-world", "workflow": "", "theirs": "production",
            "service": service.pk, "environment": "production",
        }  # fmt: skip
        assert web(manager).post("/changes/delivery/unmapped/", said).status_code == 302
        work()
        assert set(PlatformDelivery.objects.values_list("status", flat=True)) == {"applied"}
        assert DeploymentEvent.objects.filter(service=service, result="succeeded").count() == 2

    def test_the_most_exact_mapping_counts(self, source, send, mapped) -> None:
        made, any_of_it, exact = source(), a_service(slug="any"), a_service(slug="exact")
        mapped(made, "Codertocat/Hello-World", any_of_it)
        mapped(made, "codertocat/hello-world", exact, theirs="production")
        send(made, "deployment_status", self.status())
        work()
        assert DeploymentEvent.objects.get().service == exact

    def test_nobody_with_a_stake_says_which_service_it_is(self, source, mapped, keeper, asker, manager) -> None:
        service = a_measured_service()
        ask(service, keeper)
        with pytest.raises(NotPermitted, match="interest"):
            mapped(source(), "a/b", service)

    def test_no_program_maps(self, source, asker) -> None:
        with pytest.raises(NotPermitted):
            mapping.map_deployments(
                actor=asker, source=source(), repository="a/b", service=a_service(), environment="staging",
                at=timezone.now(),
            )  # fmt: skip

    def test_what_was_read_is_read_once_more_without_a_change(self, source, send, mapped, keeper) -> None:
        made = source()
        mapped(made, "codertocat/hello-world", a_service())
        send(made, "deployment_status", self.status())
        work()
        before = DeploymentEvent.objects.values().get()
        mapping.replay(PlatformDelivery.objects.get(), actor=keeper, at=timezone.now())
        work()
        assert DeploymentEvent.objects.values().get() == before
        assert PlatformDelivery.objects.get().status == "applied"


class TestGitLab:
    def test_a_deployment_and_its_pipelines_job_are_one(self, source, mapped) -> None:
        made, service = source("gitlab"), a_service()
        mapped(made, "root/test-deployment-webhooks", service, "staging")
        mapped(made, "gitlab-org/gitlab-test", service, "staging")
        for name in ("deployment.json", "pipeline.json", "push.json", "job.json"):
            raw = json.dumps(body_of("gitlab", name)).encode()
            assert posted("gitlab", raw, X_Gitlab_Token=made.secret, X_Gitlab_Event_UUID=name).status_code == 202
        work()
        told = DeploymentEvent.objects.get(external_id="gitlab:root/test-deployment-webhooks#job-796")
        assert (told.result, told.version, told.commit[:8], told.who) == ("succeeded", "1.0.0", "279484c0", "user1")
        assert told.finished_at.isoformat() == "2021-04-28T19:50:00+00:00"
        assert set(PlatformDelivery.objects.values_list("status", flat=True)) <= {"applied", "ignored"}

    def test_a_blocked_deployment_is_approved_or_rejected_there(self, source, gitlab, mapped, managing) -> None:
        made = source("gitlab", api_url=f"{gitlab.script.url}/api/v4", api_credential="gitlab-token")
        mapped(made, "root/test-deployment-webhooks", a_measured_service(at=timezone.now()))
        body = body_of("gitlab", "deployment.json") | {"status": "blocked", "environment": "production"}
        raw = json.dumps(body).encode()
        assert posted("gitlab", raw, X_Gitlab_Token=made.secret).status_code == 202
        work()
        assert gitlab.said == []
        change = Change.objects.get()
        people_decide.decide_by_person(
            change, actor=managing, decision="decline", comment="Not today, please.", at=timezone.now()
        )
        work()
        assert [one["status"] for one in gitlab.said] == ["rejected"]
        assert change.reference in gitlab.said[0]["comment"]
        assert PlatformQuestion.objects.get().told_at is not None

    @pytest.mark.parametrize("number", ["15/../../../../user/keys?x=", "-1", "15#"])
    def test_a_number_that_is_none_leads_nowhere(self, number, source, gitlab, mapped) -> None:
        made = source("gitlab", api_url=f"{gitlab.script.url}/api/v4", api_credential="gitlab-token")
        mapped(made, "root/test-deployment-webhooks", a_service())
        body = body_of("gitlab", "deployment.json") | {"status": "blocked", "deployment_id": number}
        assert posted("gitlab", json.dumps(body).encode(), X_Gitlab_Token=made.secret).status_code == 202
        work()
        assert (PlatformDelivery.objects.get().status, gitlab.script.asked) == ("parked", [])

    def test_another_projects_number_gets_no_answer_of_this_one(self, source, gitlab, mapped, managing) -> None:
        made = source("gitlab", api_url=f"{gitlab.script.url}/api/v4", api_credential="gitlab-token")
        mapped(made, "root/payments", a_service())
        body = body_of("gitlab", "deployment.json") | {"status": "blocked", "environment": "production"}
        body["project"]["path_with_namespace"] = "root/payments"  # with the number of test-deployment-webhooks
        assert posted("gitlab", json.dumps(body).encode(), X_Gitlab_Token=made.secret).status_code == 202
        work()
        change = Change.objects.get()
        people_decide.decide_by_person(
            change, actor=managing, decision="decline", comment="Not on a Friday, please.", at=timezone.now()
        )
        work()
        assert {one.path.split("/")[4] for one in gitlab.script.asked} == {"root%2Fpayments"}


class TestOthers:
    def test_a_service_that_was_deployed_comes_by_the_door_of_cdevents(self, api, pipeline, a_program) -> None:
        service = a_service(slug="mysubject123")
        event = body_of("cdevents", "service_deployed.json")
        event["context"]["timestamp"] = timezone.now().isoformat()
        event["subject"]["content"]["environment"]["id"] = "production"
        client = api(a_program, "alerts:write")
        cloud = {"specversion": "1.0", "id": "x", "source": "/s", "type": event["context"]["type"], "data": event}
        for body in (event, event, cloud):
            assert client.post(f"{DOORS}/cdevents/", body, format="json").status_code == 202
        work()
        told = DeploymentEvent.objects.get()
        assert (told.service, told.told_by, told.result) == (service, "cdevents", "succeeded")
        assert told.artifact_digest.startswith(
            "sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427"
        )

    def test_deployments_whose_long_names_begin_alike_are_two(self, api, pipeline, a_program) -> None:
        """Cut, the second was taken for the first: whatever went out after it, nobody looked for its authorisation."""
        a_service(slug="mysubject123")
        client, event = api(a_program, "alerts:write"), body_of("cdevents", "service_deployed.json")
        event["context"] |= {"timestamp": timezone.now().isoformat(), "source": "/ci/" + "x" * 300}
        event["subject"]["content"]["environment"]["id"] = "production"
        for number in ("one", "two"):
            event["context"]["id"] = number
            assert client.post(f"{DOORS}/cdevents/", event, format="json").status_code == 202
        work()
        assert (PlatformDelivery.objects.count(), DeploymentEvent.objects.count()) == (2, 2)

    def test_what_was_retired_takes_no_event_any_more(self, api, keeper, a_program) -> None:
        event = body_of("cdevents", "service_deployed.json")
        client = api(a_program, "alerts:write")
        client.post(f"{DOORS}/cdevents/", event, format="json")
        source = PlatformDelivery.objects.get().source
        sources.retire_source(source, actor=keeper, version=source.version, at=timezone.now())
        event["context"]["id"] = "another"
        assert client.post(f"{DOORS}/cdevents/", event, format="json").status_code == 202
        assert PlatformDelivery.objects.count() == 1

    def test_deployments_whose_long_ids_differ_at_their_ends_are_two(self, source, mapped) -> None:
        said = {"id": "/n", "repository": "/r", "environment": "/e", "deployments": "/all"}
        made = source("generic", slug="g" * 60, mapping=said)
        mapped(made, "a/b", a_service())
        rows = [{"r": "a/b", "e": "production", "n": "n" * length + end} for length in (150, 400) for end in "12"]
        raw = json.dumps({"all": rows}).encode()
        posted(f"generic/{made.slug}", raw, X_Hub_Signature_256=hub_signed(made.secret, raw))
        work()
        assert PlatformDelivery.objects.get().status == "applied"
        assert DeploymentEvent.objects.count() == 4

    def test_a_program_that_may_not_ask_the_gate_tells_of_no_deployment(self, api, a_program) -> None:
        a_program.roles = ["agent"]
        a_program.save(update_fields=["roles"])
        event = body_of("cdevents", "service_deployed.json")
        assert api(a_program, "alerts:write").post(f"{DOORS}/cdevents/", event, format="json").status_code == 202
        assert not PlatformDelivery.objects.exists()

    def test_json_of_any_shape_is_read_by_its_mapping(self, source, mapped) -> None:
        mapping_of = {"deployments": "/events", "id": "/n", "service": "/app", "environment": "/env", "result": "/state",
                      "results": {"OK": "succeeded"}, "digest": "/image"}  # fmt: skip
        made, service = source("generic", slug="jenkins", mapping=mapping_of), a_service(slug="till")
        rows = [{"n": 1, "app": "till", "env": "production", "state": "OK", "image": f"reg/till@sha256:{'a' * 64}"}]
        raw = json.dumps({"events": rows}).encode()
        assert posted("generic/jenkins", raw, X_Hub_Signature_256=hub_signed(made.secret, raw)).status_code == 202
        assert posted("generic/other", raw, X_Hub_Signature_256=hub_signed(made.secret, raw)).status_code == 401
        signed = standard(made.secret, raw)
        assert posted("generic/jenkins", raw, **signed).status_code == 202
        work()
        told = DeploymentEvent.objects.get()
        assert (told.service, told.external_id, told.artifact_digest) == (service, "jenkins:1", f"sha256:{'a' * 64}")
