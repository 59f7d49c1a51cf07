"""Which claims a mapping may ask for, and which workload it is by them."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from itsm.kernel.errors import InvalidInput
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import MAX_CLAIMS, WorkloadMapping
from itsm.workload_identity.vocabulary import Reason

# GitHub's and GitLab's names for which repository it is; one of them has to be said in full.
REPOSITORY = ("repository", "repository_id", "project_path", "project_id", "sub")
# What people map by, and what is kept of a workload that is not mapped yet.
# One text each: `environment` is the platforms' claim here, and no record of an app above.
APART = "repository project_path environment workflow".split()  # noqa: SIM905
TELLING = (*APART, *"ref ref_protected job_workflow_ref ci_config_ref_uri sub".split())  # noqa: SIM905
ANY = "*"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/-]{0,99}", re.ASCII)
_LONGEST = 300


def checked(claims: Any) -> dict[str, str]:
    """Claims that a mapping may ask for. Raises InvalidInput.

    One of them says in full which repository it is: else everybody who uses the platform could come in.
    """
    if not isinstance(claims, dict) or not claims or len(claims) > MAX_CLAIMS:
        raise InvalidInput.about("claims", _("Name 1 to %(most)s claims with their values.") % {"most": MAX_CLAIMS})
    for name, value in claims.items():
        if not _NAME.fullmatch(name):
            raise InvalidInput.about("claims", _("“%(name)s” is no name of a claim.") % {"name": name[:80]})
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST or "\0" in value:
            said = _("The value of “%(name)s” is a text of 1 to %(most)s characters.")
            raise InvalidInput.about("claims", said % {"name": name, "most": _LONGEST})
        if ANY in value[:-1] or value == ANY:
            said = _("“%(name)s”: a value may end in *, and has something before it.")
            raise InvalidInput.about("claims", said % {"name": name})
    if not any(name in REPOSITORY and not value.endswith(ANY) for name, value in claims.items()):
        said = _("Say in full which repository it is, by one of %(names)s: else everybody there could come in.")
        raise InvalidInput.about("claims", said % {"names": ", ".join(REPOSITORY)})
    return {name: value.strip() for name, value in claims.items()}


def fits(wanted: Mapping[str, str], made: Mapping[str, Any]) -> bool:
    """Whether a token that makes these claims is of the workload that is wanted."""
    return all(_one_fits(value, made.get(name)) for name, value in wanted.items())


def _one_fits(wanted: str, made: Any) -> bool:
    said = in_words(made)
    if said is None:
        return False
    return said.startswith(wanted[:-1]) if wanted.endswith(ANY) else said == wanted


def in_words(value: Any) -> str | None:
    """The value of a claim as a text, such as `true` or `42`; None for what is none of them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def mapping_of(mappings: Sequence[WorkloadMapping], made: Mapping[str, Any]) -> WorkloadMapping:
    """The mapping of a workload: the one that fits, and asks for most. Raises WorkloadRefused: none, or two as good."""
    fitting = [one for one in mappings if fits(one.claims, made)]
    if not fitting:
        said = _(
            "No account here belongs to this workload (%(claims)s). An administrator maps it, under Settings, "
            "Pipelines without a secret."
        )
        raise WorkloadRefused(Reason.UNMAPPED, said % {"claims": _shown(made)})
    most = max(len(one.claims) for one in fitting)
    best = [one for one in fitting if len(one.claims) == most]
    if len({one.account_id for one in best}) > 1:
        said = _("%(count)s mappings fit this workload equally well: one of them has to say more.")
        raise WorkloadRefused(Reason.AMBIGUOUS, said % {"count": len(best)})
    return best[0]


def telling(made: Mapping[str, Any]) -> dict[str, str]:
    """Of a workload's claims those that people map by."""
    found = {name: in_words(made.get(name)) for name in TELLING}
    return {name: value[:_LONGEST].replace("\0", "") for name, value in found.items() if value}


def key_of(told: Mapping[str, str]) -> str:
    """What makes two askings one workload: repository, environment and workflow."""
    return hashlib.sha256(json.dumps([told.get(name, "") for name in APART]).encode()).hexdigest()


def _shown(made: Mapping[str, Any]) -> str:
    told = telling(made)
    named = [f"{name} {told[name][:100]}" for name in APART if name in told]
    return ", ".join(named) or str(told.get("sub", ""))[:100]
