"""Sign-in by SAML 2.0, against a real provider and against what attackers make of its words."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from itsm.accounts.models import Session, User
from itsm.identity.models import ExternalIdentity, IdentityProvider, RefusedSignIn
from itsm.identity.vocabulary import Protocol
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import our_address
from itsm.single_sign_on import once
from itsm.single_sign_on.models import CameBack
from itsm.single_sign_on.saml import configuration
from tests.itsm.single_sign_on.saml_provider import (
    ENDS,
    ENTITY,
    MFA,
    WRAPPED,
    Idp,
    body,
    changed,
    pair,
    request_of,
    sent,
)
from tests.together import each_of

pytestmark = pytest.mark.django_db
SLO, OUT = "https://idp.acme.test/slo", "/sign-in/with/acme/logout/"
HERE = our_address(OUT)
ACS, METADATA = "/sign-in/with/acme/acs/", "/sign-in/with/acme/metadata/"


@pytest.fixture
def acme(connect: Callable[..., IdentityProvider], settings: Any, tmp_path: Path) -> IdentityProvider:
    for name in ("ours", "old"):
        key, certificate = pair(name)
        (tmp_path / f"{name}.key").write_text(key)
        (tmp_path / f"{name}.crt").write_text(certificate)
    settings.SECRETS_DIR = str(tmp_path)
    says = {"entity_id": ENTITY, "sso_url": "https://idp.acme.test/sso", "slo_url": SLO, "certificates": [pair()[1]],
            "emails_verified": True, "key": "ours", "strong_values": [MFA]}  # fmt: skip
    found = connect("", protocol=Protocol.SAML)
    found.configuration = configuration.checked(says)
    found.save()
    return found


@pytest.fixture
def idp(acme: IdentityProvider, tmp_path: Path) -> Idp:
    return Idp(tmp_path, Client().get(METADATA).content.decode())


def begun(client: Client, **more: str) -> str:
    return str(client.get("/sign-in/with/acme/", more)["Location"])


def posted(client: Client, text: Any) -> Any:
    """As a browser does it: the form of another site brings no cookie of ours, the redirect does."""
    kept = client.cookies
    client.cookies = type(kept)()
    answer = client.post(ACS, sent(text))
    client.cookies = kept
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def who(client: Client) -> str | None:
    pk = client.session.get("_auth_user_id")
    return None if pk is None else User.objects.get(pk=pk).username


def _why() -> str:
    return "; ".join(RefusedSignIn.objects.values_list("sentence", flat=True))


def refused(client: Client, text: Any) -> str:
    """Why, in the administrators' words."""
    answer = posted(client, text)
    assert answer.status_code == 403, answer.content
    assert "Other ways to sign in" in answer.content.decode()
    assert who(client) is None
    assert not ExternalIdentity.objects.exists()
    return RefusedSignIn.objects.latest("pk").sentence


def test_somebody_comes_in(idp: Idp) -> None:
    client = Client(enforce_csrf_checks=True)
    address = begun(client, next="/incidents/")
    assert "Signature=" in address, "our key signs what we ask"
    answer = posted(client, idp.respond(address, context=MFA))
    assert (answer.status_code, answer["Location"]) == (302, "/incidents/")
    assert who(client) == "ada"
    session = Session.objects.get(user__username="ada")
    assert (session.by, session.strong) == ("provider:acme", True)
    user = User.objects.get(username="ada")
    assert (user.email, user.name) == ("ada@acme.test", "Ada L.")
    assert ExternalIdentity.objects.get().subject == "a-1"


@pytest.mark.parametrize("whole", [False, True])
def test_an_encrypted_assertion_is_opened(whole: bool, idp: Idp, acme: IdentityProvider, admin: User) -> None:
    acme.configuration["wants_encrypted"] = True
    acme.save()
    at = timezone.now()
    acme.mappings.create(group="eng", role="engineer", asked_at=at, trusted_at=at, mapped_by=admin)
    client = Client()
    assert "is not encrypted" in refused(client, idp.respond(begun(client)))
    text = idp.respond(begun(client), groups=("eng",), encrypted="ours", whole=whole)
    assert "EncryptedAssertion" in text
    assert "ada@acme.test" not in text
    assert posted(client, text).status_code == 302, _why()
    assert "engineer" in User.objects.get(username="ada").roles


