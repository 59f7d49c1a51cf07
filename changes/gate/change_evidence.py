"""The change group of the evidence: what is asked, by whom, when, and by which change model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from changes.gate.canonical import LATER
from changes.gate.facts import ABSENT, Fact, require_aware


@dataclass(frozen=True, slots=True)
class Window:
    """When the change is to run: [starts_at, ends_at)."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        require_aware(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Model:
    """The change model that the request names, as the server knows it.

    broken_bounds: which bounds the request leaves (service, repository, workflow, paths, ...); empty = within all.
    risk: the approved model's own answer (low | medium | high). certified_at: last certification, by `approved_by`.
    recent_failures: failed among the last `recent_runs` (at most 20) runs. caused_p1: P1s it caused since certified.
    """

    slug: str
    version: int
    approved: bool
    risk: str
    broken_bounds: tuple[str, ...] = ()
    allows_migration: bool = False
    certified_at: datetime | None = None
    suspended: bool = False
    recent_runs: int = 0
    recent_failures: int = 0
    caused_p1: int = 0
    approved_by: str = ""

    def __post_init__(self) -> None:
        require_aware(self.certified_at)


@dataclass(frozen=True, slots=True)
class ChangeEvidence:
    """What is asked, by whom. `claimed_*` are the requester's words; the class is derived by the gate.

    service: slug of the service that the request names. claimed_purpose: flag_off deploys nothing (no digest).
    environment: a name of the register. is_production: what the register said of it then; None in decisions from before
    there was one, where anything but the policy's other_environments was judged as production.
    delegators: every other account of the natural persons behind these three: their owners, and what those own.
    migration: does it change the schema? None = not said. answers: questionnaire, question -> answer (claims).
    answered: the policy version whose questionnaire the answers were given to; None where nothing was answered.
    stake: of a chaos experiment, the share of each budget that it may burn; so much is held of it at least.
    named_incident: the incident that an emergency names ("" = none).
    """

    claimed_class: str
    claimed_purpose: str
    service: str
    environment: str
    content_hash: str
    requester: str
    author: str
    implementer: str = ""
    delegators: tuple[str, ...] = ()
    artifact_digest: str = ""
    window: Window | None = None
    migration: bool | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    named_incident: str = ""
    model: Fact[Model] = ABSENT
    is_production: bool | None = field(default=None, metadata={LATER: True})
    items: tuple[str, ...] | None = field(default=None, metadata={LATER: True})
    answered: str | None = field(default=None, metadata={LATER: True})
    stake: Decimal | None = field(default=None, metadata={LATER: True})

    @property
    def interested(self) -> frozenset[str]:
        """Principals who may neither approve nor attest: they asked, wrote, carry out, or act for someone who did."""
        return frozenset({self.requester, self.author, self.implementer, *self.delegators} - {""})
