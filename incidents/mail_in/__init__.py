"""What incidents do with mail: one opens them, an answer comments, resumes and reopens, and nothing else."""
