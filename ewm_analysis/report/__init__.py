"""Executed notebooks to accessible HTML that opens offline, and the page of all reports."""

from ewm_analysis.report.page import export_html, locale_part
from ewm_analysis.report.site import build_site, write_index

__all__ = ["build_site", "export_html", "locale_part", "write_index"]
