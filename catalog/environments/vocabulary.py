"""The one environment whose name the product knows."""

# What a question that names no environment means. It is always there and always production.
DEFAULT = "production"
