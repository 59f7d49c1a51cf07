"""What Larkspur runs on, as three tools of it tell: files as they would export them, which disagree a little.

Data only. `files(at)` gives them by format; they are read by the catalog's own import, as anybody's are.
"""

from datetime import datetime

from itsm.home.demo.estate.inventory import netbox_page
from itsm.home.demo.estate.machines import machines
from itsm.home.demo.estate.seen import fact_cache
from itsm.home.demo.estate.spreadsheet import crossed_out, table


def files(at: datetime) -> dict[str, tuple[str, bytes]]:
    """format -> (name of the file, its content), as of this instant; the same instant gives the same bytes."""
    all_ = machines()
    return {
        "netbox": ("netbox-export.json", netbox_page(all_)),
        "ansible": ("fact-cache.json", fact_cache(all_, at)),
        "csv": ("servers.csv", table(all_)),
    }


def earlier() -> tuple[str, bytes]:
    """The spreadsheet (CSV) as it was in spring: with what has been switched off since. Name and content."""
    return "servers-in-spring.csv", crossed_out()
