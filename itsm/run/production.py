"""`make secrets`: the passwords and keys of docker-compose.yml, each in a file of its own.

Made once and never replaced: the database remembers its passwords as well.
"""

import secrets
import sys

from itsm.run import passwords, places
from itsm.run.roles import APPLICATION, AUDITOR, DATABASE, OWNER
from itsm.run.say import plain

FOLDER = places.ROOT / ".secrets"


def contents() -> dict[str, str]:
    server = f"postgres:5432/{DATABASE}"
    return {
        "secret_key": secrets.token_urlsafe(48),
        "web_push_key": secrets.token_urlsafe(48),
        "signing_key": secrets.token_urlsafe(48),
        "postgres_password": secrets.token_urlsafe(32),
        "database_url": f"postgresql://{APPLICATION}:{secrets.token_urlsafe(32)}@{server}",
        "database_owner_url": f"postgresql://{OWNER}:{secrets.token_urlsafe(32)}@{server}",
        "database_auditor_url": f"postgresql://{AUDITOR}:{secrets.token_urlsafe(32)}@{server}",
        "redis_url": f"redis://:{secrets.token_urlsafe(32)}@valkey:6379/0",
    }


def main() -> int:
    passwords.private_folder(FOLDER)
    for name, secret in contents().items():
        file = FOLDER / name
        if file.exists():
            plain(f"kept {file.relative_to(places.ROOT)}")
            continue
        passwords.write_private(file, secret)
        # Containers read it as users of their own; on this machine the folder keeps it shut.
        file.chmod(0o644)
        plain(f"wrote {file.relative_to(places.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
