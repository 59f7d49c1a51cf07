"""What every ./manage.py pays for before it begins and after it has ended: what it does not need is not loaded, and
nothing is searched for garbage on the way out."""

import subprocess
import sys

from itsm.run import places

LOOK = """
import gc, sys, manage
sys.argv = ["manage.py", "help", "verify_audit"]
try:
    manage.main()
except SystemExit:
    pass
print("frozen" if gc.get_freeze_count() > 100_000 else "searched", gc.get_threshold()[0])
print(*(name for name in ("jinja2", "django.test", "drf_spectacular.openapi", "itsm.urls") if name in sys.modules))
"""


def test_a_command_loads_neither_addresses_nor_the_schema_and_ends_at_once() -> None:
    said = subprocess.run([sys.executable, "-c", LOOK], cwd=places.ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    *_help, garbage, loaded = said.stdout.splitlines()
    assert garbage == "frozen 50000"
    assert loaded == "", "every command waits for it"
