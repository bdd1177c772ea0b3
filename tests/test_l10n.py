"""Numbers, dates and sentences in German and English: typography, strictness, completeness."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewm_analysis import figures, tables
from ewm_analysis.catalogue import indicator, indicators
from ewm_analysis.errors import ParameterError
from ewm_analysis.l10n import (
    LOCALES,
    MISSING,
    NBSP,
    Locale,
    format_number,
    parse_number,
    plural,
    text,
)
from ewm_analysis.l10n.numbers import format_change, format_date, format_eur, format_share
from ewm_analysis.l10n.sentences import join, messages, within

MINUS = "\u2212"

# --- reading numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "locale", "number"),
    [
        ("1.234,5", "de", "1234.5"),
        ("1,234.5", "en", "1234.5"),
        ("281.947", "de", "281947"),
        ("281,947", "en", "281947"),
        ("1.234", "en", "1.234"),
        ("1,5", "de", "1.5"),
        ("1.5", "en", "1.5"),
        ("2021", "de", "2021"),
        ("0", "de", "0"),
        (f"{MINUS}3,5", "de", "-3.5"),
        ("-3.5", "en", "-3.5"),
    ],
)
def test_parse_number(written: str, locale: Locale, number: str) -> None:
    assert parse_number(written, locale) == Decimal(number)


@pytest.mark.parametrize(
    ("written", "locale"),
    [
        ("1.5", "de"),  # neither 15 nor 1.5
        ("12.34", "de"),
        ("1.2345", "de"),
        ("1,5", "en"),
        ("1.234.567,8", "en"),
        ("1,234.5", "de"),
        ("1,5,0", "de"),
        ("1.5.0", "en"),
        ("1 000", "de"),
        ("1 000", "en"),
        ("", "de"),
        ("-", "de"),
        (MISSING, "de"),
        ("zwölf", "de"),
        ("12 %", "de"),
        ("1,5 Mio.", "de"),
        ("NaN", "en"),
        ("inf", "en"),
        ("0x1F", "en"),
        ("--5", "de"),
    ],
)
def test_what_is_no_number_of_the_language_is_refused(written: str, locale: Locale) -> None:
    with pytest.raises(ValueError, match=r"no (finite )?number"):
        parse_number(written, locale)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("written", ["1_000", "1e3", "1E3"])
def test_numbers_of_programs_are_no_numbers_of_people(written: str, locale: Locale) -> None:
    with pytest.raises(ValueError, match="no number"):
        parse_number(written, locale)


@given(number=st.integers(-(10**15), 10**15), locale=st.sampled_from(LOCALES))
def test_a_count_is_read_as_it_was_written(number: int, locale: Locale) -> None:
    assert parse_number(format_number(number, locale), locale) == number


@given(tenths=st.integers(-(10**12), 10**12), locale=st.sampled_from(LOCALES))
def test_a_number_with_one_decimal_is_read_as_it_was_written(tenths: int, locale: Locale) -> None:
    written = format_number(tenths / 10, locale, digits=1)
    assert parse_number(written, locale) == Decimal(tenths) / 10


@given(number=st.integers(1_000, 10**12))
def test_the_grouping_of_one_language_is_never_the_number_of_the_other(number: int) -> None:
    """A German count in an English file is refused, or, with one point, another number."""
    written = format_number(number, "de")
    if written.count(".") > 1:
        with pytest.raises(ValueError, match="no number"):
            parse_number(written, "en")
    else:
        assert parse_number(written, "en") * 1000 == number


# --- writing numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "de", "en"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1.000", "1,000"),
        (281947, "281.947", "281,947"),
        (1234567, "1.234.567", "1,234,567"),
        (-5, f"{MINUS}5", f"{MINUS}5"),
        (0.5, "1", "1"),  # halves away from zero
        (1.5, "2", "2"),
        (2.5, "3", "3"),
        (-2.5, f"{MINUS}3", f"{MINUS}3"),
        (-0.4, "0", "0"),  # never a minus before nothing
    ],
)
def test_counts(number: float, de: str, en: str) -> None:
    assert (format_number(number, "de"), format_number(number, "en")) == (de, en)


def test_a_half_is_rounded_as_it_is_written_not_as_it_is_stored() -> None:
    assert format_number(1.005, "de", 2) == "1,01"  # stored as 1.00499…
    assert format_share(0.285, "de") == f"29{NBSP}%"
    assert format_share(0.145, "en") == "15%"


@pytest.mark.parametrize(
    ("share", "digits", "de", "en"),
    [
        (0.73, 0, f"73{NBSP}%", "73%"),
        (0.167, 1, f"16,7{NBSP}%", "16.7%"),
        (1, 0, f"100{NBSP}%", "100%"),
        (0, 0, f"0{NBSP}%", "0%"),
        (12.5, 0, f"1.250{NBSP}%", "1,250%"),
        (-0.05, 0, f"{MINUS}5{NBSP}%", f"{MINUS}5%"),
    ],
)
def test_shares(share: float, digits: int, de: str, en: str) -> None:
    assert (format_share(share, "de", digits), format_share(share, "en", digits)) == (de, en)


@pytest.mark.parametrize(
    ("change", "de", "en"),
    [
        (1.344, f"+134{NBSP}%", "+134%"),
        (-0.19, f"{MINUS}19{NBSP}%", f"{MINUS}19%"),
        (0.09951, f"+10{NBSP}%", "+10%"),
        (-0.0994, f"{MINUS}9,9{NBSP}%", f"{MINUS}9.9%"),
        (0.05, f"+5,0{NBSP}%", "+5.0%"),
        (None, "–", "–"),
        (0, f"0,0{NBSP}%", "0.0%"),
        (0.0005, f"+0,1{NBSP}%", "+0.1%"),
        (-0.0005, f"{MINUS}0,1{NBSP}%", f"{MINUS}0.1%"),
    ],
)
def test_changes_have_a_sign_and_a_decimal_below_ten_per_cent(
    change: float | None, de: str, en: str
) -> None:
    assert (format_change(change, "de"), format_change(change, "en")) == (de, en)


@pytest.mark.parametrize("change", [0.0001, -0.0001, 0.0, -0.0])
def test_a_change_that_is_shown_as_zero_has_no_sign(change: float) -> None:
    assert format_change(change, "de") == f"0,0{NBSP}%"
    assert format_change(change, "en", digits=0) == "0%"


@given(change=st.floats(-10, 10), digits=st.integers(0, 2), locale=st.sampled_from(LOCALES))
def test_a_fall_mirrors_a_rise(change: float, digits: int, locale: Locale) -> None:
    swapped = format_change(-change, locale, digits).translate(
        str.maketrans({"+": MINUS, MINUS: "+"})
    )
    assert format_change(change, locale, digits) == swapped


@pytest.mark.parametrize(
    ("amount", "de", "en"),
    [
        (0, f"0{NBSP}€", "€0"),
        (999, f"999{NBSP}€", "€999"),
        (1_000, f"1.000{NBSP}€", "€1,000"),
        (999_999, f"999.999{NBSP}€", "€999,999"),
        (1_000_000, f"1,0{NBSP}Mio.{NBSP}€", f"€1.0{NBSP}m"),
        (161_500_000, f"161,5{NBSP}Mio.{NBSP}€", f"€161.5{NBSP}m"),
        (14_850_000, f"14,9{NBSP}Mio.{NBSP}€", f"€14.9{NBSP}m"),
        (1_000_000_000, f"1,0{NBSP}Mrd.{NBSP}€", f"€1.0{NBSP}bn"),
        (26_000_000_000, f"26,0{NBSP}Mrd.{NBSP}€", f"€26.0{NBSP}bn"),
        (40_490_000_000, f"40,49{NBSP}Mrd.{NBSP}€", f"€40.49{NBSP}bn"),
        (-1_500, f"{MINUS}1.500{NBSP}€", f"{MINUS}€1,500"),
        (-1_500_000, f"{MINUS}1,5{NBSP}Mio.{NBSP}€", f"{MINUS}€1.5{NBSP}m"),
        (-2_500_000_000, f"{MINUS}2,5{NBSP}Mrd.{NBSP}€", f"{MINUS}€2.5{NBSP}bn"),
        (-0.4, f"0{NBSP}€", "€0"),
    ],
)
def test_euros(amount: float, de: str, en: str) -> None:
    assert (format_eur(amount, "de"), format_eur(amount, "en")) == (de, en)


@pytest.mark.parametrize(
    ("amount", "de"),
    [(999_999.6, f"1,0{NBSP}Mio.{NBSP}€"), (999_960_000, f"1,0{NBSP}Mrd.{NBSP}€")],
)
def test_euros_that_are_rounded_up_to_the_next_scale(amount: float, de: str) -> None:
    assert format_eur(amount, "de") == de


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
@pytest.mark.parametrize("write", [format_number, format_share, format_change, format_eur])
def test_a_missing_value_is_a_dash(
    write: Callable[[object, Locale], str], missing: object, locale: Locale
) -> None:
    assert write(missing, locale) == "–"


@pytest.mark.parametrize("infinite", [float("inf"), float("-inf")])
def test_what_is_not_finite_cannot_be_shown(infinite: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        format_number(infinite, "de")


@given(number=st.floats(-1e12, 1e12), locale=st.sampled_from(LOCALES))
def test_no_written_number_breaks_at_a_line_end_or_holds_a_hyphen(
    number: float, locale: Locale
) -> None:
    for write in (format_number, format_share, format_change, format_eur):
        written = write(number, locale)
        assert " " not in written
        assert "-" not in written


@pytest.mark.parametrize(
    ("published", "de", "en"),
    [
        ("2023-07-19", "19. Juli 2023", "19 July 2023"),
        ("2018-03-01", "1. März 2018", "1 March 2018"),
        ("2012", "2012", "2012"),
        ("2011/2012", "2011/2012", "2011/2012"),
        ("2023-07", "2023-07", "2023-07"),
        ("~2012", "um 2012", "c. 2012"),
        ("", "–", "–"),
    ],
)
def test_dates(published: str, de: str, en: str) -> None:
    assert (format_date(published, "de"), format_date(published, "en")) == (de, en)


# --- sentences --------------------------------------------------------------------------------


def test_an_unknown_message_is_answered_with_the_closest() -> None:
    with pytest.raises(ParameterError, match=r"Did you mean 'word\.and'"):
        text("word.amd", "de")


@pytest.mark.parametrize(
    ("parts", "de", "en"),
    [
        ([], "", ""),
        (["EU"], "EU", "EU"),
        (["EU", "Bund"], "EU und Bund", "EU and Bund"),
        (["EU", "Bund", "Land"], "EU, Bund und Land", "EU, Bund and Land"),
    ],
)
def test_enumerations(parts: list[str], de: str, en: str) -> None:
    assert (join(parts, "de"), join(parts, "en")) == (de, en)


@pytest.mark.parametrize(("number", "word"), [(1, "one"), (0, "many"), (2, "many"), (1.5, "many")])
def test_plural(number: float, word: str) -> None:
    assert plural(number, "one", "many") == word


def placeholders(message: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(message) if name is not None})


def bilingual() -> dict[str, dict[str, str]]:
    """Every text of the package for readers: messages, and the catalogue's labels."""
    found = dict(messages())
    for name in indicators():
        entry = indicator(name)
        for part in ("label", "one", "other", "definition"):
            said = getattr(entry, part)
            if said is not None:
                found[f"catalogue.{name}.{part}"] = dict(said)
    return found | declared()


