"""OAuth 2.1 for software agents: their programs sign in through this desk's own sign-in, and a person consents.

Codes and refresh tokens are kept as keyed hashes; an access token is a token of the agent, good at /mcp alone.
"""
