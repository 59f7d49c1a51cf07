"""Pulling measurements from data sources: from where the last pull ended, with a few minutes of overlap.

What a source does not say is not invented: a minute without all its figures stays a gap. What it was asked for and
did not answer stays owed (`slo.engine.owed`), in a row, and is asked for again after what is new. While nobody
answers at all nothing is written but the error, and the next pull begins where this one would have. Questions are
asked on a few threads at once; what comes back is written together, in one transaction a round.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import zip_longest

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext, ngettext

from itsm.kernel.actors import Actor
from itsm.kernel.batches import batched
from itsm.kernel.errors import NotPermitted
from itsm.locks import AdvisoryLock, for_a_session
from itsm.notifications.outgoing import OutgoingRefused
from slo.engine.owed import Piece
from slo.engine.samples import RejectedSample, Value, epoch_minute
from slo.engine.windows import MINUTES_PER_DAY
from slo.measuring import permissions
from slo.measuring.adapters.prometheus import Server, chunks
from slo.measuring.models import DataSource, Indicator
from slo.measuring.operations.odd_samples import note_impossible, note_values
from slo.measuring.operations.owing import owed_by, write_owed
from slo.measuring.operations.pull_answers import Pulled, fetched
from slo.measuring.operations.pull_notes import note_pull
from slo.measuring.operations.pull_progress import Progress, Question, overlap_of
from slo.measuring.operations.rejection_messages import SENTENCES
from slo.measuring.operations.samples import record_many, validated_samples_for
from slo.measuring.operations.sources import note_answer
from slo.measuring.queries.servers import server_of

USUAL_WINDOW_DAYS = 28
AT_ONCE = 8
A_ROUND = 64
MAX_OWED = 6  # pieces of an indicator that are asked for again in one pull
MARGIN_STEPS = 5  # asked before a piece that is owed, so that it can be seen what is usual there


def pull_source(source: DataSource, *, actor: Actor, at: datetime, only: Sequence[Indicator] | None = None) -> int:
    """Fetch the closed minutes up to `at` of the source's indicators (or of these); at first, their whole windows.

    Returns how many samples were taken in, those kept in quarantine among them. Never raises for the source's
    faults: they are kept with the source and the indicators, what was not answered stays owed, and the next pull
    goes on from there. Who comes while another pulls the same source leaves it to that one.

    Raises NotPermitted for everybody but the system.
    """
    if not permissions.senders(actor):
        raise NotPermitted(gettext("%(actor_name)s may not pull measurements.") % {"actor_name": actor.name})
    indicators = list(source.indicators.order_by("pk")) if only is None else list(only)
    with _alone_with(source) as is_mine:
        if not is_mine or not indicators:
            return 0
        try:
            server = server_of(source)
        except OutgoingRefused as error:
            _give_up(source, indicators, str(error), at)
            return 0
        return _pull_all(source, server, indicators, at)


def _pull_all(source: DataSource, server: Server, indicators: Sequence[Indicator], at: datetime) -> int:
    end, recorded = epoch_minute(at) - source.lag_minutes, 0
    longest = _longest_windows(indicators)
    owing = owed_by([one.pk for one in indicators])
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as threads:
        for some in batched(indicators, A_ROUND):
            under_way = [_begun(one, owing.get(one.pk, []), end - longest[one.pk] * MINUTES_PER_DAY) for one in some]
            new = [list(_new_questions(one.indicator, end, longest)) for one in under_way]
            taken, silence = _asked(threads, server, under_way, new, at)
            recorded += taken
            if not silence:  # what is owed waits while even the newest minutes fail
                again = [[] if one.error else list(_owed_questions(one, at)) for one in under_way]
                taken, _ = _asked(threads, server, under_way, again, at, may_be_silence=False)
                recorded += taken
            if silence:  # nobody answers: the others need not wait for the same silence
                _give_up(source, indicators, silence, at)
                return recorded
            for progress in under_way:
                _note(progress, at)
    note_answer(source, at=at)
    return recorded


def _begun(indicator: Indicator, pieces: Sequence[Piece], oldest: int) -> Progress:
    """What no window reaches any more is owed no longer."""
    kept = [one for one in pieces if one.end > oldest]
    write_owed(indicator.pk, pieces, kept)
    return Progress(indicator, kept, indicator.pulled_until, silent=dict(indicator.silent_queries))


def _new_questions(indicator: Indicator, end: int, longest: Mapping[int, int]) -> Iterator[Question]:
    first = _first_minute(indicator, end, longest)
    new_from = first if indicator.pulled_until is None else max(first, indicator.pulled_until)
    for begins, ends in chunks(first, end, indicator.step_minutes):
        yield Question(begins, ends, new_from=max(begins, new_from))


def _owed_questions(progress: Progress, at: datetime) -> Iterator[Question]:
    """The pieces that are due, failed ones first; some minutes before each are asked for and set again."""
    due = sorted((one for one in progress.pieces if one.next_at <= at), key=lambda one: (not one.failed, one.next_at))
    for one in due[:MAX_OWED]:
        first = one.first - MARGIN_STEPS * progress.indicator.step_minutes
        yield Question(first, one.end, new_from=one.end, piece=one)


def _asked(
    threads: ThreadPoolExecutor, server: Server, under_way: Sequence[Progress],
    plans: Sequence[Sequence[Question]], at: datetime, *, may_be_silence: bool = True,
) -> tuple[int, str]:  # fmt: skip
    """(samples that were taken in, why nobody answers any more or nothing) after asking what was planned, in rounds.

    Of a silent round only what was perhaps too much to ask is booked as owed, and is asked for in parts later.
    """
    recorded = 0
    for places in zip_longest(*plans):
        round_ = [(progress, one) for progress, one in zip(under_way, places, strict=True) if one]
        found = list(threads.map(lambda two: fetched(server, two[0].indicator, two[1].first, two[1].end), round_))
        if may_be_silence and found and all(one.is_silent for one in found):
            heavy = [(place, one) for place, one in zip(round_, found, strict=True) if one.in_parts and one.is_long]
            return recorded + _keep([place for place, _ in heavy], [one for _, one in heavy], at), found[0].error
        recorded += _keep(round_, found, at)
    return recorded, ""


@transaction.atomic
def _keep(round_: Sequence[tuple[Progress, Question]], found: Sequence[Pulled], at: datetime) -> int:
    """Record everything that came, and what is owed of it, together."""
    batches, recorded = {}, 0
    for (progress, question), one in zip(round_, found, strict=True):
        minutes, refused, accepted = (
            validated_samples_for(one.indicator, one.samples, at) if one.samples else ({}, [], 0)
        )
        recorded += accepted
        note_impossible(one.indicator, refused, at)
        if minutes:
            batches[one.indicator.pk] = minutes
        before = list(progress.pieces)
        progress.take(one, question, set(minutes), one.odd or _said_of(refused), at)
        write_owed(one.indicator.pk, before, progress.pieces)
    if batches:
        record_many(batches, at=at)
    for one in found:
        note_values(one.indicator, [value for value in one.samples if isinstance(value, Value)], at)
    for progress, question in round_:
        if question.piece is None:
            Indicator.objects.filter(pk=progress.indicator.pk).update(pulled_until=progress.until)
    return recorded


def _note(progress: Progress, at: datetime) -> None:
    """An error stays until its piece is answered."""
    unanswered = next((one.error for one in progress.pieces if one.failed), "")
    note_pull(
        progress.indicator, at=at, error=progress.error or unanswered, warnings=progress.warnings,
        silent=progress.silent, bounded=progress.bounded,
    )  # fmt: skip


def _said_of(refused: Sequence[RejectedSample]) -> str:
    if not refused:
        return ""
    words = {"count": len(refused), "reason": SENTENCES[refused[0].reason]}
    return (
        ngettext(
            "%(count)d minute is not counted: %(reason)s", "%(count)d minutes are not counted: %(reason)s", len(refused)
        )
        % words
    )


def _give_up(source: DataSource, indicators: Sequence[Indicator], error: str, at: datetime) -> None:
    note_answer(source, at=at, error=error)
    for one in indicators:
        note_pull(one, at=at, error=error)


def _longest_windows(indicators: Sequence[Indicator]) -> dict[int, int]:
    """Indicator -> days of the longest window that sums it, alone or in a composite."""
    rows = Indicator.objects.filter(pk__in=[one.pk for one in indicators]).values_list("pk")
    alone = dict(rows.annotate(days=Max("objectives__window_days")))
    together = dict(rows.annotate(days=Max("feeds__series__counted_periods__objective__window_days")))
    return {pk: max(alone[pk] or 0, together[pk] or 0) or USUAL_WINDOW_DAYS for pk in alone}


def _first_minute(indicator: Indicator, end: int, longest: Mapping[int, int]) -> int:
    oldest = end - longest[indicator.pk] * MINUTES_PER_DAY
    if indicator.pulled_until is None:
        return oldest
    return max(oldest, min(indicator.pulled_until, end) - overlap_of(indicator))


@contextmanager
def _alone_with(source: DataSource) -> Iterator[bool]:
    """A lock of the connection, not of a transaction: the rounds commit one by one."""
    with for_a_session(AdvisoryLock.PULL_OF_SOURCE, source.pk) as is_mine:
        yield is_mine
