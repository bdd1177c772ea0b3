"""Editions of pages and data sets: what one tells differently from another, and why."""
