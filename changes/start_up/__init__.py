"""Start-up: what the gate would have said of a company's past deployments, and when it is reasonable to let it rule."""
