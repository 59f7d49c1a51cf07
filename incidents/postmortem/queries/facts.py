"""A postmortem as one thing: the same facts for programs, as Markdown, on paper and as the version that is kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import unified_diff
from typing import Any

from django.utils.translation import gettext as _

from incidents.postmortem.models import Postmortem, PostmortemAction, PostmortemVersion
from incidents.postmortem.queries.links import Links, links_of
from incidents.postmortem.vocabulary import ActionType, Source
from incidents.postmortem.workflow import Status
from itsm.accounts.models import User
from itsm.kernel.actors import Actor
from itsm.markdown import escaped, unescaped


def facts_of(postmortem: Postmortem, actor: Actor | None) -> dict[str, Any]:
    """All that it says. People are in it by the ids of their accounts, which say what they are called, or that they
    were erased.

    `actor`: who reads, and whose sight hides links; None: for everybody who may read it, so that links to what others
    may not see are left out.
    """
    actions = list(postmortem.actions.select_related("owner", "problem", "problem__team"))
    links = links_of(actions, actor)
    about = postmortem.about
    return {
        "number": postmortem.reference,
        "title": postmortem.title,
        "about": about.reference,
        "service": about.service.name if about.service is not None else "",
        "state": postmortem.status,
        "version": postmortem.published,
        "required_because": [f"{label}: {why}" if why else label for label, why in postmortem.reasons],
        "impact": postmortem.impact,
        "timeline": [
            {"at": _instant(one.at), "text": one.text, "source": one.source}
            for one in postmortem.events.filter(removed=False)
        ],
        "factors": list(postmortem.factors),
        "went_well": postmortem.went_well,
        "went_badly": postmortem.went_badly,
        "lucky": postmortem.lucky,
        "actions": [_action(one, links) for one in actions],
        "no_actions_because": "" if actions else postmortem.no_actions_because,
        "waiver_reason": postmortem.waiver_reason if postmortem.status == Status.WAIVED else "",
    }


def _action(action: PostmortemAction, links: Links) -> dict[str, Any]:
    linked = links.get(action.pk)
    return {
        "type": action.action_type,
        "text": action.text,
        "owner": action.owner_id,
        "due_at": _instant(action.due_at),
        "done_at": _instant(action.done_at),
        "outcome": action.outcome,
        "link": linked.reference if linked is not None else "",
    }


def _instant(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at is not None else None


def as_markdown(facts: Mapping[str, Any]) -> str:
    """The facts as Markdown: what a person wrote makes no heading, link, list or element of its own, wherever the file
    is opened; a quotation has it line by line."""
    return _markdown(facts, names_in([facts]))


def texts_of(versions: Iterable[PostmortemVersion]) -> dict[int, str]:
    """Id -> each version as Markdown, in the reader's language. One query, or none."""
    facts = {one.pk: one.content["facts"] for one in versions}
    names = names_in(facts.values())
    return {pk: _markdown(each, names) for pk, each in facts.items()}


def text_of(version: PostmortemVersion) -> str:
    """The same of one."""
    return texts_of([version])[version.pk]


def with_names(facts: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """The facts with people in the place of their ids."""
    return {**facts, "actions": [one | {"owner": names.get(one["owner"], "")} for one in facts["actions"]]}


def names_in(all_facts: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Id -> what those are called now whom these facts name. One query, or none."""
    owners = {one["owner"] for facts in all_facts for one in facts["actions"]} - {None}
    return dict(User.objects.filter(pk__in=owners).values_list("pk", "username")) if owners else {}


def _markdown(facts: Mapping[str, Any], names: Mapping[int, str]) -> str:
    return "\n".join(_lines(with_names(facts, names))) + "\n"


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {facts['number']} {_plain(facts['title'])}"
    yield ""
    yield f"- {_('About')}: {facts['about']}"
    if facts["service"]:
        yield f"- {_('Service')}: {_plain(facts['service'])}"
    yield f"- {_('State')}: {Status(facts['state']).label}"
    if facts["version"]:
        yield f"- {_('Published version')}: {facts['version']}"
    for why in facts["required_because"]:
        yield f"- {_('Required because')}: {_plain(why)}"
    if facts["waiver_reason"]:
        yield from _words(_("Why none is needed"), facts["waiver_reason"])
    yield from _words(_("Impact"), facts["impact"])
    yield from _list(_("Timeline"), [_event(one) for one in facts["timeline"]])
    yield from _list(_("Factors"), [_plain(one) for one in facts["factors"]])
    yield from _words(_("What went well"), facts["went_well"])
    yield from _words(_("What went badly"), facts["went_badly"])
    yield from _words(_("Where we were lucky"), facts["lucky"])
    yield from _list(_("Actions"), [_action_line(one) for one in facts["actions"]])
    if facts["no_actions_because"]:
        yield from _words(_("Why there is no action"), facts["no_actions_because"])


def _words(title: str, text: str) -> Iterator[str]:
    if text.strip():
        yield from ("", f"## {title}", "", *(f"> {escaped(line)}".rstrip() for line in text.strip().splitlines()))


def _list(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from ("", f"## {title}", "", *(f"- {item}" for item in items))


def _event(event: Mapping[str, Any]) -> str:
    source = Source(event["source"])
    tail = f" ({source.label})" if source != Source.PERSON else ""
    return f"{event['at']} {_plain(event['text'])}{tail}"


def _action_line(action: Mapping[str, Any]) -> str:
    head = f"{ActionType(action['type']).label}: {_plain(action['text'])}"
    owner = _plain(action["owner"]) or _("nobody")
    due = _("until %(day)s") % {"day": action["due_at"][:10]}
    done = _("done %(day)s: %(outcome)s") % {"day": action["done_at"][:10], "outcome": _plain(action["outcome"])} \
        if action["done_at"] else _("open")  # fmt: skip
    return ", ".join(filter(None, [f"{head} ({owner})", due, action["link"], done]))


def _plain(text: str) -> str:
    """One line that stays one."""
    return escaped(" ".join(text.split()))


def on_paper(text: str, *, title: str, at: datetime) -> bytes:
    """The same as PDF. Raises nothing."""
    from itsm.pdf import written  # noqa: PLC0415 -- its library takes a third of a second and 20 MB

    return written(text, title=title, at=at)


def written_at(postmortem: Postmortem) -> datetime:
    """When a file of it counts as written: at its last publishing, else when it was begun. The same bytes each time."""
    return postmortem.published_at or postmortem.opened_at


def as_file(postmortem: Postmortem, text: str, form: str) -> dict[str, Any]:
    """What an HTTP answer is made of that is kept as a file. `form`: `md` or `pdf`. Raises nothing."""
    is_paper = form == "pdf"
    name = f"{postmortem.reference}.{form}"
    return {
        "content": on_paper(text, title=str(postmortem), at=written_at(postmortem)) if is_paper else text.encode(),
        "content_type": "application/pdf" if is_paper else "text/markdown; charset=utf-8",
        "headers": {"Content-Disposition": f'attachment; filename="{name}"'},
    }


def version_of(postmortem: Postmortem, number: int) -> PostmortemVersion | None:
    """One of its published versions."""
    return postmortem.versions.select_related("published_by").filter(number=number).first()


def compared(before: str, after: str) -> list[tuple[str, str]]:
    """Two Markdown texts line by line as people typed them, without what is the same far from a change: (`+`, `-` or
    ` `, line)."""
    rows = unified_diff(unescaped(before).splitlines(), unescaped(after).splitlines(), n=2, lineterm="")
    return [(row[:1], row[1:]) for row in rows if not row.startswith(("---", "+++", "@@"))]
