"""The first hour: the first administrator, the guided steps to the first answer, and the same by files alone."""
