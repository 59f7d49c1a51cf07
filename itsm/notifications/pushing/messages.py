"""What a push says. Screens are read by bystanders: it names the record and what kind of news it is, no more.

Titles come where the device's owner wishes so, and never of a confidential record. Apps register which are.
"""

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itsm import rows
from itsm.notifications.models import Notification
from itsm.notifications.push_models import PushDevice
from itsm.notifications.rules import WISHES, rule_of

RECEIPTS_FOR = 7 * 24 * 3600  # seconds in which a device may say that it showed something
_SALT = "headroom push receipt"
_confidential: dict[str, tuple[Any, Callable[[Any], bool], tuple[str, ...]]] = {}


def keeps(model: Any, is_confidential: Callable[[Any], bool], *, by: tuple[str, ...] = ()) -> None:
    """Say which records of a model are confidential; `by`: the relations that say so. Called once a model, at start."""
    _confidential[model.kind] = model, is_confidential, by


def message_of(told: list[Notification], device: PushDevice) -> dict[str, Any]:
    """One piece of news, or several that were collected. `told` is not empty; the caller judged what is still seen.

    At most some 2,000 bytes: push services take 4,096, with what encryption adds.
    """
    one = told[0]
    if len(told) > 1:
        title = ngettext("%(count)s piece of news", "%(count)s pieces of news", len(told)) % {"count": len(told)}
        said = {"title": title, "body": "", "path": "/notifications/", "why": WISHES}
    else:
        title, words = _said(one, device)
        said = {"title": title, "body": f"{words}\n{one.why}".strip(), "path": one.path, "why": one.wish_path}
    ids = [device.pk, one.pk]
    return {
        **said,
        "tag": f"news-{one.record_kind}-{one.record_id}" if len(told) == 1 and one.record_id else f"news-{one.pk}",
        "why_words": _("Why did I get this?"),
        "receipt": signing.dumps(ids, salt=_SALT),
    }


def trial(device: PushDevice) -> dict[str, Any]:
    """What a device is sent to try it."""
    return {
        "title": _("It works"),
        "body": _("News come to this device as you wish them to."),
        "path": WISHES, "why": WISHES, "tag": "trial", "why_words": _("Why did I get this?"),
        "receipt": signing.dumps([device.pk, 0], salt=_SALT),
    }  # fmt: skip


def called(device: PushDevice, title: str, body: str, path: str, tag: str, why: str) -> dict[str, Any]:
    """What calls somebody: `path` is where they answer, `tag` names the call, which a later one replaces."""
    receipt = signing.dumps([device.pk, 0], salt=_SALT)
    return {
        "title": title, "body": body, "path": path, "why": why, "tag": tag, "why_words": _("Why did I get this?"),
        "receipt": receipt,
    }  # fmt: skip


def device_of(receipt: str) -> int | None:
    """Whose receipt this is; None for what is none of ours, or old."""
    try:
        return int(signing.loads(receipt, salt=_SALT, max_age=RECEIPTS_FOR)[0])
    except (signing.BadSignature, ValueError, TypeError, IndexError, KeyError):
        return None


def _is_confidential(one: Notification) -> bool:
    """What is gone meanwhile is taken for confidential: nobody can say any more."""
    if one.record_kind not in _confidential or one.record_id is None:
        return False
    model, is_confidential, by = _confidential[one.record_kind]
    record = rows.joined(model, by, "it.id = %s", [one.record_id])
    return record is None or is_confidential(record)


def _said(one: Notification, device: PushDevice) -> tuple[str, str]:
    """Title and words."""
    if _is_confidential(one):
        return _("%(reference)s: something new") % {"reference": one.reference or "Headroom"}, ""
    if device.shows_content:
        return one.subject, ""
    rule = rule_of(one.event, one.relation)
    words = str(rule.words) if rule is not None else ""
    return _("%(reference)s: something new") % {"reference": one.reference or "Headroom"}, words
