"""What each indicator and category means: unit, labels, definition, may parts be summed."""

from ewm_analysis.catalogue.indicators import Indicator, dimension, indicator, indicators
from ewm_analysis.catalogue.reference import Reference, named
from ewm_analysis.catalogue.words import Words

__all__ = ["Indicator", "Reference", "Words", "dimension", "indicator", "indicators", "named"]
