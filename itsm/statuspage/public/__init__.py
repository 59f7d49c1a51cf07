"""What the public reads, built from listed columns of this app's own tables alone.

No join leaves them, so nothing of incidents, changes, services or people can stand in it. Only the share of an
objective comes from elsewhere: a number.
"""
