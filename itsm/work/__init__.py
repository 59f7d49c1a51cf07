"""Work on any record: notes and links."""
