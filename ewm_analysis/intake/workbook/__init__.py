"""Workbooks of a year: the empty one, the filled one, and what a new one changes."""
