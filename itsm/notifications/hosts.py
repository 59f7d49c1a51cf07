"""Names of hosts as they go over the line: in ASCII, whatever alphabet they are written in."""

import unicodedata

_FULL_STOPS = "\u3002\uff0e\uff61"  # what keyboards of other scripts give for a dot
_LONGEST, _LONGEST_LABEL = 253, 63


def ascii_host(host: str) -> str:
    """`bücher.example` as `xn--bcher-kva.example`; ASCII as it is, in small letters. ValueError for what is no name.

    As browsers do it (UTS 46, not transitional): `straße` keeps its letter, where Python's codec would ask for another
    host.
    """
    if host.isascii():
        return host.lower()
    for stop in _FULL_STOPS:
        host = host.replace(stop, ".")
    labels = [_label(unicodedata.normalize("NFKC", one).lower()) for one in host.rstrip(".").split(".")]
    whole = ".".join(labels)
    if len(whole) > _LONGEST:
        raise ValueError(host)
    return whole


def _label(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    if not text or any(not (one.isalnum() or one in "-_" or unicodedata.category(one)[0] == "M") for one in text):
        raise ValueError(text)
    written = text if text.isascii() else "xn--" + text.encode("punycode").decode("ascii")
    if len(written) > _LONGEST_LABEL:
        raise ValueError(text)
    return written