def declared() -> dict[str, dict[str, str]]:
    """Every word of a figure that is declared: captions, names, clauses; alternatives in a row."""
    found = {}
    for name, entry in figures.entries().items():
        own = {"caption": entry.caption, "say": entry.say, **entry.names, **entry.clauses}
        for key, said in own.items():
            if said:
                found[f"{name}.{key}"] = {code: " ".join(flat(part)) for code, part in said.items()}
    for name, table in tables.entries().items():
        heads = {f"columns.{key}": column.head for key, column in table.columns.items()}
        said_once = {"caption": table.caption, "nothing": table.nothing, **heads}
        found |= {f"{name}.{key}": texts for key, texts in said_once.items() if texts}
    return found


def flat(said: str | Iterable[Any]) -> list[str]:
    return [said] if isinstance(said, str) else [text for part in said for text in flat(part)]


TEXTS = bilingual()

# Words that one language has and the other has not; names of reports stay in their language.
GERMAN = re.compile(
    r"\b(und|oder|der|die|das|den|dem|des|ein|eine|einer|nicht|von|mit|für|aus|bei|nach|wurde|sind|"
    r"werden|keine?|auf|zum?|zur|im|Jahr|Projekte?|Akteure?|Anteil|Zahl)\b|[äöüßÄÖÜ„]"
)
ENGLISH = re.compile(
    r"\b(the|and|or|of|with|from|by|are|were|which|this|that|than|for|no|not|year|projects?|"
    r"actors?|share|number|companies)\b|“\w|\d%"
)


