"""What may prove to the gate that a change fixes a problem: words of people, and who owns the problem."""

from typing import NamedTuple

from incidents.problem.models import FixWord
from incidents.problem.workflow import STANDS_AS_KNOWN


class FixProof(NamedTuple):
    """A standing problem and somebody's word that a change fixes it. `service`: the slug of the problem's service.

    `word_by` and `owner`: accounts; whoever believes the word looks at both.
    """

    reference: str
    service: str
    word_by: int
    owner: int


def proofs_of_fix(change_number: int) -> list[FixProof]:
    """The words that a change fixes a known error, or one that is being fixed, which somebody owns. One query.

    A word holds for the service that it was given about. What lies in a confidential queue proves nothing: a verdict
    is read by people who may not see it.
    """
    words = FixWord.objects.filter(
        change_number=change_number, problem__status__in=STANDS_AS_KNOWN, problem__owner__isnull=False,
        problem__team__confidential=False, problem__service__isnull=False,
    ).select_related("problem__service")  # fmt: skip
    return [
        FixProof(word.problem.reference, word.problem.service.slug, word.by_id, word.problem.owner_id)
        for word in words.order_by("pk")
        if word.problem.owner_id is not None
        and word.problem.service is not None
        and word.problem.service_id == word.service_id
    ]
