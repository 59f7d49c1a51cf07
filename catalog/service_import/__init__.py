"""Services from a table: a CSV file becomes a plan that is shown, and then services."""
