"""What software agents propose, and what people make of it: nothing is written before a person accepted it.

A proposal waits beside a record, in parts; each part is accepted as it is, edited or dismissed by a person, by that
person's own operation and rights. While it waits it moves no clock, no verdict and no priority, and nobody is told.
"""
