"""What the public is told: status pages, their components, notices, subscribers and the snapshot that serves them."""
