"""What is wrong with a document, by path; and its parts as they were meant, so that everything is found at once."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.kernel.texts import is_blank

MOST = 100  # sentences; who sent more odd things than that mends these first


class Findings:
    """`errors`: path -> sentences. Each method returns something of the type that was wanted, odd or not."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, path: str, sentence: str) -> None:
        if len(self.errors) < MOST:
            self.errors.setdefault(path, []).append(sentence)

    def an_object(self, path: str, raw: Any) -> Mapping[str, Any]:
        if isinstance(raw, dict):
            return raw
        self.add(path, _("Send an object."))
        return {}

    def mapping(self, path: str, raw: Any, known: Collection[str]) -> Mapping[str, Any]:
        body = self.an_object(path, raw)
        for name in body:
            if name not in known:
                words = _("There is no %(name)s here.") % {"name": str(name)[:40]}
                self.add(f"{path}.{str(name)[:40]}".lstrip("."), words + did_you_mean(str(name), known))
        return body

    def listed(self, path: str, raw: Any, most: int) -> list[Any]:
        if not isinstance(raw, list):
            self.add(path, _("Send a list."))
            return []
        if len(raw) > most:
            self.add(path, _("At most %(most)s of them.") % {"most": most})
        return raw[:most]

    def text(self, path: str, raw: Any, most: int, *, needed: bool = False) -> str:
        if raw is None:
            raw = ""
        if not isinstance(raw, str):
            self.add(path, _("Send a text."))
            return ""
        if len(raw) > most:
            self.add(path, _("At most %(most)s characters.") % {"most": most})
        if any((ord(one) < 32 and one not in "\n\t\r") or "\ud800" <= one <= "\udfff" for one in raw):
            self.add(path, _("It has control characters in it."))
        if needed and is_blank(raw):
            self.add(path, _("Nothing in it can be read."))
        return raw.strip()[:most]

    def flag(self, path: str, raw: Any) -> bool:
        if not isinstance(raw, bool):
            self.add(path, _("Send true or false."))
        return raw is True

    def whole(self, path: str, raw: Any, most: int, least: int = 0) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            self.add(path, _("Send a whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
            return least
        return raw

    def one_of(self, path: str, raw: Any, known: Collection[str]) -> str:
        if not isinstance(raw, str) or raw not in known:
            words = _("Choose one of %(known)s.") % {"known": ", ".join(known)}
            self.add(path, words + (did_you_mean(raw, known) if isinstance(raw, str) else ""))
            return next(iter(known))
        return raw
