"""Paging over REST: a policy is made and lives, a page is answered, and providers speak at their own doors."""

import json

import pytest
from django.utils import timezone

from itsm.accounts.models import Membership, Team
from itsm.paging.models import Escalation, EscalationPolicy, Page
from tests.itsm.paging.company import a_phone, a_policy, a_provider, lane_works
from tests.itsm.paging.test_escalating import begun
from tests.together import each_of

pytestmark = pytest.mark.django_db
_FORM = "application/x-www-form-urlencoded"


def test_a_policy_is_made_edited_and_lives(api, engineer, payments):
    Membership.objects.get_or_create(team=payments, user=engineer)
    client = api(engineer)
    body = {
        "name": "Payments", "team": "payments",
        "steps": [{"wait": 300, "begin": "22:00", "end": "06:00", "targets": [{"kind": "person", "person": "engineer"}]}],
    }  # fmt: skip
    made = client.post("/api/v1/escalation-policies/", body, format="json")
    assert made.status_code == 201, made.content
    at = "/api/v1/escalation-policies/payments/"
    assert made.json()["live_at"] is None
    assert client.post(f"{at}go-live/", {}, format="json").json()["live_at"] is not None
    edited = client.patch(at, {"repeats": 0}, format="json", headers={"If-Match": '"2"'})
    assert edited.json()["repeats"] == 0
    assert edited.json()["steps"][0]["begin"] == "22:00"
    assert client.delete(at, headers={"If-Match": '"3"'}).status_code == 204
    assert EscalationPolicy.objects.get().retired_at is not None


def test_a_page_is_answered_over_rest(api, engineer, payments):
    escalation = begun(a_policy(payments, [engineer]), payments, timezone.now())
    lane_works(timezone.now())
    page = Page.objects.get()
    client = api(engineer)
    answered = client.post(f"/api/v1/pages/{page.pk}/acknowledge/", {}, format="json")
    assert answered.json()["status"] == "acknowledged"
    assert answered.json()["how"] == "api"
    assert client.post(f"/api/v1/pages/{page.pk}/acknowledge/", {}, format="json").status_code == 409
    assert client.get(f"/api/v1/escalations/{escalation.pk}/").json()["held_by"] == "engineer"


def test_providers_speak_at_their_own_doors_and_learn_nothing(client, engineer, payments):
    a_phone(engineer)
    provider = a_provider("https://sms.invalid")
    begun(a_policy(payments, [engineer]), payments, timezone.now())
    lane_works(timezone.now())
    code = Page.objects.get().code
    door = f"/api/v1/integrations/paging/{provider.token}"
    assert client.post("/api/v1/integrations/paging/no-such-token/replies/", f"text={code}", _FORM).status_code == 404
    assert client.post(f"{door}/replies/", f"From=%2B4930000000&Body={code}", _FORM).json() == {"heard": 0}
    said = json.dumps({"from": "+4915112345678", "text": code})
    assert client.post(f"{door}/replies/", said, content_type="application/json").json() == {"heard": 1}
    assert client.post(f"{door}/reports/", "[1]", content_type="application/json").json() == {"heard": 0}
    assert client.post(f"{door}/reports/", "{", content_type="application/json").status_code == 400
    assert client.get(f"{door}/replies/").status_code == 405
    assert Page.objects.get().how == "code"


def test_a_preset_lays_the_routes_of_a_service(api, manager, engineer, agent, payments):
    from incidents.escalation.queries import route_for
    from tests.factories.slo import a_service

    service = a_service(team=payments)
    for name, person in (("builders", engineer), ("operations", agent)):
        a_policy(payments, [person], name=name)
    body = {
        "preset": "by_day", "service": service.slug, "builders": "builders", "operations": "operations",
        "zone": "Europe/Berlin",
    }  # fmt: skip
    client = api(manager)
    for _ in range(2):  # laying it again changes nothing
        laid = client.post("/api/v1/escalation-routes/preset/", body, format="json")
        assert laid.status_code == 200, laid.content
        lines = sorted(client.get("/api/v1/escalation-routes/").json()["results"], key=lambda one: one["position"])
        assert [one["policy"] for one in lines] == ["builders", "operations"]
    day = timezone.now().replace(year=2026, month=11, day=24, hour=12)  # a Tuesday
    taken = [
        route_for(service=service.pk, team=payments.pk, urgency="high", at=one).policy.slug  # type: ignore[union-attr]
        for one in (day, day.replace(hour=3), day.replace(day=28))
    ]
    assert taken == ["builders", "operations", "operations"]


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"status": "failed", "id": "\\ud800"}', '{"id": NaN}', '{"id": "\\u0000"}']
)
@each_of("way", ["reports", "replies"])
def test_what_a_provider_would_never_say_is_no_fault_of_ours(client, way, body):
    """Whoever finds the door may send there."""
    door = f"/api/v1/integrations/paging/{a_provider('https://sms.example.com').token}"
    assert client.post(f"{door}/{way}/", body, content_type="application/json").status_code == 400


def test_a_new_route_lies_before_the_one_that_takes_everything(api, web, manager, engineer, payments):
    policy = a_policy(payments, [engineer], name="all")
    client = api(manager)

    def lay(**said):
        return int(
            client.post("/api/v1/escalation-routes/", {"policy": policy.slug, **said}, format="json").json()["position"]
        )

    assert lay() == 1
    assert lay(urgency="high") == 1  # behind it, it would never be taken
    assert lay() == 3  # another that takes everything changes nothing
    assert web(manager).get("/escalation-routes/").content.decode().count("never taken") == 1
    assert lay(urgency="low", position=4) == 4  # where somebody says so
    assert web(manager).get("/escalation-routes/").content.decode().count("never taken") == 2


def test_who_is_called_for_what_is_hidden_from_them_reads_its_reference_alone(client, api, engineer, admin, payments):
    """Such as the last resort, and who decides about a major incident."""
    begun(a_policy(payments, [engineer]), payments, timezone.now())
    lane_works(timezone.now())
    client.force_login(engineer)
    page, escalation = Page.objects.get(), Escalation.objects.get()
    pages = ["/pages/", f"/pages/{page.pk}/", escalation.get_absolute_url()]
    programs = ["/api/v1/pages/", "/api/v1/escalations/"]
    assert all("Checkout burns" in client.get(one).content.decode() for one in pages)
    Membership.objects.filter(user=engineer).delete()
    Team.objects.filter(pk=payments.pk).update(confidential=True, takes_work=True)
    for answer in [*(client.get(one) for one in pages), *(api(engineer).get(one) for one in programs)]:
        assert answer.status_code == 200
        assert "Checkout burns" not in answer.content.decode()
        assert '"payments"' not in answer.content.decode()
