"""Whatever is sent to a form of the desk: its page again, a clear refusal, never a failure of ours."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.api.hostile import ODD, SEED, UNLISTED
from tests.api.world import World, browser
from tests.slo.proving import IN_FULL, by_turns

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(3600)]
ASKED = 10_000 if IN_FULL else 100
DOORS = 40 if IN_FULL else 12  # so many forms at least: a page that loses its forms would prove nothing
# As bytes of a form, beside every odd text that JSON is tried with.
TORN = ["%00", "a%00b", "%ff", "%ED%A0%80", "%C0%AF", "%", "%zz", "%0d%0aX:1", "+", "&", "=", "%EF%BB%BF", "9" * 5000]
_LEAVES = ("/sign-out/",)


@dataclass
class Form:
    """Where a form leads, and what it would send as it stands."""

    address: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """Those of a page that write."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.found, self.inside = address, list[Form](), False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            target = said.get("hx-post") or (said.get("action") or self.address) * (said.get("method") == "post")
            self.inside = bool(target) and target.startswith("/") and not target.startswith(_LEAVES)
            if self.inside:
                self.found.append(Form(target.split("#")[0]))
        elif self.inside and tag in {"input", "select", "textarea", "button"} and "name" in said:
            self.found[-1].fields.append((said["name"], said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def addresses(world: World) -> list[str]:
    here = world.incident.get_absolute_url()
    macro = f"{here}macro/{world.macro.slug}/"
    return [
        here, f"{here}rewrite/", f"{here}together/", f"{here}macro/", macro, *(f"{here}{step}/" for step in ("hold", "resolve")),
        f"{here}merge/", f"{here}escalate/", "/incidents/new/", "/incidents/views/new/", "/macros/add/", "/macros/templates/add/",
        world.macro.get_absolute_url(), world.template.get_absolute_url(), "/fields/new/", f"/fields/{world.field.pk}/",
        "/rules/new/", "/rules/dry-run/", "/calendars/new/", f"/calendars/{world.calendar.pk}/", "/agreements/",
        "/offerings/new/checkout/", world.offering.get_absolute_url(), "/setup/agreement/",
        "/reports/saved/new/", "/profile/", "/people/engineer/", "/teams/payments/", "/new-team/", "/new-person/",
    ]  # fmt: skip


def written_by_scripts(world: World) -> list[Form]:
    """Forms that stand on no page: scripts send them."""
    here = world.incident.get_absolute_url()
    version = ("version", "1")
    return [
        Form(f"{here}move/", [("group_by", "state"), ("to", "resolved"), version, ("asked", "1"), ("resolution", "x")]),
        Form(f"{here}move/", [("group_by", "priority"), ("to", "2"), version]),
        Form(f"{here}move/", [("group_by", "team"), ("to", "1"), version]),
        Form(f"{here}move/", [("group_by", "person"), ("to", "1"), version]),
        Form(f"{here}row/", [("priority", "2"), version]),
        Form(f"{here}macro/{world.macro.slug}/", [version, ("macro_version", "1")]),
        Form(f"/macros/{world.macro.slug}/try/", [("reference", world.incident.reference)]),
        Form(f"/macros/{world.macro.slug}/delete/", [version]),
        Form(f"/macros/templates/{world.template.slug}/delete/", [version]),
        Form("/bulk/of/incident/", [("chosen", world.incident.reference), ("actions", "[]")]),
        Form("/bulk/of/incident/assign/", [("chosen", world.incident.reference)]),
    ]


def forms(client: Client, world: World) -> list[Form]:
    found = written_by_scripts(world)
    for address in sorted(by_turns(set(addresses(world)), timezone.now().toordinal(), one_in=4)):
        answer = client.get(address)
        assert answer.status_code < 500, address
        found += Forms(address, answer.content.decode()).found if answer.status_code == 200 else []
    return found


def bodies(form: Form, chance: random.Random) -> Iterator[str]:
    """Endless: what the form would send, with one or two things in it odd."""
    values = [quote(one) for one in ODD if isinstance(one, str)] + TORN
    while True:
        sent = [(quote(name), quote(value)) for name, value in form.fields if name != "csrfmiddlewaretoken"]
        for _ in range(chance.randint(1, 2)):
            place = chance.randrange(len(sent) + 1)
            name = sent[place][0] if place < len(sent) else quote(chance.choice(UNLISTED))
            sent[place : place + chance.randint(0, 1)] = [(name, chance.choice(values))]
        yield "&".join(f"{name}={value}" for name, value in sent)


def test_a_form_of_the_desk_refuses_what_is_odd_and_never_fails(world: World) -> None:
    client, chance = browser(world.people["admin"]), random.Random(SEED if IN_FULL else timezone.now().toordinal())
    doors = forms(client, world)
    assert len(doors) >= DOORS
    chance.shuffle(doors)
    wrong, asked = [], 0
    endless = [bodies(form, chance) for form in doors]
    while asked < ASKED:
        for form, body in list(zip(doors, endless, strict=True))[: ASKED - asked]:
            sent = next(body)
            asked += 1
            headers = {"HX-Request": "true"} if chance.random() < 0.3 else {}
            with transaction.atomic():
                answer = client.generic(
                    "POST", form.address, sent.encode(), "application/x-www-form-urlencoded", headers=headers
                )
                transaction.set_rollback(True)
            if answer.status_code >= 500:
                wrong.append(f"{form.address}: {answer.status_code}: {sent[:300]}")
    assert not wrong, "\n".join(wrong[:30])
