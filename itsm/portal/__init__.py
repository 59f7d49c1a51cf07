"""Where people ask who do not work here: one question first, then what became of it."""
