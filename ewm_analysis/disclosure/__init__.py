"""Which cells may be shown: the one place that every figure passes before it is printed or written.

Records are confidential where the data set says ``"disclosure": "standard"``. What the rules
are, who counts as contributor and what is promised stands in docs/decisions/0011-disclosure.md.
"""

from ewm_analysis.disclosure.cells import DisclosureRule
from ewm_analysis.disclosure.suppress import Suppressed, suppress

__all__ = ["DisclosureRule", "Suppressed", "suppress"]
