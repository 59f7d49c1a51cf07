"""SCIM 2.0 (RFC 7643, 7644): a provider of identity writes here who works for the company, and in which groups."""
