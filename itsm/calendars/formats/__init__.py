"""Other people's lists of holidays. Pure."""
