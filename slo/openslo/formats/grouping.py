"""One objective for each group of series: which groups there are, and what each is called.

Pyrra groups while it evaluates; here each group is an objective of its own, made when the file is read.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256

from django.utils.translation import gettext

from slo.measuring.formats.slugs import slugged
from slo.openslo.formats.documents import Report
from slo.openslo.formats.templating import NoValues

Group = tuple[str, ...]
# (labels, selector) -> the values that these labels have together on its series; or raises NoValues.
GroupsOf = Callable[[Sequence[str], str], list[Group]]

MAX_GROUPS = 2_000
_LONGEST_NAME = 63
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z", re.ASCII)
NO_GROUPS = "pyrra-no-groups"


def labels_of(report: Report, path: str, grouping: object) -> tuple[str, ...]:
    """The labels to group by; with a finding where one of them is no label."""
    labels = grouping if isinstance(grouping, list) else [] if grouping is None else [grouping]
    if all(isinstance(label, str) and _LABEL.match(label) for label in labels):
        return tuple(dict.fromkeys(str(label) for label in labels))
    report.error(path, "pyrra-grouping", gettext("Grouping is a list of labels."))
    return ()


def groups(
    report: Report, path: str, labels: Sequence[str], selector: str, said: str | None, groups_of: GroupsOf | None
) -> list[Group]:
    """The groups in their order, each once: those written down, else those that the source has.

    `said`: values with commas between the groups and | between the labels of one. [()] stands for no grouping, also,
    with a warning, where no series is known yet. Empty with an error.
    """
    if not labels:
        return [()]
    try:
        found = _written(said, len(labels)) if said else _known(labels, selector, groups_of)
    except NoValues as error:
        report.error(path, "pyrra-grouping", str(error))
        return []
    if not found:
        message = gettext(
            "No series of %(metric)s is known, so neither are its groups by %(labels)s: it is taken as one objective "
            "over all of them. Import it again once there are series."
        )
        report.warning(path, NO_GROUPS, message % {"metric": selector[:200], "labels": ", ".join(labels)})
        return [()]
    if len(found) > MAX_GROUPS:
        message = gettext("These are more than %d groups.") % MAX_GROUPS
        report.error(path, "pyrra-grouping", message)
        return []
    return found


def _known(labels: Sequence[str], selector: str, groups_of: GroupsOf | None) -> list[Group]:
    if groups_of is None:
        message = gettext(
            "The values of “%s” are not known here; write them down, as the annotation headroom/values, separated by "
            "commas."
        )
        raise NoValues(message % ", ".join(labels))
    return list(dict.fromkeys(groups_of(labels, selector)))


def _written(said: str, count: int) -> list[Group]:
    found = [tuple(value.strip() for value in one.split("|")) for one in said.split(",") if one.strip()]
    if any(len(one) != count for one in found):
        raise NoValues(gettext("A group of %d labels is written as their values with | between them.") % count)
    return list(dict.fromkeys(found))


def matchers_of(labels: Sequence[str], group: Group) -> str:
    """What a series of this group matches; a label that is not there matches "" ."""
    return ", ".join(f'{label}="{_quoted(value)}"' for label, value in zip(labels, group, strict=False))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def names_of(name: str, found: Sequence[Group]) -> list[str]:
    """A name for each group: its values as words, and a mark where these are too long or tell two not apart."""
    plain = [_plain(name, group) for group in found]
    counts = Counter(plain)
    return [
        one if not group or (counts[one] == 1 and len(one) <= _LONGEST_NAME) else _marked(one, group)
        for one, group in zip(plain, found, strict=True)
    ]


def _plain(name: str, group: Group) -> str:
    return "-".join([name, *(slugged(value) or (_mark(value) if value else "none") for value in group)])


def _marked(name: str, group: Group) -> str:
    return f"{name[: _LONGEST_NAME - 7].rstrip('-')}-{_mark(*group)}"


def _mark(*values: str) -> str:
    return sha256("\0".join(values).encode()).hexdigest()[:6]
