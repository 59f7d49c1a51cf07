"""Pages of incidents: the queue, the record, its steps, and the parts that other pages load."""
