"""Saying how news reach oneself: wishes for classes and for single rules, quiet hours. How they hold is in `wishes`."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext

from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, StaleVersion, VersionRequired
from itsm.notifications.models import Rhythm, Wish
from itsm.notifications.rules import CHANNELS, CLASSES, HOWS, rule_of
from itsm.notifications.wishes import rhythm_of

Line = tuple[str, str, str]  # ("mine", "", "") of a class, ("", "incident.answered", "caller") of one rule
Wished = Mapping[tuple[Line, str], str | None]  # by line and channel; None: no wish


def of_class(news: str) -> Line:
    return news, "", ""


def of_rule(event: str, relation: str) -> Line:
    return "", event, relation


@transaction.atomic
def keep(
    user: Any,
    *,
    actor: Actor,
    version: int | None,
    wished: Wished,
    quiet_from: time | None,
    quiet_until: time | None,
    whole: bool = False,
) -> Rhythm:
    """Say how news reach oneself, all of it or nothing. `whole`: what `wished` does not name is wished no longer.

    What waits to leave already keeps its instant. Returns the quiet hours with the new version. Raises NotPermitted
    (somebody else's), InvalidInput (no such class, rule, channel or word; a duty; half of quiet hours), StaleVersion,
    VersionRequired.
    """
    _themselves(user, actor)
    rhythm = _locked(user)
    _check(rhythm, version)
    for (line, channel), how in wished.items():
        _wishable(line, channel, how)
    changes = _wish(user, wished, whole=whole)
    rhythm_changes = _set_quiet(rhythm, quiet_from, quiet_until)
    if changes:
        record_event("user.wishes_edited", user, actor=actor, changes=changes)
    if rhythm_changes:
        record_event("user.rhythm_edited", user, actor=actor, changes=rhythm_changes)
    if changes or rhythm_changes:
        rhythm.version += 1
        rhythm.save()
    return rhythm


def wish(user: Any, *, actor: Actor, wished: Wished) -> None:
    """Some wishes, whatever else was said meanwhile. Raises as `keep`."""
    kept = rhythm_of(user)
    keep(
        user, actor=actor, version=kept.version, wished=wished, quiet_from=kept.quiet_from, quiet_until=kept.quiet_until
    )  # fmt: skip


def set_quiet(user: Any, *, actor: Actor, quiet_from: time | None, quiet_until: time | None) -> Rhythm:
    """Quiet hours alone (both or none), whatever else was said meanwhile. Raises as `keep`."""
    version = rhythm_of(user).version
    return keep(user, actor=actor, version=version, wished={}, quiet_from=quiet_from, quiet_until=quiet_until)


def _locked(user: Any) -> Rhythm:
    """The person's row; who said nothing yet has one by now. Their account is locked for it: it is always there."""
    get_user_model()._default_manager.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    return rhythm_of(user)


def _check(rhythm: Rhythm, version: int | None) -> None:
    if version is None:
        raise VersionRequired(gettext("Send If-Match with the version of your wishes that you read."))
    if version != rhythm.version:
        raise StaleVersion(
            gettext("Your wishes are at version %(now)s; you read version %(read)s.")
            % {"now": rhythm.version, "read": version},
            version=rhythm.version,
        )


def _wishable(line: Line, channel: str, how: str | None) -> None:
    news, event, relation = line
    if news and news not in CLASSES:
        raise InvalidInput.about("news", gettext("There is no such kind of news."))
    rule = None if news else rule_of(event, relation)
    if not news and rule is None:
        raise InvalidInput.about("event", gettext("Nothing is told of this to people in this relation."))
    if channel not in CHANNELS:
        raise InvalidInput.about("channel", gettext("Mail or push: the bell always rings."))
    if how is not None and how not in HOWS:
        raise InvalidInput.about("how", gettext("At once, collected hourly or daily, or not at all."))
    if rule is not None and rule.duty and channel == "mail" and how not in (None, "now"):
        raise InvalidInput.about(
            "how", gettext("This is mailed to everybody whom it concerns; nobody can wish it away.")
        )


def _wish(user: Any, wished: Wished, *, whole: bool) -> dict[str, list[str | None]]:
    """Writes what differs. Returns it: line and channel -> [before, after]."""
    standing = {
        ((one.news, one.event, one.relation), one.channel): one for one in Wish.objects.filter(user=user.pk)
    }  # fmt: skip
    gone = [key for key in standing if key not in wished] if whole else []
    changes: dict[str, list[str | None]] = {}
    for (line, channel), how in [*wished.items(), *((key, None) for key in gone)]:
        kept = standing.get((line, channel))
        before = kept.how if kept else None
        if before == how:
            continue
        changes[" ".join((*(part for part in line if part), channel))] = [before, how]
        news, event, relation = line
        if how is None:
            Wish.objects.filter(user=user, news=news, event=event, relation=relation, channel=channel).delete()
        else:
            Wish.objects.update_or_create(
                user=user, news=news, event=event, relation=relation, channel=channel, defaults={"how": how}
            )
    return changes


def _set_quiet(rhythm: Rhythm, quiet_from: time | None, quiet_until: time | None) -> dict[str, list[str | None]]:
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        words = gettext("Quiet hours have a beginning and another end; leave both empty for none.")
        raise InvalidInput.about("quiet_until", words)
    said = {"quiet_from": quiet_from, "quiet_until": quiet_until}
    changes = {
        name: [_plain(getattr(rhythm, name)), _plain(value)]
        for name, value in said.items()
        if getattr(rhythm, name) != value
    }
    rhythm.quiet_from, rhythm.quiet_until = quiet_from, quiet_until
    return changes


def _plain(value: time | None) -> str | None:
    return None if value is None else f"{value:%H:%M}"


def _themselves(user: Any, actor: Actor) -> None:
    if not actor.is_human or actor.id != user.pk:
        raise NotPermitted(gettext("Everybody says for themselves what reaches them."))
