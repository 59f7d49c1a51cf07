"""How people are reached, said by themselves: phones, verified by a code, and rules of their own."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable, WrongState
from itsm.notifications.models import Delivery
from itsm.notifications.outbox import Refused, owe_all
from itsm.paging.adapters import gateways
from itsm.paging.models import ContactPoint, PagingProvider, PersonalRule
from itsm.paging.models.people import MAX_AFTER
from itsm.paging.vocabulary import PHONES, Urgency

CODE_CHANNEL = "page_code"
MOST, MOST_RULES = 6, 12
CODE_GOOD_FOR = timedelta(minutes=15)
AGAIN_AFTER = timedelta(seconds=30)
WRONG_CODES = 5
MOST_CODES, OF_CODES = 10, timedelta(hours=1)  # whose phone it is has not said yet that it is theirs
_SENDS_CODE = ("user.contact_added", "user.contact_code_sent")


def own_contacts(actor: Actor) -> QuerySet[ContactPoint]:
    """One's own, the oldest first. Raises nothing."""
    return ContactPoint.objects.filter(person=actor.id or 0).order_by("pk")


def own_rules(actor: Actor) -> QuerySet[PersonalRule]:
    """One's own, those of high urgency first, in their order. Raises nothing."""
    return PersonalRule.objects.filter(person=actor.id or 0).select_related("contact").order_by("urgency", "position")


def add(*, actor: Actor, channel: str, address: str, at: datetime, name: str = "") -> ContactPoint:
    """A phone of one's own; a code is sent there, and nothing else until it is verified.

    Raises NotPermitted (programs), InvalidInput (no number with its country, too many), Conflict (it is there already,
    too many codes within the hour), Unavailable (no provider reaches phones in this way).
    """
    person = _person(actor)
    number = "".join(sign for sign in address.strip() if sign not in " -()/.")
    if not (number.startswith("+") and number[1:].isascii() and number[1:].isdigit() and 7 <= len(number[1:]) <= 15):
        raise InvalidInput.about("address", _("A number with its country, such as +49 151 12345678."))
    if channel not in PHONES:
        raise InvalidInput.about("channel", _("A phone is reached by sms or voice."))
    _require_provider(channel)
    if own_contacts(actor).count() >= MOST:
        raise InvalidInput.about("address", _("At most %(most)d phones.") % {"most": MOST})
    _require_few_codes(person, at)
    try:
        with transaction.atomic():
            made = ContactPoint.objects.create(person=person, channel=channel, address=number, name=name.strip()[:60])
            record_event("user.contact_added", person, actor=actor, changes={"phone": [None, made.shown]})
            _send_code(made, at)
    except IntegrityError as error:
        raise Conflict(_("You have this phone already, or it is no number that phones have.")) from error
    return made


def send_code(contact_id: int, *, actor: Actor, at: datetime) -> ContactPoint:
    """Another code; the one before is worth nothing from then on.

    Raises NotPermitted, NotFound, WrongState (verified, or just sent), Conflict (too many in the hour), Unavailable.
    """
    with transaction.atomic():
        contact = _own(contact_id, actor)
        if contact.is_verified:
            raise WrongState(_("It is verified already."), state="verified")
        if contact.code_sent_at is not None and at - contact.code_sent_at < AGAIN_AFTER:
            raise WrongState(_("A code is on its way: wait half a minute."), state="code sent")
        _require_provider(contact.channel)
        _require_few_codes(contact.person, at)
        sent = {"phone": [None, contact.shown]}
        record_event("user.contact_code_sent", contact.person, actor=actor, changes=sent)
        _send_code(contact, at)
        return contact


def verify(contact_id: int, *, actor: Actor, code: str, at: datetime) -> ContactPoint:
    """The code that came there. Raises NotPermitted, NotFound, WrongState, InvalidInput (wrong, or too old)."""
    with transaction.atomic():
        contact = _own(contact_id, actor)
        if contact.is_verified:
            raise WrongState(_("It is verified already."), state="verified")
        is_right = _is_right(contact, code, at)
        if is_right:
            contact.verified_at, contact.code_hash, contact.code_tries = at, "", 0
            record_event("user.contact_verified", contact.person, actor=actor, changes={"phone": [None, contact.shown]})
        else:
            contact.code_tries += 1
        contact.save(update_fields=["verified_at", "code_hash", "code_tries"])
    if not is_right:
        raise InvalidInput.about("code", _("This is not the code that was sent, or it is too old: have another sent."))
    return contact


def remove(contact_id: int, *, actor: Actor) -> None:
    """Nothing goes there any more; rules that name it go with it. Raises NotPermitted, NotFound."""
    with transaction.atomic():
        contact = _own(contact_id, actor)
        record_event("user.contact_removed", contact.person, actor=actor, changes={"phone": [contact.shown, None]})
        contact.delete()


@dataclass(frozen=True, slots=True)
class NewRule:
    """So many seconds after a page began, by this way; `contact`: the phone's id."""

    channel: str
    after: int = 0
    contact: int | None = None


