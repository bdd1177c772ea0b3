"""What the page of cluster organisations shows: the portraits chosen, and what rests on them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ewm_analysis.notebook.page import Page
from ewm_analysis.statistics import (
    choose_organisations,
    composition,
    eligibility,
    label_calendar,
    per_head,
)
from ewm_analysis.statistics.organisations import PROGRAMME


@dataclass(frozen=True)
class Organisations:
    """The organisations of a page's state and field: what entries call ``organisations``."""

    page: Page

    @cached_property
    def facts(self) -> pd.DataFrame:
        """Return the facts of the organisations in the state and field asked for."""
        asked, dataset = self.page.parameters, self.page.dataset
        groups = dataset.reference.organisation_groups
        chosen = {"state": asked.state, "field": asked.field}
        return choose_organisations(dataset.organisations, groups, **chosen)

    def shares(self) -> pd.DataFrame:
        """Return the members by type as the portraits that print shares have them."""
        return composition(self.facts, basis="share")

    def counts(self) -> pd.DataFrame:
        """Return the members by type as the portraits that print counts have them."""
        return composition(self.facts, basis="count")

    def ratios(self) -> pd.DataFrame:
        """Return members and events per person, and participants per event."""
        return per_head(self.facts)

    def findings(self) -> pd.DataFrame:
        """Return what the plausibility rules find in the facts."""
        found = self.page.plausibility().undated
        return found[found["category"].isin(self.facts["organisation_id"])]

    def eligibility(self) -> pd.DataFrame:
        """Hold the organisations against the thresholds for registration."""
        return eligibility(self.facts, self.page.dataset.reference.requirements)

    def labels(self) -> pd.DataFrame:
        """Return the labels of the organisations and their periods."""
        reference = self.page.dataset.reference
        return label_calendar(self.facts, reference.organisation_groups, reference.requirements)

    def programme(self) -> pd.DataFrame:
        """Return the facts of the programme that the organisations belong to."""
        facts = self.page.dataset.organisations
        return facts[facts["organisation_id"] == PROGRAMME]

    def criteria_areas(self) -> pd.DataFrame:
        """Return the areas of the excellence criteria, and the figures of each."""
        return self.page.dataset.reference.valid("criteria_area")

    def service_areas(self) -> pd.DataFrame:
        """Return the service areas of the programme, and the services of each."""
        return self.page.dataset.reference.valid("service_area")
