"""Plain Python that every room may use: who acts, what was refused, how records may move."""
