"""What an item says about its approval and its fulfilment, judged before it is kept. Pure: no query."""
