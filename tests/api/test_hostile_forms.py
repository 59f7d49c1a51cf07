"""Whatever is sent to a form of the desk: its page again, a clear refusal, never a failure of ours."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from tests.api.hostile import ODD, SEED, UNLISTED
from tests.api.world import World, browser
from tests.architecture.test_page_matrix import BY_LINK, POST_ONLY, PUBLIC, address, names
from tests.slo.proving import IN_FULL, TURN, by_turns

pytestmark = [pytest.mark.heavy, pytest.mark.django_db, pytest.mark.timeout(3600)]
SHARES, ASKED = (10, 1000) if IN_FULL else (1, 100)  # ten thousand in full, by shares that several workers can take
DOORS = 40 if IN_FULL else 12  # so many forms at least: a page that loses its forms would prove nothing
# As bytes of a form, beside every odd text that JSON is tried with.
TORN = ["%00", "a%00b", "%ff", "%ED%A0%80", "%C0%AF", "%", "%zz", "%0d%0aX:1", "+", "&", "=", "%EF%BB%BF", "9" * 5000]
_LEAVES = ("/sign-out/",)


# What a field that has to be filled is filled with, by its kind, so that only what is odd can be refused.
APT = {
    "number": "1", "date": "2026-12-01", "datetime-local": "2026-12-01T12:00", "time": "12:00", "email": "a@example.org",
    "url": "https://example.org/", "month": "2026-12",
}  # fmt: skip


@dataclass
class Form:
    """Where a form leads, and what it would send as it stands."""

    address: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class Forms(HTMLParser):
    """Those of a page that write, filled as a browser would fill them."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.found, self.inside, self.within = address, list[Form](), False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            target = said.get("hx-post") or (said.get("action") or self.address) * (said.get("method") == "post")
            self.inside = bool(target) and target.startswith("/") and not target.startswith(_LEAVES)
            if self.inside:
                self.found.append(Form(target.split("#")[0]))
        elif self.inside and tag in {"input", "select", "textarea", "button"} and "name" in said:
            self._field(tag, said)
        elif self.inside and tag == "option" and self.within == "select" and said.get("value"):
            self._option(said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        kind, value = said.get("type", "text"), said.get("value", "")
        self.within = tag
        if kind in {"checkbox", "radio"} and not {"checked", "required"} & set(said):
            return
        if "required" in said and tag in {"input", "textarea"}:
            value = value or APT.get(kind, "x")
        self.found[-1].fields.append((said["name"], value))

    def _option(self, said: dict[str, str]) -> None:
        """Of a choice the one that is chosen, else the first that says something."""
        name, value = self.found[-1].fields[-1]
        if not value or "selected" in said:
            self.found[-1].fields[-1] = (name, said["value"])

    def handle_data(self, data: str) -> None:
        if self.inside and self.within == "textarea" and data.strip():
            name, _apt = self.found[-1].fields[-1]
            self.found[-1].fields[-1] = (name, data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        self.within = "" if tag == self.within else self.within
        if tag == "form":
            self.inside = False


def addresses(world: World) -> list[str]:
    """Every page of the product, and those that the address or the query of another turns into a form of its own."""
    here, item = world.incident.get_absolute_url(), world.item.get_absolute_url()
    pages = sorted(set(names()) - POST_ONLY - PUBLIC - BY_LINK)
    return [
        *(address(name, world) for name in pages),
        *(f"{here}{step}/" for step in ("hold", "resolve", "cancel", "merge", "escalate")),
        *(f"{item}{step}/" for step in ("order", "build", "put-into-service", "take-out", "retire")),
        world.running.get_absolute_url(), world.sourced.get_absolute_url(), f"/imports/of/{world.sourced.reference}/",
        f"/imports/{world.seen_run.reference}/", "/cis/new/?class=server", "/calendar/?window=freeze",
    ]  # fmt: skip


def written_by_scripts(world: World) -> list[Form]:
    """Forms that stand on no page: scripts send them. Of every other door that only takes, one of no fields at all."""
    here, version = world.incident.get_absolute_url(), ("version", "1")
    only = POST_ONLY - {"accounts:sign_out"}
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
        Form(f"/cis/{world.item.reference}/impact/layout/", [("positions", "{}")]),
        *(Form(address(name, world), [("version", "1")]) for name in sorted(by_turns(only, TURN, one_in=20))),
    ]


def forms(client: Client, world: World) -> list[Form]:
    found = written_by_scripts(world)
    for place in sorted(by_turns(set(addresses(world)), TURN, one_in=20)):
        found += Forms(place, shown(client, place)).found
    return found


def shown(client: Client, address: str) -> str:
    """A page as text; empty where there is none, or it is none."""
    answer = client.get(address)
    assert answer.status_code < 500, address
    if answer.streaming:
        list(answer.streaming_content)  # an answer that nobody reads keeps its file open
    page = answer.status_code == 200 and not answer.streaming and answer["Content-Type"].startswith("text/html")
    return answer.content.decode() if page else ""


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


@pytest.mark.parametrize("share", range(SHARES))
def test_a_form_of_the_desk_refuses_what_is_odd_and_never_fails(world: World, share: int) -> None:
    client = browser(world.people["admin"])
    chance = random.Random(SEED + share if IN_FULL else TURN)
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
            if said := complaint(client, form, sent, headers):
                wrong.append(f"{form.address}: {said}: {sent[:300]}")
    assert not wrong, "\n".join(wrong[:30])


def complaint(client: Client, form: Form, sent: str, headers: dict[str, str]) -> str:
    """What is wrong with the answer; empty if nothing is. Nothing that it did stays, the signing in neither."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer = client.generic(
            "POST", form.address, sent.encode(), "application/x-www-form-urlencoded", headers=headers
        )
        said = _at_the_commit() if answer.status_code < 400 else ""
        transaction.set_rollback(True)
    client.cookies = cookies
    if answer.status_code >= 500:
        return str(answer.status_code)
    led_away = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    return "nobody was signed in" if led_away else said


def _at_the_commit() -> str:
    """What the database would say only when all this is committed."""
    try:
        with transaction.atomic():
            connection.check_constraints()
    except DatabaseError as error:
        return str(error)
    return ""
