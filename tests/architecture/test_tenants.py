"""The platform (`itsm`) knows no words of the apps that stand on it: they say theirs in their own rows and `ready()`."""

import ast
import re
from collections.abc import Iterator

from django.apps import apps

from itsm.accounts import scopes
from itsm.accounts.models import QueueRight
from itsm.audit.of_agents import MAY_NOTE
from itsm.kernel.workflow import Workflow
from tests.architecture.test_house_rules import nodes, parsed, texts

TENANTS = ("catalog", "incidents", "slo", "changes")
# What composes the whole names its parts; scopes of tokens are the product's, handed out on people's pages.
COMPOSES = (
    "itsm/home/",
    "itsm/portal/",
    "itsm/run/",
    "itsm/setup/",
    "itsm/statuspage/",
    "itsm/urls.py",
    "itsm/api_urls.py",
    "itsm/settings.py",
    "itsm/accounts/scopes.py",
)
SCOPES = "itsm/accounts/forms.py"
RIGHTS = "itsm/accounts/models/queues.py"  # where a right in a queue is called what people do there: change
# Words that mean something else there: of a password, of a run that failed, of a group, of a provider, of a role; and what
# a violation opened above, which is registered from there.
OTHER_MEANINGS = {
    "itsm/accounts/password_words.py": {"incident", "change", "problem"},
    "itsm/agents/answers.py": {"article"},
    "itsm/agents/capabilities.py": {"catalog:read"},
    "itsm/agents/views/listing.py": {"catalog:read"},
    "itsm/audit/of_agents.py": {*MAY_NOTE},  # a law of the database is written where the table is
    "itsm/continuity/management/commands/note_continuity.py": {"problem"},
    "itsm/continuity/models.py": {"problem"},
    "itsm/continuity/queries.py": {"problem"},
    "itsm/identity/operations/__init__.py": {"change"},
    "itsm/identity/views/people.py": {"mapping"},
    "itsm/identity/vocabulary.py": {"draft"},
    "itsm/intake/sources.py": {"mapping"},
    "itsm/invariants/api.py": {"incident"},
    "itsm/invariants/models.py": {"incident"},
    "itsm/invariants/telling.py": {"incident"},
    "itsm/roles/queries.py": {"major"},
}
PLAIN = {
    "service",
    "ci",  # like a service what a field may point to: its target is registered from above
    "policy",
    "decision",
    "source",
    "conflict",
    "import",
    "request",
}  # kinds that are words of the platform as well
PLAIN_STATES = {
    "active",
    "retired",
    "released",
    "doing",
    "live",
    "accepted",
}  # and states: accounts are active, fields and teams are retired, a schedule is live


def kinds() -> set[str]:
    models = [model for model in apps.get_models() if model._meta.app_label in TENANTS]
    return {model.kind for model in models if hasattr(model, "kind")}


def states() -> set[str]:
    """States of the tenants' workflows that no choice of the platform's own is called."""
    walking = [one for one in apps.get_models() if isinstance(getattr(one, "workflow", None), Workflow | property)]
    theirs = [model for model in walking if model._meta.app_label in TENANTS]
    below = [one for one in apps.get_models() if not f"{one.__module__.replace('.', '/')}/".startswith(COMPOSES)]
    ours = [model for model in below if model._meta.app_label not in TENANTS]
    own = {str(value) for model in ours for field in model._meta.fields for value, _ in field.flatchoices}
    found = {value for model in theirs for value, _ in model._meta.get_field("status").flatchoices}
    return found - own - PLAIN_STATES


def _words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def is_a_tenants(word: str, its_states: set[str], its_kinds: set[str]) -> bool:
    """An address (`slo:list`), an event (`change.created`), a state (`on_hold`) or a kind of record."""
    begins = tuple(f"{app}:" for app in TENANTS) + tuple(f"{kind}." for kind in its_kinds)
    return word in its_states | (its_kinds - PLAIN) or word.startswith(begins)


def _may_know(words: set[str]) -> Iterator[str]:
    """The platform's files in which some text begins so: after a quote, or after what was filled in."""
    begins = re.compile("[\"'}\n](?:" + "|".join([*(f"{app}:" for app in TENANTS), *sorted(words)]) + ")")
    for name, text in texts().items():
        if name.startswith("itsm/") and not name.startswith(COMPOSES) and begins.search(text):
            yield name


def test_the_platform_knows_no_event_state_or_address_of_an_app_above_it() -> None:
    its_states, its_kinds = states(), kinds()
    assert {"in_progress", "assessing"} <= its_states
    assert {"incident", "change", "objective", "service"} <= its_kinds
    found: list[str] = []
    for name, tree in parsed(_may_know(its_states | its_kinds)):
        found += [
            f"{name}:{line} {word!r}"
            for line, word in _words(tree)
            if is_a_tenants(word, its_states, its_kinds)
            and not (name == SCOPES and word.partition(": ")[0] in scopes.ALL)
            and not (name == RIGHTS and word in QueueRight.values)
            and word not in OTHER_MEANINGS.get(name, ())
        ]
    assert not found, f"Say this in the app, which registers it in its row, urls.py or ready(): {found}"


def test_such_words_are_seen() -> None:
    for word in ("slo:list", "incident.resolved", "on_hold", "change"):
        assert is_a_tenants(word, states(), kinds()), word
    for word in ("slot", "changed", "incidental", "status", "changes"):
        assert not is_a_tenants(word, states(), kinds()), word
