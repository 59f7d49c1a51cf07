"""The demo company: Larkspur, a small online retailer, founded and kept alive through the house's own operations."""