def test_what_is_encrypted_for_others_or_unsigned_within_is_refused(idp: Idp) -> None:
    client = Client()
    refused(client, idp.respond(begun(client), encrypted="old"))
    refused(client, idp.respond(begun(client), encrypted="ours", signed=False))
    refused(client, idp.respond(begun(client), encrypted="ours", signed=False, whole=True))


def test_it_is_taken_once_and_where_it_was_begun(idp: Idp) -> None:
    client, thief = Client(), Client()
    text = idp.respond(begun(client))
    begun(thief)
    assert posted(thief, text).status_code == 403, "begun in another browser"
    assert who(thief) is None
    assert posted(client, text).status_code == 403, "the thief used it up"
    text = idp.respond(begun(client))
    assert posted(client, text).status_code == 302
    assert posted(client, text).status_code == 403
    assert "used before" in RefusedSignIn.objects.latest("pk").sentence


def test_one_request_is_answered_once(idp: Idp) -> None:
    """Two assertions of the provider for one request: the second one, with another ID, lets nobody in."""
    client = Client()
    address = begun(client)
    first, second = idp.respond(address), idp.respond(address, subject="b-2", email="bob@acme.test")
    assert posted(client, first).status_code == 302
    assert posted(client, second).status_code == 403
    assert User.objects.filter(username="bob").count() == 0


def test_a_ticket_is_over_after_five_minutes(idp: Idp) -> None:
    client = Client()
    answer = client.post(ACS, sent(idp.respond(begun(client))))
    CameBack.objects.update(expires_at=timezone.now())
    assert client.get(answer["Location"]).status_code == 403
    assert client.get("/sign-in/with/acme/finish/?ticket=made-up").status_code == 403
    assert once.forget(timezone.now()) >= 1


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def _set(path: str, **attributes: str | None) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        found = root if path == "." else root.find(path, ENDS)
        for name, value in attributes.items():
            if value is None:
                found.attrib.pop(name, None)
            else:
                found.set(name, value)

    return change


