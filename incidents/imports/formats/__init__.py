"""Other desks' files, read into drafts."""
