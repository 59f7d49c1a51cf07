"""Agreements: how soon something is answered and resolved, for whom, and by which calendar it counts."""
