"""Who comes in by whom: providers of identity, whom they know, and what their groups mean here."""
