"""Allowances as rows that people read beside the evidence, where no rule has spoken of that holder."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from changes.gate.evidence import Evidence
from changes.gate.sentences import holder_named
from changes.gate.verdict import Reason
from itsm.ui.figures import percent


def allowance_sentences(evidence: Evidence, reasons: Collection[Reason]) -> Iterator[tuple[str, str]]:
    """Sentence and value (the share that is left) of each holder whose allowance was looked at and in nobody's way."""
    found = evidence.allowances.value if evidence.allowances is not None else None
    heard = {one.values.get("holder") for one in reasons if one.code.startswith("allowance_")}
    for one in found.holders if found is not None else ():
        if one.left is not None and one.holder not in heard:
            said = _("What it reserves is drawn on the allowance of %(holder)s: %(left)s of the headroom.")
            left = percent(one.left)
            yield said % {"holder": holder_named(one.holder, _), "left": left}, left
