"""What each indicator and category means: unit, labels, definition, may parts be summed."""

from ewm_analysis.catalogue.entries import Indicator, dimension, indicator, indicators
from ewm_analysis.catalogue.words import Reference, Words, named

__all__ = ["Indicator", "Reference", "Words", "dimension", "indicator", "indicators", "named"]
