"""How passwords are kept: Argon2id by OWASP's sizes (19 MiB, two passes, one lane).

Django's own sizes (100 MiB, eight lanes) cost a sign-in as much CPU as its million rounds of PBKDF2, and sixteen people
at once 1.6 GB; a thief gains little by the difference.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """For PASSWORD_HASHERS. What was kept by other sizes is verified, and kept anew at the next sign-in."""

    time_cost = 2  # passes
    memory_cost = 19_456  # KiB
    parallelism = 1  # lanes