def set_rules(*, actor: Actor, urgency: str, rules: Sequence[NewRule]) -> list[PersonalRule]:
    """One's own rules of an urgency, all of them; none: the default holds. Raises NotPermitted, InvalidInput."""
    person = _person(actor)
    if urgency not in Urgency.values:
        raise InvalidInput.about("urgency", _("High or low."))
    if len(rules) > MOST_RULES:
        raise InvalidInput.about("rules", _("At most %(most)d rules.") % {"most": MOST_RULES})
    with transaction.atomic():
        phones = {one.pk: one for one in own_contacts(actor).select_for_update(of=("self",), no_key=True)}
        for number, rule in enumerate(rules, 1):
            if wrong := _rule_problem(rule, phones):
                raise InvalidInput.about("rules", _("Rule %(number)d: %(wrong)s") % {"number": number, "wrong": wrong})
        before = [str(one) for one in PersonalRule.objects.filter(person=person, urgency=urgency)]
        PersonalRule.objects.filter(person=person, urgency=urgency).delete()
        made = PersonalRule.objects.bulk_create(
            PersonalRule(
                person=person, urgency=urgency, position=position, channel=one.channel, contact_id=one.contact,
                after_s=one.after,
            )
            for position, one in enumerate(rules, 1)
        )  # fmt: skip
        changes = {urgency: [before, [str(one) for one in made]]}
        record_event("user.paging_rules_set", person, actor=actor, changes=changes)
        return made


def _rule_problem(rule: NewRule, phones: dict[int, ContactPoint]) -> str:
    if not 0 <= rule.after <= MAX_AFTER:
        return _("it begins within an hour.")
    if rule.channel not in PHONES:
        return _("mail and push name no phone.") if rule.contact is not None else ""
    contact = phones.get(rule.contact or 0)
    if contact is None or contact.channel != rule.channel:
        return _("name one of your phones that is reached in this way.")
    return "" if contact.is_verified else _("verify that phone first.")


def _send_code(contact: ContactPoint, at: datetime) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    contact.code_hash, contact.code_sent_at, contact.code_tries = _hashed(contact, code), at, 0
    contact.save(update_fields=["code_hash", "code_sent_at", "code_tries"])
    key = f"page-code-{contact.pk}-{secrets.token_hex(6)}"
    owe_all([Delivery(channel=CODE_CHANNEL, payload={"contact": contact.pk, "code": code}, aggregate=key, key=key)])


def deliver_code(owed: Delivery) -> str:
    """The channel's handler: by the first provider that takes it. Raises OutgoingFailed, OutgoingRefused; Refused where
    the code is worth nothing any more."""
    contact = ContactPoint.objects.filter(pk=owed.payload["contact"], verified_at=None).first()
    if contact is None or not hmac.compare_digest(contact.code_hash, _hashed(contact, owed.payload["code"])):
        raise Refused("not wanted any more")
    providers = list(PagingProvider.objects.filter(channel=contact.channel, off_at=None).order_by("position", "pk"))
    if not providers:
        raise Refused("no provider")
    provider = providers[(owed.attempts - 1) % len(providers)]
    text = _("%(code)s is your code for Headroom.") % {"code": owed.payload["code"]}
    return gateways.send(provider, to=contact.address, text=text, key=owed.key).words


def _hashed(contact: ContactPoint, code: str) -> str:
    said = f"{contact.pk}:{code}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


def _is_right(contact: ContactPoint, code: str, at: datetime) -> bool:
    if not contact.code_hash or contact.code_sent_at is None or contact.code_tries >= WRONG_CODES:
        return False
    return at - contact.code_sent_at <= CODE_GOOD_FOR and hmac.compare_digest(
        contact.code_hash, _hashed(contact, code.strip())
    )


def _require_few_codes(person: User, at: datetime) -> None:
    """Nobody's phone rings all night because somebody adds it again and again; counted by what history says."""
    asked = Entry.objects.filter(actor_id=person.pk, event__in=_SENDS_CODE, at__gt=at - OF_CODES)
    if asked.count() >= MOST_CODES:
        raise Conflict(_("At most %(most)d codes are sent within an hour: try again later.") % {"most": MOST_CODES})


def _require_provider(channel: str) -> None:
    if not PagingProvider.objects.filter(channel=channel, off_at=None).exists():
        raise Unavailable(_("Nothing reaches phones in this way yet: an administrator names a provider."))


def _person(actor: Actor) -> User:
    if not actor.is_human or actor.id is None:
        raise NotPermitted(_("Everybody says for themselves how they are reached."))
    return User.objects.get(pk=actor.id)


def _own(contact_id: int, actor: Actor) -> ContactPoint:
    _person(actor)
    mine = own_contacts(actor).select_for_update(of=("self",), no_key=True).select_related("person")
    found = mine.filter(pk=contact_id).first()
    if found is None:
        raise NotFound(_("You have no such phone."))
    return found
