"""Digests of artifacts, wherever a platform or a pipeline puts them."""

import re
from typing import Any
from urllib.parse import unquote

from itsm.intake.reading import one_of

_DIGEST = re.compile(r"sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})", re.ASCII)
_NAMES = ("artifact_digest", "image_digest", "digest", "artifact", "image")


def digest_in(payload: Any) -> str:
    """That of a deployment's payload, which is an object of the pipeline's own words; "" where it names none."""
    for name in _NAMES:
        if found := digest_of(one_of(payload, name)):
            return found
    return ""


def digest_of(said: Any) -> str:
    """The digest in a text such as `registry/app@sha256:…` or `pkg:oci/app@sha256%3A…`; "" where there is none."""
    if not isinstance(said, str):
        return ""
    found = _DIGEST.search(unquote(said[:1_000]).lower())
    return found[0] if found else ""
