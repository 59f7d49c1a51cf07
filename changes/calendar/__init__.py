"""The change calendar: freezes, maintenance and change windows."""
