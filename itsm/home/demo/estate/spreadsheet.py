"""The spreadsheet that somebody keeps: who owns what, databases, certificates, and what the services run on."""

import csv
import io
from collections.abc import Iterator, Sequence

from itsm.home.demo.company import SERVICES
from itsm.home.demo.estate.inventory import CLASSES, DEVICES, device_name, serial_of
from itsm.home.demo.estate.machines import CARRIED, DOMAIN, SITES, Machine

_HEAD = (
    "key", "name", "class", "slug", "fqdn", "owner", "environment", "ram", "os", "status",
    "relation:runs_on", "relation:depends_on", "relation:member_of", "serial", "identifier:vendor",
)  # fmt: skip
_FORGOTTEN = frozenset((8, 63, 149, 188))  # nobody entered who owns them
_OUTDATED = frozenset((3, 50, 97, 133, 179, 201))  # the system as it was before its last upgrade
_TWICE = ("Printer reception", "Printer, reception", "Printer canteen", "Printer (canteen)")  # entered again
_GONE = ("legacy-01", "legacy-02")  # switched off since, without a word


def table(machines: Sequence[Machine]) -> bytes:
    """With semicolons, as the spreadsheet writes it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _HEAD, restval="", delimiter=";")
    writer.writeheader()
    writer.writerows(_pools(machines))
    writer.writerows(_machines(machines))
    writer.writerows(_devices())
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
            "relation:member_of": _pool(one.pool.prefix) if one.environment == "production" else "",
        }  # fmt: skip


def crossed_out() -> bytes:
    """What it had in spring and has no more."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ("key", "name", "class", "fqdn", "owner", "status"), delimiter=";")
    writer.writeheader()
    for name in _GONE:
        row = {"key": name, "name": name, "class": "virtual_machine", "fqdn": f"{name}.{DOMAIN}"}
        writer.writerow(row | {"owner": "platform", "status": "active"})
    return out.getvalue().encode()


def _pool(prefix: str) -> str:
    return f"{prefix}-pool"


def _pools(machines: Sequence[Machine]) -> Iterator[dict[str, str]]:
    """Alike machines in production, of which some are enough."""
    for pool in dict.fromkeys(one.pool for one in machines):
        yield {
            "key": _pool(pool.prefix), "name": f"{pool.prefix} pool", "class": "cluster", "owner": pool.team,
            "environment": "production", "status": "active",
        }  # fmt: skip


def _devices() -> Iterator[dict[str, str]]:
    """Who answers for the devices of both sites; their plates say which is which."""
    for site in range(len(SITES)):
        for role, _, maker, _, count in DEVICES:
            for number in range(count):
                yield {
                    "key": serial_of(site, role, number), "name": device_name(site, role, number),
                    "class": CLASSES[role], "serial": serial_of(site, role, number), "identifier:vendor": maker,
                    "owner": "platform",
                }  # fmt: skip


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
            pool, database = CARRIED[run.slug]
            yield {
                "key": run.slug, "name": run.name, "class": "technical_service", "slug": run.slug,
                "relation:runs_on": _pool(pool), "relation:depends_on": database,
            }  # fmt: skip


def _others() -> Iterator[dict[str, str]]:
    named = [(f"pc-{number:03}", "workstation") for number in range(1, 31)]
    named += [(f"prt-{number}", "printer") for number in range(1, 7)]
    named += [(name, "printer") for name in _TWICE]
    named += [(f"{name}.{DOMAIN}", "certificate") for name in ("www", "pay", "api", "mail")]
    for name, class_slug in named:
        yield {"key": name, "name": name, "class": class_slug, "owner": "platform", "status": "active"}
