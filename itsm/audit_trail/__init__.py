"""The history as auditors read it: pages, REST, exports; whether it is proven; who looked at what is confidential."""
