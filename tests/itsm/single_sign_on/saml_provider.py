"""A real SAML 2.0 identity provider (pysaml2, which signs and encrypts by xmlsec1), and what an attacker makes of its words."""

import base64
import copy
import shutil
import warnings
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import NameOID
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from tests.itsm.workload_identity.issuer import rsa_key

with warnings.catch_warnings():  # of its own use of cryptography
    warnings.simplefilter("ignore")
    from saml2.config import IdPConfig
    from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
    from saml2.server import Server

ENTITY = "https://idp.acme.test/metadata"
ENDS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
        "ds": "http://www.w3.org/2000/09/xmldsig#"}  # fmt: skip
MFA = "https://refeds.org/profile/mfa"
_SAML, _SAMLP, _DS = (f"{{{ENDS[name]}}}" for name in ("saml", "samlp", "ds"))


@cache
def pair(name: str = "saml") -> tuple[str, str]:
    """(key, certificate) as PEM; made once in a run."""
    key = rsa_key(name)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(called).issuer_name(called).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2)).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return private.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


def body(certificate: str) -> str:
    return "".join(certificate.splitlines()[1:-1])


class Idp:
    """`respond(address)`: the response to the request in an address, honest; `key`: the name of the pair it signs with."""

    def __init__(self, folder: Path, our_metadata: str, sso_url: str = "https://idp.acme.test/sso") -> None:
        if not shutil.which("xmlsec1"):
            pytest.skip("xmlsec1 is not installed (Debian: apt-get install xmlsec1)")
        key, certificate = pair()
        (folder / "idp.key").write_text(key)
        (folder / "idp.crt").write_text(certificate)
        (folder / "sp.xml").write_text(our_metadata)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config = IdPConfig().load({
                "entityid": ENTITY, "key_file": str(folder / "idp.key"), "cert_file": str(folder / "idp.crt"),
                "xmlsec_binary": shutil.which("xmlsec1"), "metadata": {"local": [str(folder / "sp.xml")]},
                "encryption_keypairs": [],
                "service": {"idp": {"endpoints": {"single_sign_on_service": [
                    (sso_url, "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect")],
                    "single_logout_service": [
                    (f"{sso_url}-out", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect")]},
                    "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None,
                                           "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"}}}},
            })  # fmt: skip
            self.server = Server(config=config)
            for maker in self.server.config.attribute_converters:  # say attributes by their plain names
                maker._to = {name: {"displayname": "displayName"}.get(name, name) for name in maker._to or {}}

    def respond(
        self, address: str, *, groups: tuple[str, ...] = (), subject: str = "a-1", encrypted: str = "", signed: bool = True,
        whole: bool = False, context: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", email: str = "ada@acme.test",
        sp: str = "", acs: str = "",
    ) -> str:  # fmt: skip
        """`encrypted`: for the certificate of this pair; `whole`: the response is signed as well."""
        asked = request_of(address)
        identity = {"email": [email], "displayName": ["Ada L."], "groups": list(groups)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = self.server.create_authn_response(
                {name: value for name, value in identity.items() if value},
                in_response_to=asked.get("ID"), destination=acs or asked.get("AssertionConsumerServiceURL"),
                sp_entity_id=sp or asked.findtext("saml:Issuer", namespaces=ENDS),
                name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=subject),
                authn={"class_ref": context, "authn_auth": ENTITY},
                sign_assertion=signed, sign_response=whole, encrypt_assertion=bool(encrypted), encrypt_assertion_self_contained=not signed,
                encrypt_cert_assertion=pair(encrypted)[1] if encrypted else None,
                sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
            )  # fmt: skip
        return str(made)

    def logout(
        self, here: str, *, subject: str = "a-1", sessions: tuple[str, ...] = (), key: str = "saml", destination: str = "",
        change: Callable[[Any], object] = lambda root: None, algorithm: str = "rsa-sha256",
    ) -> str:  # fmt: skip
        """The query by which the browser is led to `here`; `key`: the pair it is signed by, "" for none."""
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=subject)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _id, made = self.server.create_logout_request(
                destination or here, here, name_id=name_id, session_indexes=list(sessions), sign=False
            )
        root = etree.fromstring(str(made).encode())
        change(root)
        packed = zlib.compress(etree.tostring(root), 9)[2:-4]
        said = {"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": "there"}
        if not key:
            return urlencode(said)
        names = {"rsa-sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                 "rsa-sha1": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"}  # fmt: skip
        query = urlencode({**said, "SigAlg": names[algorithm]})
        how = hashes.SHA256() if algorithm == "rsa-sha256" else hashes.SHA1()
        made_by = rsa_key(key).sign(query.encode(), padding.PKCS1v15(), how)
        return f"{query}&{urlencode({'Signature': base64.b64encode(made_by).decode()})}"

    def metadata(self) -> str:
        from saml2.metadata import entity_descriptor

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(entity_descriptor(self.server.config))


