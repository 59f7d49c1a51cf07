"""What people may ask for: catalog items, whom they are for, and their versions with form, approval and fulfilment."""
