"""A form as those are asked who do not work here: neither what is asked of staff, nor that a condition looks at it.

Pure. To others those questions are empty whatever happens, so what looks at them is decided already.
"""

from dataclasses import replace

from itsm.fields.form.conditions import Group, Leaf
from itsm.fields.form.document import STAFF, Form, Section


def for_others(form: Form) -> Form:
    """The same without questions of staff and what only they would bring up; the other conditions, without them."""
    hidden = {one.key for one in form.questions if one.audience == STAFF}
    if not hidden:
        return form
    sections = [_section(one, hidden) for one in form.sections]
    return Form(tuple(one for one in sections if one is not None and one.questions))


def _section(section: Section, hidden: set[str]) -> Section | None:
    stands = _decided(section.show_when, hidden)
    if stands is False:
        hidden.update(one.key for one in section.questions)
        return None
    questions = []
    for one in section.questions:
        condition = _decided(one.show_when, hidden)
        if one.key in hidden or condition is False:
            hidden.add(one.key)  # never answered either: what looks at it is decided as well
        else:
            questions.append(replace(one, show_when=condition if isinstance(condition, Group) else None))
    return replace(section, show_when=stands if isinstance(stands, Group) else None, questions=tuple(questions))


def _decided(condition: Group | None, hidden: set[str]) -> Group | bool:
    """What is left of a condition once the hidden ones are empty: a condition, or what it always is."""
    if condition is None:
        return True
    parts = [_part(one, hidden) for one in condition.parts]
    decides = condition.rule == "any"  # one that holds is enough; of all, one that does not
    if any(one is decides for one in parts):
        return decides
    left = tuple(one for one in parts if not isinstance(one, bool))
    return Group(condition.rule, left) if left else not decides


def _part(part: Leaf | Group, hidden: set[str]) -> Leaf | Group | bool:
    if isinstance(part, Group):
        return _decided(part, hidden)
    return part.op == "empty" if part.field in hidden else part
