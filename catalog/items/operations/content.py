"""What a version says, judged and brought into the form in which it is kept."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from catalog.items.formats.approval import Approval, parse_approval
from catalog.items.formats.fulfilment import Fulfilment, parse_fulfilment
from catalog.items.models import CatalogItem, CatalogItemVersion
from catalog.items.models.versions import CONTENT
from catalog.items.queries.naming import change_models, unknown_names
from catalog.items.vocabulary import MAX_BUNDLE, MAX_HOURS, MAX_KEYWORD, MAX_KEYWORDS, MAX_PRICE, PricePeriod
from itsm import markdown
from itsm.fields.form.document import Form, FormRefused
from itsm.fields.form.parsing import parse_form
from itsm.kernel.errors import InvalidInput
from itsm.kernel.texts import one_line

DOCUMENTS = ("form", "approval", "fulfilment")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def judged(version: CatalogItemVersion, said: Mapping[str, Any], item: CatalogItem | None) -> dict[str, Any]:
    """What of this is another than what the version says, as it is kept. Documents are judged by the form that they are
    about, so all three are as soon as one of them is touched.

    Raises InvalidInput (FormRefused with paths for a document).
    """
    kept = {name: _JUDGES[name](value) if name in _JUDGES else value for name, value in said.items()}
    if set(DOCUMENTS) & set(kept):
        kept |= _documents(version, kept)
    if "bundle" in kept:
        kept["bundle"] = _bundle(kept["bundle"], item)
    changed = {name: value for name, value in kept.items() if getattr(version, name) != value}
    _require_currency({name: changed.get(name, getattr(version, name)) for name in ("price_minor", "currency", "form")})
    return changed


def hash_of(version: CatalogItemVersion) -> str:
    """SHA-256 of the content of a version: equal for equal ones, whoever wrote them."""
    content = {name: str(value) if name == "picture" else value for name, value in _content(version).items()}
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _content(version: CatalogItemVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in CONTENT}


def needs_second(version: CatalogItemVersion) -> bool:
    """Whether another person than its writers publishes it: nobody is asked in every case, or it opens a change."""
    form = parse_form(version.form)
    asks = parse_approval(version.approval, form).asks_always
    return not asks or parse_fulfilment(version.fulfilment, form).opens_a_change


def _documents(version: CatalogItemVersion, said: Mapping[str, Any]) -> dict[str, Any]:
    form: Form = _read("form", parse_form, said.get("form", version.form))
    approval: Approval = _read("approval", parse_approval, said.get("approval", version.approval), form)
    fulfilment: Fulfilment = _read("fulfilment", parse_fulfilment, said.get("fulfilment", version.fulfilment), form)
    if paths := unknown_names(form, approval, fulfilment):
        raise FormRefused(gettext("It names what there is not."), paths)
    if fulfilment.opens_a_change and change_models() is None:
        raise InvalidInput.about("fulfilment", gettext("No changes are kept here."))
    return {"form": form.to_json(), "approval": approval.to_json(), "fulfilment": fulfilment.to_json()}


def _read(name: str, parse: Any, raw: Any, *form: Form) -> Any:
    try:
        return parse(raw, *form)
    except FormRefused as refused:
        raise refused.within(name) from refused


def _bundle(slugs: list[str], item: CatalogItem | None) -> list[str]:
    wanted = list(dict.fromkeys(slugs))
    if len(wanted) > MAX_BUNDLE:
        raise InvalidInput.about("bundle", gettext("At most %(most)d items.") % {"most": MAX_BUNDLE})
    if item is not None and item.slug in wanted:
        raise InvalidInput.about("bundle", gettext("A bundle is not part of itself."))
    found = {one.slug: one for one in CatalogItem.objects.filter(slug__in=wanted)}
    for slug in wanted:
        one = found.get(slug)
        if one is None:
            raise InvalidInput.about("bundle", gettext("There is no catalog item %(slug)s.") % {"slug": slug[:63]})
        if one.newest.bundle or one.text.bundle:
            words = gettext("%(slug)s is a bundle itself: name its items instead.")
            raise InvalidInput.about("bundle", words % {"slug": slug})
    return wanted


def _require_currency(price: Mapping[str, Any]) -> None:
    surcharges = any(
        option.get("surcharge")
        for section in price["form"].get("sections", ())
        for question in section["questions"]
        for option in question["options"]
    )
    if (price["price_minor"] or surcharges) and not price["currency"]:
        raise InvalidInput.about("currency", gettext("Say in which currency it is paid, such as EUR."))


def _currency(value: str) -> str:
    code = value.strip().upper()
    if code and not _CURRENCY.fullmatch(code):
        raise InvalidInput.about("currency", gettext("A currency is three letters, such as EUR."))
    return code


def _price(value: int) -> int:
    if not 0 <= value <= MAX_PRICE:
        raise InvalidInput.about("price_minor", gettext("A price is not negative, and not that high."))
    return value


def _hours(value: int | None) -> int | None:
    if value is not None and not 1 <= value <= MAX_HOURS:
        raise InvalidInput.about("expected_hours", gettext("Between an hour and a year."))
    return value


def _keywords(value: list[str]) -> list[str]:
    words = list(dict.fromkeys(one_line(word) for word in value if one_line(word)))
    if len(words) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD for word in words):
        said = gettext("At most %(most)d keywords, of at most %(long)d characters.")
        raise InvalidInput.about("keywords", said % {"most": MAX_KEYWORDS, "long": MAX_KEYWORD})
    return words


def _description(value: str) -> str:
    if (sentence := markdown.refusal(value)) is not None:
        raise InvalidInput.about("description", sentence)
    return value


def _period(value: str) -> str:
    if value not in PricePeriod.values:
        words = gettext("Choose one of %(known)s.") % {"known": ", ".join(PricePeriod.values)}
        raise InvalidInput.about("price_period", words)
    return value


_JUDGES: dict[str, Any] = {
    "name": one_line, "summary": one_line, "category": one_line, "description": _description, "keywords": _keywords,
    "price_minor": _price, "currency": _currency, "price_period": _period, "expected_hours": _hours,
}  # fmt: skip
