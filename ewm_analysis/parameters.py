"""What a run may be asked for, checked once: by the command, the batch and the notebook."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import DEFAULT, LOCALES

Year = Annotated[int, Field(ge=1990, le=2100)]
Text = Annotated[str, StringConstraints(min_length=1)]


class RunParameters(BaseModel):
    """Parameters of a run. A notebook takes some of them; what it does not take stays None.

    Keys such as ``cluster_id`` are text: "007" never becomes 7, nor "2021" a year. ``state`` and
    ``field`` keep the organisations of a federal state and a technology field; empty keeps all.
    ``internal`` shows also what is confidential.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    year: Year | None = None
    cluster_id: Text | None = None
    first_year: Year | None = None
    last_year: Year | None = None
    state: str = ""
    field: str = ""
    locale: Text = DEFAULT
    data_dir: Text = "data/capital-region"
    internal: bool = False

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.locale not in LOCALES:
            raise ParameterError("locale", self.locale, LOCALES)
        first, last = self.first_year, self.last_year
        if first is not None and last is not None and first >= last:
            raise ParameterError("first_year", first, reason=f"is not before last_year {last}")
        return self

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all parameters."""
        return tuple(cls.model_fields)

    @classmethod
    def check(cls, **given: object) -> RunParameters:
        """Return the given values as parameters of a run.

        Parameters
        ----------
        **given
            Values by name; the others keep their defaults.

        Raises
        ------
        ParameterError
            If a name is unknown, a value has another type or lies out of range. Nothing is
            converted.

        Examples
        --------
        >>> RunParameters.check(year=2021, cluster_id="imk").locale
        'de'
        >>> RunParameters.check(yaer=2021)
        Traceback (most recent call last):
        ewm_analysis.errors.ParameterError: parameter: 'yaer' is not known. Did you mean 'year'? \
Allowed: year, cluster_id, first_year, last_year, state, field, locale, data_dir, internal.
        """
        for name in given:
            if name not in cls.model_fields:
                raise ParameterError("parameter", name, cls.names())
        try:
            return cls(**given)  # type: ignore[arg-type]  # pydantic checks the types
        except ValidationError as error:
            raise _parameter_error(error.errors()[0]) from None


def _parameter_error(failure: Any) -> ParameterError:
    name, value = str(failure["loc"][0]), failure["input"]
    reasons = {
        "int_type": "must be a whole number without quotation marks, such as 2021",
        "bool_type": "must be True or False",
        "string_type": "must be text in quotation marks",
        "string_too_short": "must not be empty",
        "greater_than_equal": "must be a year from 1990 to 2100",
        "less_than_equal": "must be a year from 1990 to 2100",
    }
    return ParameterError(name, value, reason=reasons[failure["type"]])
