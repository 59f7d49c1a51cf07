"""Service requests (ITIL 4): what people ask for of the catalog, item by item, from approval to fulfilment."""
