"""A token of a pipeline's platform for ten minutes of asking the gate; nothing of it can approve."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from jwt import exceptions

from itsm import lifecycle
from itsm.accounts import scopes
from itsm.accounts.models import Token
from itsm.accounts.operations.ways_in import issue_token
from itsm.kernel import strangers
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict
from itsm.workload_identity import claims, keys
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import GOOD_FOR, TrustedIssuer, UnmappedWorkload, UsedAssertion, WorkloadMapping
from itsm.workload_identity.vocabulary import Reason

WORKLOADS = Actor.system("workload identity")
SCOPES = (scopes.GATE_ASK,)
LONGEST = 8000  # characters of a token
_CLOCKS_DIFFER = timedelta(seconds=30)
_LONGEST_LIFE = timedelta(days=1)
_MOST_UNMAPPED = 200  # of one issuer
_NEEDED = ["iss", "sub", "aud", "exp", "iat", "jti"]


def audience() -> str:
    """For whom a token has to be made: this instance, by its address."""
    return str(settings.BASE_URL)


def exchange(text: str, *, at: datetime) -> tuple[str, datetime]:
    """The text of a token that may ask the gate for ten minutes, and when it ends.

    Raises WorkloadRefused, and Unavailable where the issuer's keys cannot be read.
    """
    header, said = _unverified(text)
    issuer = TrustedIssuer.objects.standing().filter(issuer=str(said.get("iss"))).first()
    if issuer is None:
        words = _("Tokens of %(issuer)s are not trusted here.") % {"issuer": str(said.get("iss"))[:100]}
        raise WorkloadRefused(Reason.UNTRUSTED, words)
    key = keys.key_of(issuer, header["kid"], header["alg"], at=at)
    made = _verified(text, key, issuer)
    mappings = list(issuer.mappings.standing().select_related("account"))
    try:
        mapping = claims.mapping_of(mappings, made)
    except WorkloadRefused as refused:
        if refused.reason == Reason.UNMAPPED:
            _note_unmapped(issuer, made, at)
        raise
    return _exchanged(issuer, mapping, made, at)


def _unverified(text: str) -> tuple[dict[str, str], dict[str, Any]]:
    """What the token says of itself before anything of it is believed: which issuer's which key to ask."""
    try:
        header = jwt.get_unverified_header(text)
        said = jwt.decode(text, options={"verify_signature": False})
        whole = json.dumps([header, said])
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise WorkloadRefused(Reason.MALFORMED, _("This is no token (JWT) of a workload.")) from error
    if strangers.storable(whole.encode()) != whole:  # NUL, half a surrogate pair: no database takes it, nor an answer
        raise WorkloadRefused(Reason.MALFORMED, _("The token holds a sign that is none."))
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or not kid or "crit" in header or "b64" in header:
        said_so = _("The token's header has to name its key (kid), and nothing that has to be understood (crit).")
        raise WorkloadRefused(Reason.MALFORMED, said_so)
    return {"kid": kid, "alg": str(algorithm)}, said


def _verified(text: str, key: jwt.PyJWK, issuer: TrustedIssuer) -> dict[str, Any]:
    try:
        made = jwt.decode(
            text, key, algorithms=[key.algorithm_name], audience=audience(), issuer=issuer.issuer,
            leeway=_CLOCKS_DIFFER,
            options={"require": _NEEDED, "strict_aud": True, "enforce_minimum_key_length": True},
        )  # fmt: skip
    except exceptions.InvalidSignatureError as error:
        raise WorkloadRefused(Reason.SIGNATURE, _("The token's signature does not hold.")) from error
    except exceptions.InvalidAudienceError as error:
        said = _("The token was made for somebody else: ask for one whose audience (aud) is %(ours)s alone.")
        raise WorkloadRefused(Reason.AUDIENCE, said % {"ours": audience()}) from error
    except (exceptions.ExpiredSignatureError, exceptions.ImmatureSignatureError) as error:
        said = _("The token has expired, or is not valid yet: ask for another one.")
        raise WorkloadRefused(Reason.EXPIRED, said) from error
    except exceptions.InvalidAlgorithmError as error:
        said = _("The token is signed in a way that is not taken.")
        raise WorkloadRefused(Reason.ALGORITHM, said) from error
    except (jwt.PyJWTError, ValueError, OverflowError) as error:
        said = _("The token has to say %(needed)s.")
        raise WorkloadRefused(Reason.CLAIMS, said % {"needed": ", ".join(_NEEDED)}) from error
    return _plausible(made)


