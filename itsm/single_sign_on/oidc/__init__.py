"""OpenID Connect: authorization code with PKCE, state and nonce; the ID token is verified, then userinfo is asked."""
