"""Sources and mappings over REST and pages: secrets shown once, what is kept, and what may not be."""

import pytest
from django.utils import timezone

from changes.delivery.operations import mapping, sources
from changes.models import DeliverySource, DeploymentRoute, PlatformDelivery
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.changes.delivery.conftest import work
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

NEW = {"slug": "hub", "name": "Hub", "platform": "github", "account": "pipeline"}


def test_the_secret_is_in_the_first_answer_and_nowhere_else(api, manager, pipeline) -> None:
    client = api(manager, "changes:write", "read")
    made = client.post("/api/v1/delivery-sources/", NEW, format="json", HTTP_IDEMPOTENCY_KEY="one")
    secret = made.json()["secret"]
    assert (made.status_code, secret[:6], made.json()["api_url"]) == (201, "whsec_", "https://api.github.com")
    again = client.post("/api/v1/delivery-sources/", NEW, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert (again.status_code, again.json()["secret"]) == (201, "")
    assert "secret" not in client.get("/api/v1/delivery-sources/hub/").json()
    assert secret.removeprefix("whsec_") not in str(DeliverySource.objects.values().get())
    turned = client.post("/api/v1/delivery-sources/hub/rotate/", {}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert (turned.status_code, turned.json()["secret"] != secret) == (200, True)


@each_of(
    "words",
    [
        {"account": "manager"}, {"platform": "svn"}, {"api_url": "ftp://x"}, {"api_url": "nowhere"}, {"app_id": "1 2"},
        {"mapping": {"id": "no pointer"}}, {"mapping": {"odd": "/x"}}, {"credential": "UPPER"}, {"slug": "a b"},
        {"api_credential": "../../etc/passwd"}, {"mapping": []}, {"mapping": 0}, {"mapping": False}, {"mapping": ""},
        {"mapping": {"id": "/id", "environment": "/env", "service": "/app", "results": {"ok": []}}},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(words, api, manager, pipeline) -> None:
    answer = api(manager, "changes:write").post("/api/v1/delivery-sources/", NEW | words, format="json")
    assert (answer.status_code, DeliverySource.objects.count()) == (400, 0)


@pytest.mark.parametrize("nothing", [{}, None], ids=str)
def test_no_mapping_is_kept_as_one_that_says_nothing(nothing, api, manager, pipeline) -> None:
    answer = api(manager, "changes:write").post("/api/v1/delivery-sources/", NEW | {"mapping": nothing}, format="json")
    assert (answer.status_code, DeliverySource.objects.get().mapping) == (201, {})


def test_programs_and_others_keep_none(asker, approving, pipeline) -> None:
    for actor in (asker, approving):
        with pytest.raises(NotPermitted):
            sources.add_source(actor=actor, account=pipeline, slug="x", name="x", platform="github", at=timezone.now())


def test_a_person_is_no_account_of_one(keeper, manager) -> None:
    with pytest.raises(InvalidInput):
        sources.add_source(actor=keeper, account=manager, slug="x", name="x", platform="github", at=timezone.now())


def test_where_no_program_has_an_account_the_form_leads_to_one(web, manager, person) -> None:
    adds, client = "/new-person/?program=1", web(manager)
    assert adds in client.get("/changes/delivery/sources/new/").content.decode()
    person("engineer", username="robot", account_type="service", owner=manager)
    assert adds not in client.get("/changes/delivery/sources/new/").content.decode()


def test_its_pages_lead_from_nothing_to_the_first_mapping(web, manager, pipeline, source, send) -> None:
    client = web(manager)
    assert b"No platform tells of deployments yet" in client.get("/changes/delivery/sources/").content
    said = {"name": "Hub", "slug": "hub", "platform": "github", "account": "pipeline"}
    made = client.post("/changes/delivery/sources/new/", said)
    assert (made.status_code, b"whsec_" in made.content, b"integrations/github/" in made.content) == (200, True, True)
    assert client.get("/changes/delivery/sources/hub/").status_code == 200
    of = source("gitlab")
    PlatformDelivery.objects.create(
        source=of, delivery_id="1", body=b"x\x9c\xab\xae\x05\x00\x01u\x00\xf9", sha256="0" * 64, size=2,
        received_at=timezone.now(), status="parked", reason="It says nothing.",
    )  # fmt: skip
    log = client.get("/changes/delivery/?state=parked").content
    assert b"It says nothing." in log
    service = a_service()
    words = {"source": "hub", "repository": "Acme/Shop", "service": service.pk, "environment": "staging"}
    assert client.post("/changes/delivery/routes/", words).status_code == 302
    route = DeploymentRoute.objects.get()
    assert (route.repository, route.environment) == ("acme/shop", "staging")
    assert b"acme/shop" in client.get("/changes/delivery/routes/").content
    assert client.post("/changes/delivery/routes/", words).status_code == 409
    assert client.post(f"/changes/delivery/routes/{route.pk}/unmap/", {"version": 1}).status_code == 302
    assert not DeploymentRoute.objects.exists()


def test_nobody_with_a_stake_keeps_from_being_looked_for_what_went_out(source, mapped, manager, keeper) -> None:
    """Discarded, told of another place, or told no more: an unauthorised deployment would stay unseen as well."""
    service = a_measured_service(at=timezone.now())
    pointers = {"id": "/n", "service": "/app", "environment": "/env"}
    of = source("generic", slug="jenkins", mapping=pointers)
    mapped(of, "acme/shop", service)
    waits = PlatformDelivery.objects.create(
        source=of, delivery_id="1", body=b"x", sha256="0" * 64, size=1, received_at=timezone.now(), status="unmapped"
    )
    ask(service, keeper)
    with pytest.raises(NotPermitted, match="interest"):
        mapping.discard(waits, actor=keeper, at=timezone.now())
    with pytest.raises(NotPermitted, match="interest"):
        sources.edit_source(of, actor=keeper, version=1, mapping=pointers | {"environment": "/stage"})
    with pytest.raises(NotPermitted, match="interest"):
        sources.retire_source(of, actor=keeper, version=1, at=timezone.now())
    assert sources.edit_source(of, actor=keeper, version=1, name="Jenkins").name == "Jenkins"


def test_what_is_parked_is_discarded_once(api, manager, source, send) -> None:
    send(source(), "deployment_status", {"repository": {"full_name": "a/b"}})
    work()
    path = f"/api/v1/platform-deliveries/{PlatformDelivery.objects.get().pk}"
    client = api(manager, "changes:write", "read")
    assert '"full_name"' in client.get(f"{path}/body/").json()["text"]
    assert client.post(f"{path}/discard/", {}, format="json").json()["status"] == "discarded"
    assert client.post(f"{path}/discard/", {}, format="json").status_code == 409