def _plausible(made: dict[str, Any]) -> dict[str, Any]:
    """What a signature does not say: that it can be told from others, and lasts no longer than a day."""
    if not isinstance(made["jti"], str) or not 0 < len(made["jti"]) <= 500:
        raise WorkloadRefused(Reason.CLAIMS, _("The token's jti is a text that no other token has."))
    if int(made["exp"]) - int(made["iat"]) > _LONGEST_LIFE.total_seconds():
        raise WorkloadRefused(Reason.CLAIMS, _("The token lasts longer than a day: that is none of a pipeline."))
    return made


def _exchanged(
    issuer: TrustedIssuer, mapping: WorkloadMapping, made: dict[str, Any], at: datetime
) -> tuple[str, datetime]:
    """One transaction: the token is used up, and another one is made. Two who bring the same one: one is let in."""
    try:
        with transaction.atomic():
            _still(mapping)
            token, text = issue_token(
                mapping.account, actor=WORKLOADS, name=_name_of(mapping, made), allowed=SCOPES, lifetime=GOOD_FOR
            )
            UsedAssertion.objects.create(
                issuer=issuer, jti_hash=hashlib.sha256(made["jti"].encode("utf-8", "replace")).hexdigest(),
                mapping=mapping, token=token, at=at,
                expires_at=datetime.fromtimestamp(int(made["exp"]), UTC) + _CLOCKS_DIFFER,
            )  # fmt: skip
            WorkloadMapping.objects.filter(pk=mapping.pk).update(last_used_at=at)
    except IntegrityError as error:
        said = _("This token was used before: ask the platform for another one.")
        raise WorkloadRefused(Reason.USED, said) from error
    except Conflict as error:
        raise WorkloadRefused(Reason.UNMAPPED, _("The account of this workload is closed.")) from error
    return text, token.expires_at


def _still(mapping: WorkloadMapping) -> None:
    """Under the mapping's lock: a withdrawal that came before is seen, one that comes after ends the new token too."""
    current = lifecycle.locked(mapping)
    issuer = TrustedIssuer.objects.standing().filter(pk=mapping.issuer_id)
    if current.withdrawn_at is not None or not issuer.exists():
        raise WorkloadRefused(Reason.UNMAPPED, _("This workload was let in until a moment ago."))


def _name_of(mapping: WorkloadMapping, made: dict[str, Any]) -> str:
    told = claims.telling(made)
    where = told.get("repository") or told.get("project_path") or told.get("sub", "")
    return f"{mapping.issuer.name}: {where}"[:100]


def _note_unmapped(issuer: TrustedIssuer, made: dict[str, Any], at: datetime) -> None:
    """So that an administrator maps it by one click. The signature held: nobody else writes here."""
    told = claims.telling(made)
    row = UnmappedWorkload.objects.filter(issuer=issuer, key=claims.key_of(told))
    if row.update(last_at=at, claims=told, times=F("times") + 1):
        return
    if UnmappedWorkload.objects.filter(issuer=issuer).count() >= _MOST_UNMAPPED:
        return
    UnmappedWorkload.objects.bulk_create(
        [UnmappedWorkload(issuer=issuer, key=claims.key_of(told), claims=told, first_at=at, last_at=at)],
        ignore_conflicts=True,
    )


def forget(at: datetime) -> int:
    """Take away what can be used no more: assertions that have expired, with their tokens; what asked long ago.

    Returns how many rows went.
    """
    over = UsedAssertion.objects.filter(expires_at__lt=at, token__expires_at__lt=at - timedelta(days=1))
    tokens, _by_model = Token.objects.filter(pk__in=over.values("token")).delete()
    asked, _by_model = UnmappedWorkload.objects.filter(last_at__lt=at - timedelta(days=30)).delete()
    return tokens + asked
