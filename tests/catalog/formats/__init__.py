"""What files of others become: documents, refusals and nothing else."""
