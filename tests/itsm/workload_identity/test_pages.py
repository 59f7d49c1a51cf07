"""Who comes in without a secret, as administrators say it on pages, and over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.workload_identity import exchanging
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import TrustedIssuer, UnmappedWorkload, WorkloadMapping
from tests.itsm.workload_identity.issuer import Issuer
from tests.together import each_of

pytestmark = pytest.mark.django_db
LIST = "/settings/workloads/"
PASSWORD = "correct horse battery staple"


def test_an_administrator_alone_says_their_password_trusts_a_platform_and_maps_what_asked(
    platform: Issuer, admin: User, pipeline: User
) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    browser = Client()
    browser.force_login(admin, backend="itsm.accounts.backends.PeopleOnly")
    said = {"name": "Acme CI", "issuer": platform.url}
    assert browser.post(f"{LIST}trust/", said).status_code == 422  # nobody knows who sits there
    assert browser.post(f"{LIST}trust/", said | {"password": "a guess"}).status_code == 400
    assert not TrustedIssuer.objects.exists()
    assert browser.post(f"{LIST}trust/", said | {"password": PASSWORD}).status_code == 302
    issuer = TrustedIssuer.objects.get()
    assert issuer.trusted_by == admin

    with pytest.raises(WorkloadRefused):
        exchanging.exchange(platform.token(), at=timezone.now())
    page = browser.get(issuer.get_absolute_url()).content.decode()
    assert "acme/checkout" in page
    asked = UnmappedWorkload.objects.get()
    form = browser.get(f"{issuer.get_absolute_url()}map/?of={asked.pk}").content.decode()
    assert "repository = acme/checkout\nenvironment = production\nworkflow = deploy" in form
    claims = "repository = acme/checkout\nref = refs/heads/*"
    answer = browser.post(f"{issuer.get_absolute_url()}map/", {"claims": claims, "account": pipeline.username})
    assert answer.status_code == 302
    assert WorkloadMapping.objects.get().claims == {"repository": "acme/checkout", "ref": "refs/heads/*"}
    text, _ends = exchanging.exchange(platform.token(), at=timezone.now())
    assert text
    page = browser.get(issuer.get_absolute_url()).content.decode()
    assert "refs/heads/*" in page
    assert "belong to no account" not in page
    mapping = WorkloadMapping.objects.get()
    assert browser.get(f"{LIST}mappings/{mapping.pk}/withdraw/").status_code == 200
    gone = browser.post(f"{LIST}mappings/{mapping.pk}/withdraw/", {"version": mapping.version})
    assert gone.status_code == 302
    with pytest.raises(WorkloadRefused):
        exchanging.exchange(platform.token(), at=timezone.now())


def test_where_there_is_another_administrator_they_confirm_it(
    platform: Issuer, admin: User, person: Callable[..., User], api: Any, pipeline: User, as_actor: Callable[..., Any]
) -> None:
    """Over REST as well: nobody comes in before the second person's word."""
    second = person("admin", username="second-admin")
    second.set_password(PASSWORD)
    second.save()
    client = api(admin)
    said = client.post("/api/v1/trusted-issuers/", {"name": "CI", "issuer": platform.url}, format="json")
    assert said.status_code == 202, said.content
    assert client.get("/api/v1/trusted-issuers/").json()["results"][0]["standing"] == "proposed"
    body = {"issuer": "CI", "claims": {"repository": "acme/checkout"}, "account": "pipeline"}
    assert client.post("/api/v1/workload-mappings/", body, format="json").status_code == 202
    with pytest.raises(WorkloadRefused) as refused:
        exchanging.exchange(platform.token(), at=timezone.now())
    assert refused.value.reason == "issuer"
    for one in Confirmation.objects.order_by("pk"):
        with pytest.raises(Exception, match="Four eyes"):
            confirming.confirm(one, actor=as_actor(admin), at=timezone.now(), version=one.version)
        confirming.confirm(one, actor=as_actor(second), at=timezone.now(), version=one.version)
    assert exchanging.exchange(platform.token(), at=timezone.now())
    assert client.get("/api/v1/workload-mappings/").json()["results"][0]["standing"] == "trusted"


@each_of(
    "claims",
    [
        {}, {"environment": "production"}, {"repository": "acme/*"}, {"repository": "*"}, {"sub": ""},
        {"repository": "acme/checkout", "ref": "*"}, {"repository": "a", "ref": "a*b"}, {"repo sitory": "x"},
        {"repository": "a" * 301}, {"repository": "a\0b"}, {f"c{at}": "x" for at in range(11)},
    ],
)  # fmt: skip
def test_a_mapping_never_lets_a_whole_platform_in(
    claims: dict[str, str], trusted: TrustedIssuer, world_free: Any
) -> None:
    assert world_free(claims) == 400


@pytest.fixture
def world_free(api: Any, admin: User, person: Callable[..., User], pipeline: User) -> Callable[[Any], int]:
    """The status of a proposal with these claims, by an administrator who has a colleague."""
    second = person("admin", username="second-admin")
    second.set_password(PASSWORD)
    second.save()

    def posted(claims: Any) -> int:
        body = {"issuer": "Acme CI", "claims": claims, "account": "pipeline"}
        answer = api(admin).post("/api/v1/workload-mappings/", body, format="json")
        return int(answer.status_code)

    return posted


def test_a_person_is_no_workload_and_two_equal_mappings_are_one(
    trusted: TrustedIssuer, mapped: WorkloadMapping, api: Any, admin: User, engineer: User, person: Callable[..., User]
) -> None:
    second = person("admin", username="second-admin")
    second.set_password(PASSWORD)
    second.save()
    body = {"issuer": "Acme CI", "claims": mapped.claims, "account": "engineer"}
    assert api(admin).post("/api/v1/workload-mappings/", body, format="json").status_code == 400
    again = api(admin).post("/api/v1/workload-mappings/", body | {"account": "pipeline"}, format="json")
    assert again.status_code == 409


@each_of(
    "issuer", ["http://169.254.169.254", "http://plain.example", "ftp://x", "nonsense", "https://a.example/?x=1", ""]
)
def test_an_issuer_is_an_address_outside_over_tls(issuer: str, api: Any, admin: User) -> None:
    answer = api(admin).post("/api/v1/trusted-issuers/", {"name": "x", "issuer": issuer}, format="json")
    assert answer.status_code == 400
    assert "issuer" in str(answer.json()["errors"])
