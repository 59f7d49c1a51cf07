"""`python -m itsm.run --tmp --migrate -- python -m tests.itsm.roles.renew_reach`: writes reach.txt anew; read its diff."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itsm.settings_test")


def main() -> None:
    """Ask every right alone."""
    django.setup()
    import itsm.api_urls  # noqa: F401 - the routes
    from tests.itsm.roles.test_reach import RIGHTS, TABLE, opened

    TABLE.write_text(
        "\n\n".join("\n".join([right, *(f"  {one}" for one in sorted(opened(right)))]) for right in RIGHTS) + "\n"
    )


if __name__ == "__main__":
    main()
