"""What is owed: news to people, mail and other deliveries, and the guarded way out."""