def _text(path: str, text: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for one in root.findall(path, ENDS):
            one.text = text

    return change


def _gone(path: str) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for one in root.findall(path, ENDS):
            one.getparent().remove(one)

    return change


def _instruction(root: Any) -> None:
    root.append(etree.ProcessingInstruction("x", "y"))


DATA, CONDITIONS = ".//saml:SubjectConfirmationData", ".//saml:Conditions"
LIES: dict[str, Callable[[Any], None]] = {
    "for another audience": _text(".//saml:Audience", "https://other.test/"),
    "for no audience": _gone(".//saml:AudienceRestriction"),
    "for another recipient": _set(DATA, Recipient="https://other.test/acs"),
    "for another destination": _set(".", Destination="https://other.test/acs"),
    "of another issuer": _text(".//saml:Issuer", "https://idp.evil.test/"),
    "an assertion of another issuer": _text("saml:Assertion/saml:Issuer", "https://idp.evil.test/"),
    "expired": _set(DATA, NotOnOrAfter=_at(-3600)),
    "expired by its conditions": _set(CONDITIONS, NotOnOrAfter=_at(-3600)),
    "not valid yet": _set(CONDITIONS, NotBefore=_at(3600)),
    "asked for by nobody": _set(".", InResponseTo=None),
    "an answer to another request": _set(DATA, InResponseTo="_another"),
    "of nobody": _text(".//saml:NameID", " "),
    "an instruction in it": _instruction,
    "refused there": _set(".//samlp:StatusCode", Value="urn:oasis:names:tc:SAML:2.0:status:Requester"),
    "called by another name each time": _set(".//saml:NameID", Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
    "without a recipient": _set(DATA, Recipient=None),
    "for whoever begins as we do": _set(DATA, Recipient="http://testserver/sign-in/with/acme/acs/.evil"),
    "without an end": _set(DATA, NotOnOrAfter=None),
    "in answer to nothing in particular": _set(DATA, InResponseTo=None),
    "confirmed by nobody": _gone(".//saml:SubjectConfirmation"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_does_not_hold_lets_nobody_in(lie: str, idp: Idp) -> None:
    client = Client()
    text = changed(idp.respond(begun(client), signed=False), LIES[lie])
    assert refused(client, text)


def test_what_is_changed_and_signed_anew_would_hold(idp: Idp) -> None:
    """Else the lies would be refused for how they are made, and not for what they say."""
    client = Client()
    assert posted(client, changed(idp.respond(begun(client), signed=False), lambda root: None)).status_code == 302


def _commented(idp: Idp, asked: str) -> str:
    """A signature looks past comments: it holds with one in the middle of a name."""
    text = changed(idp.respond(asked, signed=False), _text(".//saml:NameID", "admin.evil"))
    assert ">admin.evil<" in text
    return text.replace(">admin.evil<", ">admin<!--x-->.evil<")


UNSIGNED: dict[str, Callable[[Idp, str], Any]] = {
    "unsigned": lambda idp, asked: idp.respond(asked, signed=False),
    "signed around it alone": lambda idp, asked: idp.respond(asked, signed=False, whole=True),
    "signed by another": lambda idp, asked: changed(idp.respond(asked), lambda root: None, key="evil"),
    "signed, then changed": lambda idp, asked: idp.respond(asked).replace(">a-1<", ">admin<"),
    "signed with SHA-1": lambda idp, asked: changed(
        idp.respond(asked), lambda root: None, sign_algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    ),
    "hashed with SHA-1": lambda idp, asked: changed(
        idp.respond(asked), lambda root: None, digest_algorithm="http://www.w3.org/2000/09/xmldsig#sha1"
    ),
    "with a document type": lambda idp, asked: (
        '<!DOCTYPE x [<!ENTITY a "b">]>' + idp.respond(asked).partition("?>")[2].strip()
    ),
    "a comment, once it was signed": lambda idp, asked: idp.respond(asked).replace(">a-1<", ">a<!-- -->-1<"),
    "a comment that no signature sees": _commented,
    "no XML": lambda idp, asked: "<Response",
    "nothing": lambda idp, asked: "",
    "another message": lambda idp, asked: etree.tostring(request_of(asked)),
    "too large": lambda idp, asked: idp.respond(asked).replace("?>", f"?>{' ' * 500_000}"),
}


@pytest.mark.parametrize("how", UNSIGNED)
def test_what_is_not_signed_by_the_provider_lets_nobody_in(how: str, idp: Idp) -> None:
    client = Client()
    assert refused(client, UNSIGNED[how](idp, begun(client)))


@pytest.mark.parametrize("shape", WRAPPED)
def test_a_signature_that_is_wrapped_lets_nobody_in(shape: str, idp: Idp) -> None:
    client = Client()
    text = idp.respond(begun(client), whole=shape in ("xsw1", "xsw2"))
    assert refused(client, etree.tostring(WRAPPED[shape](text)))


@pytest.mark.parametrize("shape", WRAPPED)
def test_the_library_alone_refuses_wrapping_too(shape: str, idp: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two walls: whichever falls, the other one stands."""
    from itsm.single_sign_on.saml import xml

    monkeypatch.setattr(xml, "response", lambda data, **_how: etree.fromstring(data))
    client = Client()
    text = idp.respond(begun(client), whole=shape in ("xsw1", "xsw2"))
    posted(client, etree.tostring(WRAPPED[shape](text)))
    assert not ExternalIdentity.objects.filter(subject="admin").exists()


def test_certificates_roll_over(idp: Idp, acme: IdentityProvider) -> None:
    client = Client()
    acme.configuration["certificates"] = [pair("next")[1]]
    acme.save()
    refused(client, idp.respond(begun(client)))
    acme.configuration["certificates"] = [pair("next")[1], pair()[1]]
    acme.save()
    assert posted(client, idp.respond(begun(client))).status_code == 302
    assert posted(client, changed(idp.respond(begun(client)), lambda root: None, key="next")).status_code == 302, _why()


def test_metadata_are_read_from_text_and_once_from_an_address(idp: Idp, settings: Any) -> None:
    found = configuration.from_metadata(idp.metadata())
    assert (found["entity_id"], found["sso_url"]) == (ENTITY, "https://idp.acme.test/sso")
    assert found["slo_url"] == "https://idp.acme.test/sso-out"
    assert body(found["certificates"][0]) == body(pair()[1])
    for text in ("", "<x/>", "no", f"<!DOCTYPE x>{idp.metadata()}"):
        with pytest.raises(InvalidInput):
            configuration.from_metadata(text)
    with pytest.raises(InvalidInput):
        configuration.read_metadata("http://127.0.0.1:1/metadata")


def test_our_metadata_say_what_we_take(acme: IdentityProvider) -> None:
    text = Client().get(METADATA).content.decode()
    assert 'WantAssertionsSigned="true"' in text
    assert 'AuthnRequestsSigned="true"' in text
    assert ACS in text
    assert len(re.findall("<ds:X509Certificate>", text)) >= 1
    assert "PRIVATE" not in text


def test_a_renewed_sign_in_has_to_be_of_now(idp: Idp) -> None:
    client = Client()
    posted(client, changed(idp.respond(begun(client)), _set(".//saml:AuthnStatement", AuthnInstant=_at(-3600))))
    assert who(client) is not None
    assert "proved_at" not in client.session, "let in without being asked anything"
    address = begun(client, **{"for": "prove"})
    assert request_of(address).get("ForceAuthn") == "true"
    old = changed(idp.respond(address), _set(".//saml:AuthnStatement", AuthnInstant=_at(-3600)))
    assert posted(client, old).status_code == 403
    assert "proved_at" not in client.session
    assert posted(client, idp.respond(begun(client, **{"for": "prove"}))).status_code == 302
    assert "proved_at" in client.session


def test_a_key_that_is_missing_is_said(acme: IdentityProvider, settings: Any) -> None:
    settings.SECRETS_DIR = ""
    answer = Client().get("/sign-in/with/acme/")
    assert answer.status_code == 503
    assert "Other ways to sign in" in answer.content.decode()


@each_of(
    ("name", "value"),
    [
        ("entity_id", ""), ("sso_url", "javascript:alert(1)"), ("sso_url", "http://127.0.0.1/sso"), ("certificates", []),
        ("certificates", "no certificate"), ("key", "../../etc/passwd"), ("wants_encrypted", True), ("groups_attribute", 7),
        ("emails_verified", "yes"), ("strong_values", "mfa"), ("another", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_set_up_is_said(name: str, value: Any) -> None:
    good = {"entity_id": ENTITY, "sso_url": "https://idp.acme.test/sso", "certificates": [pair()[1]]}
    with pytest.raises(InvalidInput):
        configuration.checked({**good, name: value})


def test_who_signs_out_there_is_signed_out_here_by_any_browser(idp: Idp, acme: IdentityProvider) -> None:
    client, bob = Client(), Client()
    came = changed(idp.respond(begun(client)), _set(".//saml:AuthnStatement", SessionIndex="s-1"))
    assert posted(client, came).status_code == 302
    assert posted(bob, idp.respond(begun(bob), subject="b-2", email="bob@acme.test")).status_code == 302
    answer = Client().get(f"{OUT}?{idp.logout(HERE, sessions=('s-1',))}")
    assert answer.status_code == 302, answer.content
    assert answer["Location"].startswith(f"{SLO}?SAMLResponse=")
    assert "RelayState=there" in answer["Location"]
    assert "Signature=" in answer["Location"], "our key signs what we answer"
    assert client.get("/profile/").status_code == 302
    assert bob.get("/profile/").status_code == 200
    assert Client().get(f"{OUT}?{idp.logout(HERE, subject='b-2')}").status_code == 302
    assert bob.get("/profile/").status_code == 302


LOGOUTS: dict[str, dict[str, Any]] = {
    "unsigned": {"key": ""},
    "signed by another": {"key": "old"},
    "an algorithm of yesterday": {"algorithm": "rsa-sha1"},
    "brought elsewhere": {"destination": our_address("/sign-in/with/other/logout/")},
    "brought nowhere": {"change": lambda root: root.attrib.pop("Destination")},
    "of another provider": {"change": lambda root: _issued_by(root, "https://other.test")},
    "of nobody": {"change": lambda root: _issued_by(root, None)},
    "old": {"change": lambda root: root.set("IssueInstant", _at(-400))},
    "expired": {"change": lambda root: root.set("NotOnOrAfter", _at(-200))},
    "a response": {"change": lambda root: setattr(root, "tag", root.tag.replace("Request", "Response"))},
}


def _issued_by(root: Any, name: str | None) -> None:
    issuer = root.find("saml:Issuer", ENDS)
    if name is None:
        root.remove(issuer)
    else:
        issuer.text = name


@pytest.mark.parametrize("lie", sorted(LOGOUTS))
def test_a_logout_that_does_not_hold_signs_nobody_out(lie: str, idp: Idp) -> None:
    client = Client()
    assert posted(client, idp.respond(begun(client))).status_code == 302
    answer = Client().get(f"{OUT}?{idp.logout(HERE, **LOGOUTS[lie])}")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert client.get("/profile/").status_code == 200


def test_a_logout_is_taken_once_and_by_the_bytes_that_were_signed(idp: Idp, acme: IdentityProvider) -> None:
    client = Client()
    assert posted(client, idp.respond(begun(client))).status_code == 302
    query = idp.logout(HERE)
    for odd in (query.replace("RelayState=there", "RelayState=elsewhere"), query[:60], "", "SAMLRequest=%00"):
        assert Client().get(f"{OUT}?{odd}").status_code == 400
    assert client.get("/profile/").status_code == 200
    assert Client().get(f"{OUT}?{query}").status_code == 302
    assert client.get("/profile/").status_code == 302
    assert Client().get(f"{OUT}?{query}").status_code == 400, "once"
    assert posted(client, idp.respond(begun(client))).status_code == 302
    acme.configuration["subject_attribute"] = "objectidentifier"
    acme.save()
    assert Client().get(f"{OUT}?{idp.logout(HERE)}").status_code == 400, "a NameID is nobody's name here"
    acme.configuration["slo_url"] = ""
    acme.save()
    assert Client().get(f"{OUT}?{idp.logout(HERE)}").status_code == 400
    assert client.get("/profile/").status_code == 200


FORGED = {
    "a name that is written in another way": "{query}&SAML%52equest={forged}",
    "a name that is written in another way, first": "SAML%52equest={forged}&{query}",
    "a name twice": "{query}&SAMLRequest={forged}",
    "a state that nobody signed": "{query}&Relay%53tate=elsewhere",
    "another algorithm": "{query}&Sig%41lg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1",
}


@pytest.mark.parametrize("lie", sorted(FORGED))
def test_what_was_signed_is_what_is_read(lie: str, idp: Idp) -> None:
    """Of a query that says something twice a verifier and a reader could each take another."""
    client, bob = Client(), Client()
    assert posted(client, idp.respond(begun(client))).status_code == 302
    assert posted(bob, idp.respond(begun(bob), subject="b-2", email="bob@acme.test")).status_code == 302
    forged = dict(one.split("=", 1) for one in idp.logout(HERE, subject="b-2", key="").split("&"))["SAMLRequest"]
    answer = Client().get(f"{OUT}?{FORGED[lie].format(query=idp.logout(HERE), forged=forged)}")
    assert bob.get("/profile/").status_code == 200
    assert (answer.status_code, client.get("/profile/").status_code) == (400, 200)


def test_a_session_there_is_of_whom_the_request_names(idp: Idp, acme: IdentityProvider) -> None:
    """Providers count sessions of each of their people anew, so that two people have one of the same name."""
    client, bob = Client(), Client()
    alike = _set(".//saml:AuthnStatement", SessionIndex="1")
    assert posted(client, changed(idp.respond(begun(client)), alike)).status_code == 302
    assert posted(bob, changed(idp.respond(begun(bob), subject="b-2", email="bob@acme.test"), alike)).status_code == 302
    assert Client().get(f"{OUT}?{idp.logout(HERE, subject='b-2', sessions=('1',))}").status_code == 302
    assert (client.get("/profile/").status_code, bob.get("/profile/").status_code) == (200, 302)
