"""Pages of proposals: the queue that is cleared by keys, one by itself, the part beside a record, how they fared."""
