"""How somebody is reached: gateways for phones, and a device's push service."""
