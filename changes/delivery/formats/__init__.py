"""What platforms send, in their words, read as one thing: a deployment that was told."""
