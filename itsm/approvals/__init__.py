"""Asking people to decide: who is asked, four eyes, quorum, what was decided and on which content."""
