"""Pure: queries as others write them, read and rewritten."""
