"""What runs elsewhere: the command that pipelines fetch."""
