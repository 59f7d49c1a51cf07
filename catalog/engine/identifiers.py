"""By what a record is known: the schemes of its class, its values in the one form in which they are compared.

A scheme is a name of an identifier, or several joined by `+` that count only together. What many machines have alike
because nobody filled it in identifies nothing.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

# Class -> its schemes, strongest first. They hold for what inherits from it until a class says its own.
SCHEMES: Mapping[str, Sequence[str]] = {
    "server": ("serial+vendor", "uuid", "asset_tag", "provider_id", "fqdn", "name+environment"),
    "workload": ("cluster+kind+namespace+name",),
    "service": ("slug",),
}
OTHERWISE: Sequence[str] = ("name+system",)

_PLACEHOLDERS = {
    "na", "n/a", "n.a.", "none", "null", "nil", "nan", "unknown", "undefined", "unspecified", "not specified",
    "not available", "not applicable", "not present", "to be filled by o.e.m.", "to be filled by oem", "default string",
    "default", "system serial number", "chassis serial number", "serial number", "no asset tag", "asset tag",
    "no asset information", "asset-1234567890", "system manufacturer", "oem", "o.e.m.", "empty", "invalid", "test",
    "tbd", "todo", "123456789", "0123456789", "1234567890", "localhost.localdomain", "localhost6.localdomain6",
    "03000200-0400-0500-0006-000700080009",
}  # fmt: skip
# Nothing but dashes and zeros, or one sign four times and more: 0000-0000, ffff-ffff, xxxxxx.
_ALL_ALIKE = re.compile(r"[0\W_]*|([^\W_])[\W_]*(?:\1[\W_]*){3,}")
_LEGAL_FORM = re.compile(r"[ ,]+(inc|incorporated|corp|corporation|co|ltd|limited|llc|gmbh|ag|sa|s\.a|bv|plc)\.?$")
_UUID = re.compile(r"[0-9a-f]{32}")


def normalised(name: str, value: str) -> str | None:
    """A value of this identifier as it is compared: without case, odd spaces and spelling. None: it identifies nothing.

    A vendor is the same with and without its legal form, a UUID with and without dashes and braces. A fully qualified
    name needs a dot inside: one without could stand in any network.
    """
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if name == "fqdn":
        text = text.rstrip(".")
    elif name == "uuid":
        digits = text.removeprefix("urn:uuid:").strip("{}").replace("-", "")
        if _UUID.fullmatch(digits):
            text = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    elif name == "vendor":
        text = _LEGAL_FORM.sub("", text)
    # A thing may be called "test" or "0": only what is meant to tell machines apart can be left unfilled.
    if name in ("name", "namespace", "kind", "cluster", "system", "environment", "slug"):
        return text or None
    if text in _PLACEHOLDERS or _ALL_ALIKE.fullmatch(text) or (name == "fqdn" and "." not in text):
        return None
    return text


def normalised_of(scheme: str, value: str, family: str) -> str | None:
    """A value of a scheme, written part by part ("4711 | Dell" of serial+vendor), as records of this family have it:
    `Classes.values` of the same parts. None: it identifies nothing. ValueError: it has not the parts of the scheme.
    """
    names, parts = scheme.split("+"), value.split("|") if "+" in scheme or scheme == "name" else [value]
    if "name" in names and len(parts) == len(names) + 1:
        family = parts.pop(0).strip()
    if len(parts) != len(names):
        raise ValueError(f"{scheme} has {len(names)} parts, not {len(parts)}.")
    known = [normalised(name, part) for name, part in zip(names, parts, strict=True)]
    if None in known:
        return None
    return _joined(names, [part for part in known if part is not None], family)


def _joined(names: Sequence[str], parts: Sequence[str], family: str) -> str:
    parts = [part.replace("|", "¦") for part in parts]
    return " | ".join([family, *parts] if "name" in names else parts)


@dataclass(frozen=True)
class Classes:
    """How things of each class are told apart.

    `lineages`: class -> its ancestors from the root on, itself last. `schemes`: class -> its own, strongest first.
    """

    lineages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    schemes: Mapping[str, Sequence[str]] = field(default_factory=lambda: SCHEMES)

    def schemes_of(self, class_slug: str) -> tuple[str, Sequence[str]]:
        """(the class that says them, its schemes): its own or its nearest ancestor's. Without any: the root's name and
        the system it belongs to."""
        lineage = self.lineages.get(class_slug, (class_slug,))
        for one in reversed(lineage):
            if one in self.schemes:
                return one, self.schemes[one]
        return lineage[0], OTHERWISE

    @cached_property
    def order(self) -> Sequence[str]:
        """All schemes, strongest first: in the order of each class's list, unless two classes contradict each other."""
        lists = [list(one) for one in (*self.schemes.values(), OTHERWISE)]
        left = {scheme: min(one.index(scheme) for one in lists if scheme in one) for one in lists for scheme in one}
        order = []
        while left:
            behind = {scheme for one in lists for scheme in [each for each in one if each in left][1:]}
            # Of two classes that contradict each other neither has a first one: the best placed goes ahead.
            scheme = min(left.keys() - behind or left, key=lambda each: (left[each], each))
            order.append(scheme)
            del left[scheme]
        return order

    def values(self, class_slug: str, identifiers: Mapping[str, str]) -> dict[str, str]:
        """Scheme -> the value by which a record of this class is known, of those schemes of which it has all parts.

        A scheme with a name in it tells apart within the class that says it: a database may be called as a server is.
        """
        family, schemes = self.schemes_of(class_slug)
        found = {}
        for scheme in schemes:
            names = scheme.split("+")
            parts = [normalised(name, identifiers.get(name, "")) for name in names]
            known = [part for part in parts if part is not None]
            if len(known) == len(names):
                found[scheme] = _joined(names, known, family)
        return found

    def idle(self, class_slug: str, identifiers: Mapping[str, str]) -> dict[str, Sequence[str]]:
        """Of what a record of this class says those names by which it is not known -> what is missing for that: the
        other parts of the strongest scheme that they belong to. Nothing is: no scheme of the class has them. A value
        that identifies nothing is missing itself."""
        _, schemes = self.schemes_of(class_slug)
        usable = {name for name, value in identifiers.items() if normalised(name, value) is not None}
        parts = [scheme.split("+") for scheme in schemes]
        counted = {name for names in parts if usable.issuperset(names) for name in names}
        found: dict[str, Sequence[str]] = {}
        for name in identifiers:
            if name not in counted:
                of_it = next((names for names in parts if name in names), ())
                found[name] = [one for one in of_it if one not in usable]
        return found
