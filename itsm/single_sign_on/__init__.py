"""Single sign-on: people show who they are at their company's provider, by OpenID Connect or SAML 2.0."""