def request_of(address: str) -> Any:
    """What was asked, out of the address (HTTP-Redirect, deflated)."""
    asked = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(base64.b64decode(asked), -15))


def sent(text: str | bytes) -> dict[str, str]:
    """The form that the browser posts."""
    data = text.encode() if isinstance(text, str) else text
    return {"SAMLResponse": base64.b64encode(data).decode(), "RelayState": "https://evil.test/"}


def changed(
    text: str, change: Callable[[Any], None], *, key: str | None = "saml", whole: bool = False, **how: str
) -> str:
    """The response with something else in it, signed anew by whoever holds this pair (None: by nobody)."""
    root = etree.fromstring(text.encode())
    for signature in list(root.iter(f"{_DS}Signature")):
        signature.getparent().remove(signature)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xs", "xsi"])  # else the new one would change its prefix
    change(root)
    if key is not None:
        assertion = root.find("saml:Assertion", ENDS)
        place = root.index(assertion)
        root.remove(assertion)
        root.insert(place, _signed(assertion, key, **how))
        if whole:
            root = _signed(root, key, **how)
    return etree.tostring(root).decode()


def _signed(element: Any, name: str, **how: str) -> Any:
    key, certificate = pair(name)
    algorithms = {"sign_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                  "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256", **how}  # fmt: skip
    return etree.fromstring(OneLogin_Saml2_Utils.add_sign(etree.tostring(element), key, certificate, **algorithms))


def evil(assertion: Any) -> Any:
    """The same assertion of somebody else, without a signature."""
    other = copy.deepcopy(assertion)
    for signature in list(other.iter(f"{_DS}Signature")):
        signature.getparent().remove(signature)
    other.set("ID", "_evil")
    other.find(".//saml:NameID", ENDS).text = "admin"
    return other


def _parts(text: str) -> tuple[Any, Any, Any]:
    root = etree.fromstring(text.encode())
    assertion = root.find("saml:Assertion", ENDS)
    return root, assertion, assertion.find("ds:Signature", ENDS)


def _evil_response(text: str) -> tuple[Any, Any, Any]:
    """(an evil response, the honest one, the honest one's signature)"""
    honest = etree.fromstring(text.encode())
    bad = copy.deepcopy(honest)
    bad.set("ID", "_evil_response")
    bad.find(".//saml:NameID", ENDS).text = "admin"
    signature = honest.find("ds:Signature", ENDS)
    honest.remove(signature)
    bad.remove(bad.find("ds:Signature", ENDS))
    return bad, honest, signature


def xsw1(text: str) -> Any:
    bad, honest, signature = _evil_response(text)
    signature.append(honest)
    bad.insert(1, signature)
    return bad


def xsw2(text: str) -> Any:
    bad, honest, signature = _evil_response(text)
    bad.insert(1, honest)
    bad.insert(2, signature)
    return bad


def xsw3(text: str) -> Any:
    root, assertion, _signature = _parts(text)
    root.insert(root.index(assertion), evil(assertion))
    return root


def xsw4(text: str) -> Any:
    root, assertion, _signature = _parts(text)
    bad = evil(assertion)
    root.replace(assertion, bad)
    bad.append(assertion)
    return root


def xsw5(text: str) -> Any:
    root, assertion, _signature = _parts(text)
    honest = copy.deepcopy(assertion)
    honest.remove(honest.find("ds:Signature", ENDS))
    assertion.set("ID", "_evil")
    assertion.find(".//saml:NameID", ENDS).text = "admin"
    root.append(honest)
    return root


def xsw6(text: str) -> Any:
    root, assertion, signature = _parts(text)
    honest = copy.deepcopy(assertion)
    honest.remove(honest.find("ds:Signature", ENDS))
    assertion.set("ID", "_evil")
    assertion.find(".//saml:NameID", ENDS).text = "admin"
    signature.append(honest)
    return root


def xsw7(text: str) -> Any:
    root, assertion, _signature = _parts(text)
    extensions = etree.Element(f"{_SAMLP}Extensions")
    extensions.append(evil(assertion))
    root.insert(root.index(assertion), extensions)
    return root


def xsw8(text: str) -> Any:
    root, assertion, signature = _parts(text)
    honest = copy.deepcopy(assertion)
    honest.remove(honest.find("ds:Signature", ENDS))
    assertion.set("ID", "_evil")
    assertion.find(".//saml:NameID", ENDS).text = "admin"
    held = etree.SubElement(signature, f"{_DS}Object")
    held.append(honest)
    return root


WRAPPED = {one.__name__: one for one in (xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8)}
