"""What is wrong, in a sentence. An item that the reader may not see is "..." in it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.history import HIDDEN
from catalog.cmdb.queries.items import visible_items
from catalog.formats.vocabulary import label_of
from catalog.health.models import Finding
from catalog.health.vocabulary import Kind
from itsm.kernel.actors import Actor
from itsm.kernel.references import reference


def items_named(actor: Actor, findings: Iterable[Finding]) -> set[int]:
    """The other items that these name and the actor may see. One query."""
    named = {one.detail["item"] for one in findings if isinstance(one.detail.get("item"), int)}
    return set(visible_items(actor).filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def sentence(finding: Finding, seen: Collection[int] = ()) -> str:
    """What is wrong; of other items it names those of `seen` only."""
    said: dict[str, Any] = finding.detail
    match Kind(finding.finding_kind):
        case Kind.COMPLETE:
            return _("Required and empty: %(fields)s.") % {"fields": ", ".join(said.get("fields", ()))}
        case Kind.FULL:
            words = {"description": _("description"), "support_team": _("support team")}
            empty = [*(words[one] for one in said.get("fields", ())), *said.get("recommended", ())]
            return _("Not said yet: %(fields)s.") % {"fields": ", ".join(empty)}
        case Kind.FRESH:
            return _("No source has seen it since %(day)s; every %(days)d days it should be.") % {
                "day": _day(said.get("seen")), "days": said.get("days") or 0,
            }  # fmt: skip
        case Kind.UNIQUE:
            return _unique(said, seen)
        case Kind.CONNECTED:
            return _("No service rests on it.")
        case Kind.OWNED:
            return _owned(said)
        case Kind.CERTIFIED:
            return _certified(said)
        case Kind.CONSISTENT:
            return _consistent(said, seen)
        case Kind.ACCOUNTED:
            edits = said.get("edits", 0)
            told = ngettext("%(count)d edit without a change.", "%(count)d edits without a change.", edits)
            return told % {"count": edits}


def _unique(said: dict[str, Any], seen: Collection[int]) -> str:
    if "item" in said:
        return _("Its name is like that of %(item)s.") % {"item": _item(said, seen)}
    return _("Another item lays claim to its %(scheme)s %(value)s.") % {
        "scheme": said.get("scheme", ""), "value": said.get("value", ""),
    }  # fmt: skip


def _owned(said: dict[str, Any]) -> str:
    match said.get("why"):
        case "none":
            return _("No team owns it.")
        case "empty":
            return _("Nobody is in the team that owns it.")
    return _("The team that owns it says that it is not theirs.")


def _certified(said: dict[str, Any]) -> str:
    if "round" in said:
        return _("A round asked for it, and nobody answered.")
    if said.get("at") is None:
        return _("Nobody ever confirmed it.")
    return _("Nobody confirmed it since %(day)s.") % {"day": _day(said["at"])}


def _consistent(said: dict[str, Any], seen: Collection[int]) -> str:
    if "conflict" in said:
        return _("Sources differ on %(key)s.") % {"key": label_of(str(said["conflict"]))}
    if "group" in said:
        words = _("Its group %(group)s needs %(needs)d members and has %(members)d.")
        return words % {"group": said["group"], "needs": said["needs"], "members": said["members"]}
    if "item" in said:
        return _("It rests on %(item)s, which matters less by its tier.") % {"item": _item(said, seen)}
    return _("A person said that it is gone, and it is not retired.")


def _item(said: dict[str, Any], seen: Collection[int]) -> str:
    return reference(PREFIX, said["item"]) if said["item"] in seen else HIDDEN


def _day(text: str | None) -> str:
    instant: datetime | None = parse_datetime(text) if text else None
    return date_format(instant, "j M Y") if instant else ""


def task_title(finding: Finding) -> str:
    """What is to do, as the title of a task that all who see the item read: it names no other item."""
    return f"{finding.ci.name[:100]}: {sentence(finding)}"
