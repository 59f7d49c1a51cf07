"""What everything shares that believes tokens of others, or sends people to sign in elsewhere (OpenID Connect)."""
