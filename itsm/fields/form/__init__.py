"""Forms as documents: questions in sections, shown by conditions, answered as typed fields are. No query in here."""
