"""The talk with other systems that send alerts."""
