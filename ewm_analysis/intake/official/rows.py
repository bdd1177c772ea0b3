"""Values by branch of industry to rows of the economy table: regions, sectors, clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ewm_analysis.catalogue import Reference, indicator
from ewm_analysis.contracts import Economy, columns_of, key_of
from ewm_analysis.contracts.wording import shown
from ewm_analysis.errors import ContractError, Failure

KEY = [name for name in key_of(Economy) if name != "mention"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTU"


def economy_rows(
    values: pd.DataFrame, reference: Reference, delimitation: pd.DataFrame, *, file: str
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return rows of the economy table, and how often a branch found no place in them.

    The rows are totals, sector blocks and clusters of each region.

    A sector block is made of the codes of the file that fill it exactly and do not overlap; a
    cluster of all branches of its delimitation. Where one of them is missing there is no row.

    Parameters
    ----------
    values : DataFrame
        As `read_values` returns them.
    reference : Reference
        Sector blocks and clusters.
    delimitation : DataFrame
        Contract `Delimitation`.
    file : str
        Name shown in failures.

    Raises
    ------
    ContractError
        If the same region, year and branch has two different values.
    """
    if values.empty:
        return pd.DataFrame(columns=[*columns_of(Economy)]), Counter()
    _refuse_contradictions(values, file)
    sectors = reference.categories.query("dimension == 'sector'")["category"]
    rows: list[dict[str, object]] = []
    unused: Counter[str] = Counter()
    for (year, region), group in values.groupby(["year", "region"]):
        by_code = {row["activity"]: row for row in group.to_dict("records")}
        parts = [({"sector": ""}, [""])] if "" in by_code else []
        parts += [({"sector": name}, codes) for name, codes in _blocks(sectors, [*by_code])]
        parts += [*_clusters(delimitation, int(year), str(region), reference, by_code)]
        rows += [
            {"year": year, "region": region, **_sum([by_code[code] for code in codes]), **cell}
            for cell, codes in parts
        ]
        unused.update({*by_code} - {code for _, codes in parts for code in codes})
    unit = indicator(str(values["indicator"].iloc[0])).unit
    table = pd.DataFrame(rows).assign(unit=unit)
    return table.reindex(columns=[*columns_of(Economy)]), unused


def _refuse_contradictions(values: pd.DataFrame, file: str) -> None:
    distinct = values.drop_duplicates(["year", "region", "activity", "value"])
    twice = distinct[distinct.duplicated(["year", "region", "activity"])]
    if len(twice):
        raise ContractError(
            [
                Failure(
                    file, int(row.line), "value", shown(row.value),
                    f"another value stands for {row.region}, {row.year}, {row.activity or 'all'}",
                )
                for row in twice.itertuples()
            ]
        )  # fmt: skip


def _blocks(sectors: Sequence[str], codes: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each sector block that codes of the file fill exactly, and these codes."""
    sections = {code: letters for code in codes if (letters := _letters(code))}
    largest_first = sorted(sections, key=lambda code: -len(sections[code]))
    for name in sectors:
        wanted, chosen = _letters("-".join(name.replace("-", ""))), []
        missing = set(wanted)
        for code in largest_first:
            if missing and set(sections[code]) <= missing:
                chosen.append(code)
                missing -= set(sections[code])
        if wanted and not missing:
            yield name, chosen


def _letters(code: str) -> str:
    """Return all sections of a code: "B-E" is "BCDE"; nothing for divisions and all."""
    first, _, last = code.partition("-")
    if first not in LETTERS or not first:
        return ""
    return LETTERS[LETTERS.index(first) : LETTERS.index(last or first) + 1]


def _clusters(
    delimitation: pd.DataFrame,
    year: int,
    region: str,
    reference: Reference,
    by_code: Mapping[str, object],
) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield each cluster all of whose branches are known, for regions it may lie in."""
    if region not in ("be", "bb", "bebb"):
        return
    begun = (delimitation["valid_from"] <= year).fillna(True)
    not_over = (delimitation["valid_to"] >= year).fillna(True)
    regions = reference.clusters.set_index("cluster_id")["region"]
    for (cluster, scope), rows in delimitation[begun & not_over].groupby(["cluster_id", "scope"]):
        codes = _outermost([*rows["wz"]])
        if regions[cluster] in (region, "bebb") and all(code in by_code for code in codes):
            cell = {"cluster_id": str(cluster), "scope": str(scope), "sector": ""}
            yield {**cell, "delimitation": "other", "note": f"WZ {', '.join(codes)}"}, codes


def _outermost(codes: Sequence[str]) -> list[str]:
    """Leave out codes that lie within another one of the list: 10.1 within 10."""
    return [
        code
        for code in codes
        if not any(code != other and code.startswith(other) for other in codes)
    ]


def _sum(parts: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Add up parts; the sum is no better than the worst of them."""
    notes = dict.fromkeys(str(part["note"]) for part in parts if part["note"])
    exact = all(part["precision"] == "exact" for part in parts)
    return {
        "indicator": parts[0]["indicator"],
        "value": round(sum(float(str(part["value"])) for part in parts), 2),
        "precision": "exact" if exact else "approximate",
        "is_provisional": any(part["is_provisional"] for part in parts),
        "note": "; ".join(notes),
        "delimitation": "official",
        "mention": 1,
    }
