"""What a run may be asked for."""

import pytest

from ewm_analysis.errors import ParameterError
from ewm_analysis.parameters import RunParameters


def test_defaults() -> None:
    given = RunParameters.check()
    assert given.locale == "de"
    assert given.data_dir == "data/capital-region"
    assert given.year is None


def test_keys_stay_text() -> None:
    assert RunParameters.check(cluster_id="007").cluster_id == "007"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("year", "2021", "whole number"),
        ("year", 2021.0, "whole number"),
        ("year", True, "whole number"),
        ("year", 21, "1990 to 2100"),
        ("year", 20211, "1990 to 2100"),
        ("cluster_id", 7, "must be text"),
        ("cluster_id", "", "must not be empty"),
        ("data_dir", None, "must be text"),
    ],
)
def test_nothing_is_converted(name: str, value: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        RunParameters.check(**{name: value})
    assert caught.value.name == name
    assert caught.value.value == value


def test_locale_is_de_or_en() -> None:
    with pytest.raises(ParameterError, match=r"Did you mean 'de'\? Allowed: de, en"):
        RunParameters.check(locale="deu")


def test_unknown_name_is_answered_with_the_closest() -> None:
    with pytest.raises(ParameterError, match="Did you mean 'cluster_id'"):
        RunParameters.check(cluster="imk")


def test_first_year_comes_before_last_year() -> None:
    assert RunParameters.check(first_year=2011, last_year=2020).first_year == 2011
    with pytest.raises(ParameterError, match="not before last_year 2011"):
        RunParameters.check(first_year=2011, last_year=2011)


def test_organisations_may_be_kept_by_state_and_field() -> None:
    assert RunParameters.check(state="ni", field="energy").field == "energy"
    assert RunParameters.check().state == ""
    with pytest.raises(ParameterError, match="must be text"):
        RunParameters.check(state=3)


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        RunParameters.check(year=2021).year = 2022  # type: ignore[misc]
