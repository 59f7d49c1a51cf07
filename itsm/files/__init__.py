"""Files on records: bytes by their hash, shown only as what they are, as private as the note they came with."""
