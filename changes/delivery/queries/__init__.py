"""What is read of deployments."""
