"""Articles over REST. Their shapes are read by who knows nothing of REST: addresses are in `urls`."""
