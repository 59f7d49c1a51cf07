"""A provider writes people by SCIM: each made, each put into a group that gives a role, each read, each deactivated.

    python -m tests.bench.scim [people]

One after the other, as providers do, over the whole WSGI stack in one process; the network between is left out. Held to:
1,000 people made and in their group within 60 seconds.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

PEOPLE, AT_ONCE = 1_000, 100
JSON = "application/scim+json"


def measure(people: int = PEOPLE) -> dict[str, Any]:
    """Seconds of each part, and people a second."""
    from django.conf import settings
    from django.utils import timezone
    from rest_framework.test import APIClient

    from itsm.accounts import operations as accounts
    from itsm.accounts.models import User
    from itsm.clocks import due
    from itsm.identity.models import GroupMapping, IdentityProvider
    from itsm.kernel.actors import Actor
    from itsm.scim.models import Owed, ScimUser

    settings.ALLOWED_HOSTS = ["*"]
    at, run = timezone.now(), f"bench{int(time.time())}"
    keeper = User.objects.create(username=f"{run}-keeper", roles=["admin"])
    program = User.objects.create(username=run, account_type="service", owner=keeper)
    said = {"account": run, "believes_addresses": True, "signs_in_by": ""}
    provider = IdentityProvider.objects.create(
        slug=run, name="Bench", protocol="scim", sign_up="everybody", configuration=said, made_by=keeper,
        asked_at=at, trusted_at=at,
    )  # fmt: skip
    GroupMapping.objects.create(
        provider=provider, group="everybody", role="engineer", mapped_by=keeper, asked_at=at, trusted_at=at
    )
    _, token = accounts.issue_token(program, actor=Actor.system("bench"), name="bench", allowed=["scim"])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    def ask(method: str, path: str, body: Any = None) -> Any:
        answer = client.generic(method, f"/scim/v2{path}", json.dumps(body) if body else "", content_type=JSON)
        assert answer.status_code < 300, answer.content
        return json.loads(answer.content) if answer.content else {}

    def patch(address: str, **operation: Any) -> Any:
        schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
        return ask("PATCH", address, {"schemas": schemas, "Operations": [operation]})

    figures: dict[str, Any] = {"people": people}
    made = _timed(figures, "made", lambda: [ask("POST", "/Users", _user(run, n))["id"] for n in range(people)])
    group = ask("POST", "/Groups", {"displayName": "everybody"})["id"]

    def put_in() -> None:
        for start in range(0, people, AT_ONCE):
            members = [{"value": one} for one in made[start : start + AT_ONCE]]
            patch(f"/Groups/{group}?excludedAttributes=members", op="add", path="members", value=members)
        while Owed.objects.exists():
            due.sweep(timezone.now())

    _timed(figures, "put into a group", put_in)
    assert User.objects.filter(roles__contains=["engineer"], username__startswith=run).count() == people
    _timed(figures, "found by name", lambda: [
        ask("GET", f'/Users?filter=userName%20eq%20"{run}-{n}@bench.test"') for n in range(0, people, 10)
    ])  # fmt: skip
    _timed(figures, "deactivated", lambda: [
        patch(f"/Users/{one}", op="Replace", path="active", value="False") for one in made
    ])  # fmt: skip
    assert not ScimUser.objects.filter(provider=provider, user__is_active=True).exists()
    figures["made and in their group, seconds (limit 60)"] = round(figures["made"] + figures["put into a group"], 1)
    return figures


def _user(run: str, number: int) -> dict[str, Any]:
    name = f"{run}-{number}"
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": f"{name}@bench.test", "externalId": name,
        "name": {"givenName": "Person", "familyName": str(number)}, "active": True,
        "emails": [{"value": f"{name}@bench.test", "primary": True}],
    }  # fmt: skip


def _timed(figures: dict[str, Any], name: str, do: Callable[[], Any]) -> Any:
    begun, worked = time.perf_counter(), time.process_time()
    done = do()
    figures[name] = round(time.perf_counter() - begun, 1)
    figures[f"{name}, of our processor"] = round(time.process_time() - worked, 1)
    return done


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings")
    django.setup()
    print(json.dumps(measure(*map(int, sys.argv[1:2])), indent=2))


if __name__ == "__main__":
    main()
