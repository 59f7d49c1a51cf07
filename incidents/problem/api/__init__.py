"""Problems over REST."""
