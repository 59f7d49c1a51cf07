"""Template filters of people's pages."""
