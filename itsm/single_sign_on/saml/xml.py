"""What is refused of an answer before any signature is looked at: what a reader and a verifier could read differently.

The library verifies; this leaves it nothing ambiguous. One response, one assertion directly in it, each ID once, no
comment, no processing instruction, no document type, nothing inside a signature but what signs.
"""

from typing import Any

from lxml import etree

ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")


class Ambiguous(ValueError):
    """It is not of the one shape that is taken; the text says what is odd."""


def plain(data: bytes, *, most: int) -> Any:
    """The root of a document without a document type, comments and processing instructions. Raises Ambiguous."""
    if len(data) > most:
        raise Ambiguous("it is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Ambiguous("it is no XML") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Ambiguous("it has a document type")
    if root.getprevious() is not None or root.getnext() is not None:
        raise Ambiguous("it has comments or instructions")
    for one in root.iter():
        if not isinstance(one.tag, str):
            raise Ambiguous("it has comments or instructions")
    return root


def response(data: bytes, *, most: int, encrypted: bool = False) -> Any:
    """The root of a response of the one shape that is taken. Raises Ambiguous.

    `encrypted`: it holds an encrypted assertion, and no other.
    """
    root = plain(data, most=most)
    if root.tag != f"{PROTOCOL}Response":
        raise Ambiguous("it is no response")
    found = list(root.iter(f"{ASSERTION}Assertion", f"{ASSERTION}EncryptedAssertion"))
    if len(found) != 1 or found[0].getparent() is not root:
        raise Ambiguous("it holds not exactly one assertion, directly in it")
    if encrypted and found[0].tag != f"{ASSERTION}EncryptedAssertion":
        raise Ambiguous("its assertion is not encrypted")
    if sum(1 for _one in root.iter(f"{PROTOCOL}Response")) != 1:
        raise Ambiguous("it holds another response")
    _ids_once(root)
    for signature in root.iter(f"{SIGNATURE}Signature"):
        if signature.getparent() is not root and signature.getparent().tag != f"{ASSERTION}Assertion":
            raise Ambiguous("a signature stands where none belongs")
        if next(signature.iter(f"{SIGNATURE}Object"), None) is not None:
            raise Ambiguous("a signature holds an object")
        if len(list(signature.iter(f"{SIGNATURE}Reference"))) != 1:
            raise Ambiguous("a signature is of more than one thing")
    return root


def _ids_once(root: Any) -> None:
    known: set[str] = set()
    for one in root.iter():
        for name in _IDS:
            value = one.get(name)
            if value is not None and value in known:
                raise Ambiguous("an ID occurs twice")
            if value is not None:
                known.add(value)
