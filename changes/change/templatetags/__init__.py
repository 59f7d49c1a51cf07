"""Badges of this app's words, for every page: built in, no {% load %} needed."""
