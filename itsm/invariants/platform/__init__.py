"""The questions about the platform's own tables, which lie below this app and know nothing of it."""


def register_all() -> None:
    """Called once, at start."""
