"""What documents name: teams, roles, people, models of changes. Names are looked at when a document is kept; what
stood and was retired since is resolved by who reads it (`team_called`)."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from catalog.items.formats.approval import Approval
from catalog.items.formats.fulfilment import Fulfilment
from catalog.items.vocabulary import Who
from itsm.accounts.models import Role, Team, User
from itsm.api.nearest import did_you_mean
from itsm.fields.form.document import Form
from itsm.fields.references import reference_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Models = Callable[[], "Mapping[str, str]"]  # slug -> name of the models that a standard change may have
_models: list[Models] = []


def change_models_come_from(read: Models) -> None:
    """Whoever keeps changes says in `ready()` which models a task may name."""
    _models[:] = [read]


def change_models() -> "Mapping[str, str] | None":
    """Slug -> name of the models of standard changes; None where no changes are kept."""
    return _models[0]() if _models else None


def team_called(slug: str) -> Team | None:
    """The team of this slug; of one that was merged the one that it was merged into. None where there is none."""
    found = Team.objects.select_related("merged_into").filter(slug=slug).first() if slug else None
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


def unknown_names(form: Form, approval: Approval, fulfilment: Fulfilment) -> dict[str, list[str]]:
    """Path -> a sentence for each name of a team, role, person or model that there is not. A query for each kind that
    is named."""
    found: dict[str, list[str]] = {}
    known: dict[str, list[str]] = {}
    for path, kind, name in (*_in_form(form), *_in_approval(approval), *_in_fulfilment(fulfilment)):
        if kind not in known:
            known[kind] = _NAMES[kind]() if kind in _NAMES else _of_rule(kind)
        if name not in known[kind]:
            words = gettext("There is no %(name)s.") % {"name": name[:60]}
            found[path] = [words + did_you_mean(name, known[kind])]
    return found


def _teams() -> list[str]:
    return list(Team.objects.standing().values_list("slug", flat=True))


def _people() -> list[str]:
    people = User.objects.active_people()
    return list(people.values_list("username", flat=True))


_NAMES: dict[str, Callable[[], list[str]]] = {
    "team": _teams,
    "role": lambda: [one.value for one in Role],
    "person": _people,
    "model": lambda: list(change_models() or {}),
}


def _of_rule(kind: str) -> list[str]:
    type_, _dot, rule = kind.partition(".")
    reference = reference_of(type_)
    return list(reference.rule_names[rule]()) if reference is not None else []


def _in_form(form: Form) -> Iterator[tuple[str, str, str]]:
    for at, section in enumerate(form.sections):
        for place, question in enumerate(section.questions):
            reference = reference_of(question.definition.type)
            for rule in reference.rule_names if reference is not None else ():
                if rule in question.definition.rules:
                    path = f"form.sections.{at}.questions.{place}.rules"
                    yield path, f"{question.definition.type}.{rule}", question.definition.rules[rule]


def _in_approval(approval: Approval) -> Iterator[tuple[str, str, str]]:
    for at, step in enumerate(approval.steps):
        for place, part in enumerate(step.parts):
            if part.who in (Who.TEAM, Who.ROLE, Who.PERSON):
                yield f"approval.steps.{at}.parts.{place}.value", part.who, part.value


def _in_fulfilment(fulfilment: Fulfilment) -> Iterator[tuple[str, str, str]]:
    for at, task in enumerate(fulfilment.tasks):
        if task.team:
            yield f"fulfilment.tasks.{at}.team", "team", task.team
        if task.change_model:
            yield f"fulfilment.tasks.{at}.change_model", "model", task.change_model
