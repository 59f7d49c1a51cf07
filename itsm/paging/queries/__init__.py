"""Reading paging."""
