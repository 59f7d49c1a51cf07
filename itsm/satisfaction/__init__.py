"""How satisfied people are with what was done for them: asked once of a record, answered once, without signing in."""
