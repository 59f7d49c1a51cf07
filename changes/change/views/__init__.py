"""Pages of changes: the queue, the record with its verdict, its steps, asking, and what other pages load."""
