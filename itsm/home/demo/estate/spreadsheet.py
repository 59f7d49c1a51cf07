"""The spreadsheet that somebody keeps: who owns what, databases, certificates, and what the services run on."""

import csv
import io
from collections.abc import Iterator, Sequence

from itsm.home.demo.company import SERVICES
from itsm.home.demo.estate.machines import CARRIED, DOMAIN, Machine

_HEAD = (
    "key", "name", "class", "slug", "fqdn", "owner", "environment", "ram", "os", "status",
    "relation:runs_on", "relation:depends_on",
)  # fmt: skip
_FORGOTTEN = frozenset((8, 63, 149, 188))  # nobody entered who owns them
_OUTDATED = frozenset((3, 50, 97, 133, 179, 201))  # the system as it was before its last upgrade
_GONE = ("legacy-01", "legacy-02")  # switched off years ago, never crossed out


def table(machines: Sequence[Machine]) -> bytes:
    """With semicolons, as the spreadsheet writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _HEAD, restval="", delimiter=";")
    writer.writeheader()
    writer.writerows(_machines(machines))
    writer.writerows(_databases(machines))
    writer.writerows(_services(machines))
    writer.writerows(_others())
    return out.getvalue().encode()


def _machines(machines: Sequence[Machine]) -> Iterator[dict[str, str]]:
    for one in machines:
        yield {
            "key": one.name, "name": one.name, "class": "virtual_machine", "fqdn": one.fqdn,
            "environment": one.environment,
            "owner": "" if one.number in _FORGOTTEN else one.pool.team, "status": "active",
            "os": "Debian 11.9" if one.number in _OUTDATED else "",
        }  # fmt: skip
    for name in _GONE:
        yield {"key": name, "name": name, "class": "virtual_machine", "fqdn": f"{name}.{DOMAIN}", "status": "active"}


def _carriers(machines: Sequence[Machine], service: str) -> list[Machine]:
    return [one for one in machines if one.pool.prefix == CARRIED[service][0] and one.environment == "production"]


def _databases(machines: Sequence[Machine]) -> Iterator[dict[str, str]]:
    for service, (_, database) in CARRIED.items():
        if database:
            last = _carriers(machines, service)[-1]
            yield {
                "key": database, "name": database, "class": "database", "owner": last.pool.team, "status": "active",
                "environment": "production", "relation:runs_on": f"fqdn={last.fqdn}",
            }  # fmt: skip


def _services(machines: Sequence[Machine]) -> Iterator[dict[str, str]]:
    for run in SERVICES:
        if run.slug in CARRIED:
            carried = [f"fqdn={one.fqdn}" for one in _carriers(machines, run.slug)[:2]]
            database = CARRIED[run.slug][1]
            yield {
                "key": run.slug, "name": run.name, "class": "technical_service", "slug": run.slug,
                "relation:runs_on": "" if database else "|".join(carried), "relation:depends_on": database,
            }  # fmt: skip


def _others() -> Iterator[dict[str, str]]:
    named = [(f"pc-{number:03}", "workstation") for number in range(1, 31)]
    named += [(f"prt-{number}", "printer") for number in range(1, 7)]
    named += [(f"{name}.{DOMAIN}", "certificate") for name in ("www", "pay", "api", "mail")]
    for name, class_slug in named:
        yield {"key": name, "name": name, "class": class_slug, "owner": "platform", "status": "active"}