def test_every_text_is_told_in_both_languages() -> None:
    assert len(messages()) > 100
    incomplete = [key for key, said in TEXTS.items() if set(said) != set(LOCALES)]
    empty = [key for key, said in TEXTS.items() if not all(part.strip() for part in said.values())]
    assert (incomplete, empty) == ([], [])


def test_every_caption_belongs_to_a_figure_or_table() -> None:
    plots = {name.removeprefix("plot_") for name in figures.__all__ if name.startswith("plot_")}
    start = "notebook.figure."
    # What the explorer makes has the name of the indicator for a caption.
    known = {key.removeprefix(start) for key in messages() if key.startswith(start)}
    assert known == plots - {"values"}
    assert [name for name, entry in tables.entries().items() if not entry.caption] == [
        "values_table"
    ]


def test_both_languages_fill_the_same_placeholders() -> None:
    # Numbers written in German are told in German; of all other languages English speaks.
    told = {
        key: said for key, said in (messages() | declared()).items() if key != "intake.cell.number"
    }
    unequal = [key for key, said in told.items()
               if placeholders(said["de"]) != placeholders(said["en"])]  # fmt: skip
    assert unequal == []


@pytest.mark.parametrize(("locale", "foreign"), [("de", ENGLISH), ("en", GERMAN)])
def test_no_word_of_the_other_language(locale: Locale, foreign: re.Pattern[str]) -> None:
    found = {}
    for key, said in TEXTS.items():
        words = re.sub(r"\{[^}]*\}", "X", said[locale])  # placeholders have English names
        if hit := foreign.search(words):
            found[key] = (hit.group(), said[locale])
    assert found == {}


@pytest.mark.parametrize("locale", LOCALES)
def test_typography(locale: Locale) -> None:
    wrong = {}
    for key, said in TEXTS.items():
        words = re.sub(r"\{[^}]*\}", "X", said[locale])
        percent = "[0-9X] ?%" if locale == "de" else f"[0-9X][ {NBSP}]%"
        if re.search(rf'"|  |\.\.\.|[0-9X]-[0-9X]|{percent}', words):
            wrong[key] = said[locale]
    assert wrong == {}


def test_what_stands_in_a_compound_with_a_sign_does_not_break() -> None:
    """95‑%‑Intervall and E‑Test stay on one line; one spelling in all places."""
    assert {key: said for key, said in TEXTS.items() if re.search(r"%-|\bE-Test", said["de"])} == {}


@pytest.mark.parametrize("name", indicators())
def test_a_label_within_a_sentence_is_written_as_its_noun(name: str) -> None:
    """Where an indicator is counted with a noun, that noun tells which first letters are small."""
    entry = indicator(name)
    for locale, noun in (entry.other or {}).items():
        label = entry.label[locale]
        if label.casefold() == noun.casefold():
            assert within(label, locale) == noun
