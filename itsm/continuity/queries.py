"""How it stands: the age of the last backup and of the last verified restore, and what to mend."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from itsm.continuity.models import ContinuityRun
from itsm.continuity.vocabulary import BACKUP_AGE, DRILL_AGE, What

# Nothing where no log is kept (`itsm.run.archive`), or where its newest piece arrived.
LOG_STUCK = """
SELECT last_failed_time FROM pg_catalog.pg_stat_archiver
WHERE last_failed_time > coalesce(last_archived_time, '-infinity')
"""


@dataclass(frozen=True)
class Warn:
    """A sentence, and the command that mends it."""

    text: str
    remedy: str


@dataclass(frozen=True)
class Standing:
    """The newest run of each kind that passed, whatever failed since, and the warnings that follow at `at`."""

    at: datetime
    backup: ContinuityRun | None
    drill: ContinuityRun | None
    failed: tuple[ContinuityRun, ...]  # of backups and drills: the newest run, where it failed
    log_stuck_since: datetime | None = None  # the newest piece of the database's log could not be handed over

    @property
    def backup_is_old(self) -> bool:
        """None, or its data are of more than a day ago."""
        return self.backup is None or self.at - (self.backup.of_at or self.backup.ended_at) > BACKUP_AGE

    @property
    def drill_is_old(self) -> bool:
        """None, or more than a week ago."""
        return self.drill is None or self.at - self.drill.ended_at > DRILL_AGE

    @property
    def warnings(self) -> list[Warn]:
        """What an administrator should mend, worst first."""
        found = [
            Warn(_("The last %(what)s failed: %(problem)s") % _words(run), f"make {run.what}") for run in self.failed
        ]
        if self.log_stuck_since is not None:
            words = {"at": self.log_stuck_since.strftime("%Y-%m-%d %H:%M UTC")}
            text = _("The log of the database is not kept since %(at)s: the disk of the server fills up.") % words
            found.append(Warn(text, "tail .run/postgres.log"))
        if self.backup_is_old:
            text = _("The last backup is older than a day.") if self.backup else _("This desk was never backed up.")
            found.append(Warn(text, "make backup"))
        if self.drill_is_old:
            old = _("The last verified restore is older than a week.")
            found.append(
                Warn(old if self.drill else _("No backup of this desk was ever restored on trial."), "make drill")
            )
        return found


def _words(run: ContinuityRun) -> dict[str, str]:
    return {"what": run.get_what_display().lower(), "problem": run.problem.splitlines()[0]}


def standing(at: datetime) -> Standing:
    """As it is at `at`, in five small queries."""
    newest = {what: ContinuityRun.objects.filter(what=what).order_by("-ended_at", "-id") for what in _WATCHED}
    last = [rows.first() for rows in newest.values()]
    return Standing(
        at,
        backup=newest[What.BACKUP].filter(passed=True).first(),
        drill=newest[What.DRILL].filter(passed=True).first(),
        failed=tuple(run for run in last if run is not None and not run.passed),
        log_stuck_since=_log_stuck_since(),
    )


def _log_stuck_since() -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(LOG_STUCK)
        found = cursor.fetchone()
    return found[0] if found else None


_WATCHED = (What.BACKUP, What.DRILL)
