"""SAML 2.0 in strict mode: signed assertions alone, asked for by us, each taken once."""
