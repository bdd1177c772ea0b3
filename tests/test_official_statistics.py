"""Official statistics as published become rows of the economy table, and say what they leave."""

from __future__ import annotations

import errno
import gzip
import os
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from cordis_files import OPENDATA
from statistics_files import real_employed, write_sdmx_csv, write_tsv
from typer.testing import CliRunner

from ewm_analysis.batch import plan_runs
from ewm_analysis.cli import app
from ewm_analysis.contracts import Delimitation, StatisticCodes
from ewm_analysis.errors import ContractError, MissingDataError, ParameterError
from ewm_analysis.files import WHOLE
from ewm_analysis.intake.data_set import load_mapping, write_table
from ewm_analysis.intake.official import StatisticsImport, import_statistics
from ewm_analysis.loaders import load_reference, open_dataset, resolve_data_dir
from ewm_analysis.notebook.explore import explore

FILES = Path(__file__).parent / "statistics"

real = pytest.mark.skipif(not OPENDATA.is_dir(), reason="the real files are not on this machine")


def insured(target: Path, name: str = "genesis_new.csv") -> StatisticsImport:
    return import_statistics(FILES / name, target, form="genesis", meaning="employees_insured")


def figure(folder: Path, **cell: object) -> pd.Series:
    table = open_dataset(folder).economy
    wanted = {"cluster_id": "", "sector": "", **cell}
    for name, value in wanted.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def broken(tmp_path: Path, name: str, old: str, new: str, form: str) -> list[str]:
    file = tmp_path / name
    text = (FILES / name).read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContractError) as caught:
        import_statistics(file, tmp_path / "data", form=form, meaning="employed_persons")
    assert not (tmp_path / "data").exists()
    return [str(failure) for failure in caught.value.failures]


# --- GENESIS ----------------------------------------------------------------------------------


def test_genesis_gives_regions_and_germany(tmp_path: Path) -> None:
    insured(tmp_path / "data")
    state = figure(tmp_path / "data", region="bb")
    assert (state["year"], state["value"], state["unit"]) == (2021, 860_000, "persons")
    assert (state["delimitation"], state["precision"]) == ("official", "exact")
    assert figure(tmp_path / "data", region="de")["value"] == 33_802_173


def test_a_sign_for_nothing_is_zero_and_a_secret_is_missing(tmp_path: Path) -> None:
    done = insured(tmp_path / "data")
    assert figure(tmp_path / "data", region="bb", sector="A")["value"] == 0
    assert "be" not in {*open_dataset(tmp_path / "data").economy["region"]}
    assert done.left_out["secret or unknown"] == 1


def test_a_block_is_made_of_parts_that_fill_it_and_do_not_overlap(tmp_path: Path) -> None:
    insured(tmp_path / "data")
    block = figure(tmp_path / "data", region="bb", sector="BF")
    assert block["value"] == 210_000.5  # B–E and F; C lies within B–E
    assert block["precision"] == "approximate"  # one part is estimated


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    left_out = insured(tmp_path / "data").left_out
    assert left_out["other regions"] == 1
    assert left_out["other breakdowns"] == 1  # women only
    assert left_out["another day than 30 June"] == 1
    assert left_out["branch C"] == 1


def test_a_cluster_is_the_sum_of_its_branches(tmp_path: Path) -> None:
    insured(tmp_path / "data")
    core = figure(tmp_path / "data", region="bb", cluster_id="ew", scope="core")
    assert core["value"] == 11_900
    assert (core["delimitation"], core["note"], core["is_provisional"]) == ("other", "WZ 10, 11", 1)


def test_a_cluster_of_which_a_branch_is_missing_has_no_figure(tmp_path: Path) -> None:
    limits = tmp_path / "limits.csv"
    limits.write_text(
        "cluster_id,scope,wz,valid_from,valid_to,is_assumption,source,reason\n"
        "ew,core,10,,,true,us,food\n"
        "ew,core,12,,,true,us,tobacco\n"
        "imk,core,11,2022,,true,us,not yet valid\n"
        "op,total,10,,2021,true,us,valid\n"
        "op,total,10.1,,2021,true,us,lies within 10\n"
    )
    made = import_statistics(
        FILES / "genesis_new.csv", tmp_path / "data", form="genesis",
        meaning="employees_insured", delimitation=limits,
    )  # fmt: skip
    clusters = made.rows[made.rows["cluster_id"].notna()]
    assert clusters[["cluster_id", "value"]].to_numpy().tolist() == [["op", 11_000]]


def test_the_old_form_has_a_column_for_each_value(tmp_path: Path) -> None:
    made = import_statistics(
        FILES / "genesis_old.csv", tmp_path / "data", form="genesis", meaning="employed_persons"
    )
    assert figure(tmp_path / "data", region="12054")["value"] == 118_200
    assert figure(tmp_path / "data", region="be")["value"] == 2_060_700
    assert made.left_out["not yet known"] == 1


def test_the_source_is_named_with_its_licence(tmp_path: Path) -> None:
    insured(tmp_path / "data")
    sources = open_dataset(tmp_path / "data").reference.sources.set_index("source_id")
    own = sources.loc["genesis_13111"]
    assert own["title"] == "Beschäftigungsstatistik (13111)"
    assert own["licence"] == "dl-de/by-2-0; verändert"
    assert figure(tmp_path / "data", region="bb")["source_id"] == "genesis_13111"


def test_genesis_does_not_say_what_it_counts(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="no table of ours says what 13111 counts"):
        import_statistics(FILES / "genesis_new.csv", tmp_path / "data", form="genesis")
    with pytest.raises(ParameterError, match="Did you mean 'employees_insured'"):
        import_statistics(
            FILES / "genesis_new.csv", tmp_path / "data", form="genesis", meaning="employee_insured"
        )


# --- Eurostat -----------------------------------------------------------------------------------


def test_eurostat_gives_districts_in_persons(tmp_path: Path) -> None:
    made = import_statistics(FILES / "eurostat.csv", tmp_path / "data", form="eurostat")
    early = figure(tmp_path / "data", region="12054", year=2017)
    late = figure(tmp_path / "data", region="12054", year=2018)
    assert (early["indicator"], early["value"]) == ("employed_persons", 115_140)
    assert (late["value"], late["is_provisional"]) == (116_200, True)
    block = figure(tmp_path / "data", region="12054", sector="BF")
    assert (block["value"], block["precision"], block["note"]) == (9_000, "approximate", "flag b")
    # Berlin stands twice with one value, as state and as region: that is one figure.
    assert figure(tmp_path / "data", region="be")["value"] == 1_950_100
    assert made.left_out["other regions"] == 1
    assert made.left_out["other breakdowns"] == 1  # employees only
    assert made.left_out["not available"] == 1
    assert made.left_out["branch G-J"] == 1


def test_tsv_has_a_column_for_each_year_and_flags_behind_values(tmp_path: Path) -> None:
    made = import_statistics(FILES / "nama_10r_3empers.tsv", tmp_path / "data", form="eurostat")
    assert figure(tmp_path / "data", region="12054", year=2017)["value"] == 115_140
    assert figure(tmp_path / "data", region="12054", year=2018, sector="")["is_provisional"]
    farms = figure(tmp_path / "data", region="12054", sector="A")
    assert (farms["value"], farms["precision"]) == (300, "approximate")
    assert made.left_out["not available"] == 1


@real
def test_real_figures_are_the_same_by_both_forms(tmp_path: Path) -> None:
    table = real_employed()
    by_csv, by_tsv = tmp_path / "csv", tmp_path / "tsv"
    import_statistics(write_sdmx_csv(table, tmp_path / "x.csv"), by_csv, form="eurostat")
    tsv = write_tsv(table, tmp_path / "nama_10r_3empers.tsv")
    import_statistics(tsv, by_tsv, form="eurostat")
    economy = Path("economy/economy.csv")
    assert (by_csv / economy).read_bytes() == (by_tsv / economy).read_bytes()
    rows = open_dataset(by_csv).economy
    totals = rows[rows["sector"] == ""]
    assert len(totals) == 190
    known = table[table["nace_r2"] == "TOTAL"]
    assert totals["value"].sum() == known["employed_persons"].sum()
    potsdam = known[(known["nuts3"] == "DE404") & (known["year"] == 2017)]
    own = totals[(totals["region"] == "12054") & (totals["year"] == 2017)]
    assert own["value"].item() == potsdam["employed_persons"].item()
    assert {*rows["sector"]} == {"", "A", "BF", "OU"}  # G–J and K–N cut through our blocks


# --- beside other figures, and wrongly ------------------------------------------------------------


def test_importing_again_replaces_and_other_sources_stay(tmp_path: Path) -> None:
    target = tmp_path / "data"
    insured(target)
    before = (target / "economy" / "economy.csv").read_bytes()
    insured(target)
    assert (target / "economy" / "economy.csv").read_bytes() == before
    other = tmp_path / "other.csv"
    text = (FILES / "genesis_new.csv").read_text("utf-8")
    other.write_text(text.replace("13111;", "13112;").replace("860000", "861000"), "utf-8")
    import_statistics(other, target, form="genesis", meaning="employees_insured")
    table = open_dataset(target).economy
    state = table[(table["region"] == "bb") & (table["sector"] == "") & (table["cluster_id"] == "")]
    assert state[["mention", "value"]].to_numpy().tolist() == [[1, 860_000], [2, 861_000]]


@pytest.mark.parametrize("full", ["economy.csv", "sources.csv", "datapackage.json"])
def test_a_failure_in_the_middle_leaves_the_old_files(
    full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, replace = tmp_path / "data", os.replace
    insured(target)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def failing(source: Path, place: Path) -> None:
        if WHOLE in place.parts and place.name == full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))
        replace(source, place)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(ParameterError, match="No space left"):
        import_statistics(FILES / "eurostat.csv", target, form="eurostat")
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "form", "old", "new", "told"),
    [
        ("genesis_new.csv", "genesis", ";860000;", ";860 000;",
         "genesis_new.csv, line 4, column value: '860 000' — must be a number without thousands, "
         "or a sign for none"),
        ("genesis_new.csv", "genesis", "30.06.2021", "Juni 2021",
         "genesis_new.csv, line 2, column time: 'Juni 2021' — must be a year, or a day such as "
         "30.06.2021 or 2021-06-30"),
        ("genesis_old.csv", "genesis", "__1000", "__Stück",
         "genesis_old.csv, line 2, column unit: 'Stück' — allowed: Anzahl, number, Personen, "
         "persons, EUR, 1000, Tsd., Tsd. EUR, 1000 EUR, Mill. EUR, Mio. EUR, EUR million"),
        ("genesis_new.csv", "genesis", "WZ08-10;", "WZ08-Z;",
         "genesis_new.csv, line 2, column activity_code: 'WZ08-Z' — must be a section, a range of "
         "sections or a code of WZ 2008"),
        ("genesis_new.csv", "genesis", "statistics_code;", "statistic;",
         "genesis_new.csv, line 1: is no flat file of GENESIS: statistics_code missing; choose the "
         "flat file (ffcsv) when downloading"),
        ("eurostat.csv", "eurostat", "116.2,p,", "116.2,q,",
         "eurostat.csv, line 3, column flag: 'q' — allowed: p, e, b, d, u, c, r, s"),
        ("eurostat.csv", "eurostat", "TIME_PERIOD", "TIME",
         "eurostat.csv, line 1: is no SDMX-CSV of Eurostat: TIME_PERIOD missing; choose SDMX-CSV "
         "or TSV"),
        ("eurostat.csv", "eurostat", "DE30,2018,1950.1", "DE30,2018,1951.1",
         "eurostat.csv, line 10, column value: '1951100' — another value stands for be, 2018, all"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_told_with_its_place(
    tmp_path: Path, name: str, form: str, old: str, new: str, told: str
) -> None:
    assert told in broken(tmp_path, name, old, new, form)


def test_a_file_without_our_regions_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    lines = (FILES / "eurostat.csv").read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0], lines[-1]]) + "\n", "utf-8")
    with pytest.raises(MissingDataError, match="other regions: 1"):
        import_statistics(file, tmp_path / "data", form="eurostat")


def test_a_file_of_old_form_may_have_quality_marks_and_units_with_underscores(
    tmp_path: Path,
) -> None:
    """As Destatis prints them where it presents the new form: ``__q``, ``Mill._EUR``."""
    file = tmp_path / "old.csv"
    text = (FILES / "genesis_old.csv").read_text("utf-8").splitlines()
    head = text[0].replace("__1000", "__Mill._EUR") + ";ERW1__Erwerbstaetige__q"
    file.write_text("\n".join([head, *(f"{line};s" for line in text[1:])]) + "\n", "utf-8")
    import_statistics(file, tmp_path / "data", form="genesis", meaning="gross_value_added_eur")
    row = figure(tmp_path / "data", region="12054")
    assert (row["value"], row["precision"]) == (118_200_000, "approximate")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("genesis_new.csv", "900;Anzahl;SV;", "900;Anzahl;GV;", "SV in Anzahl; GV in Anzahl"),
        ("genesis_old.csv", ";ERW1__", ";ERW2__Arbeitnehmer__1000;ERW1__",
         "ERW2__Arbeitnehmer in 1000; ERW1__Erwerbstaetige in 1000"),
    ],
)  # fmt: skip
def test_a_file_with_several_kinds_of_values_is_told(
    tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    text = (FILES / name).read_text("utf-8").replace(old, new)
    if name == "genesis_old.csv":  # a cell for the column that was put in
        head, *lines = text.splitlines()
        text = "\n".join([head, *(f"{line};1" for line in lines)]) + "\n"
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ContractError, match=re.escape(f"several kinds of values ({told}); export")):
        import_statistics(
            tmp_path / name, tmp_path / "data", form="genesis", meaning="employed_persons"
        )


def test_a_zip_as_downloaded_gives_what_its_file_gives(tmp_path: Path) -> None:
    file = tmp_path / "13111-0001_de_flat.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(FILES / "genesis_new.csv", "13111-0001_de_flat.csv")
    import_statistics(file, tmp_path / "zip", form="genesis", meaning="employees_insured")
    insured(tmp_path / "csv")
    table = Path("economy/economy.csv")
    assert (tmp_path / "zip" / table).read_bytes() == (tmp_path / "csv" / table).read_bytes()


def test_a_tsv_in_a_zip_keeps_its_name_and_what_macos_adds_is_nobodys(tmp_path: Path) -> None:
    file = tmp_path / "download.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(FILES / "nama_10r_3empers.tsv", "data/nama_10r_3empers.tsv")
        for name in ("__MACOSX/data/._nama_10r_3empers.tsv", "__MACOSX/x.csv", "data/.old.csv"):
            archive.writestr(name, "x")
    import_statistics(file, tmp_path / "zip", form="eurostat")
    import_statistics(FILES / "nama_10r_3empers.tsv", tmp_path / "tsv", form="eurostat")
    table = Path("economy/economy.csv")
    assert (tmp_path / "zip" / table).read_bytes() == (tmp_path / "tsv" / table).read_bytes()


def test_numbers_are_written_plainly_and_zero_without_a_sign(tmp_path: Path) -> None:
    values = pd.array([-0.0, 1e16, 0.5, None], dtype="Float64")
    write_table(pd.DataFrame({"value": values, "unit": "eur"}), tmp_path / "x.csv")
    written = (tmp_path / "x.csv").read_text("utf-8").splitlines()
    assert written[1:] == ["0,eur", "10000000000000000,eur", "0.5,eur", ",eur"]


def test_files_that_no_importer_can_open_are_told(tmp_path: Path) -> None:
    packed = tmp_path / "nama.tsv.gz"
    packed.write_bytes(gzip.compress(b"x"))
    two = tmp_path / "two.zip"
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "x")
    for file, told in (
        (packed, "nama.tsv.gz: the file is packed with gzip; unpack it first"),
        (two, r"two.zip: the ZIP holds 2 \*.csv, \*.tsv; it must be one"),
        (FILES, "statistics: the file is missing"),
    ):
        with pytest.raises(ContractError, match=told):
            import_statistics(file, tmp_path / "data", form="eurostat")
    with pytest.raises(ParameterError, match=r"two\.zip' is a file; name a folder"):
        import_statistics(FILES / "eurostat.csv", two, form="eurostat")


@pytest.mark.parametrize(
    ("name", "form"), [("genesis_new.csv", "genesis"), ("nama_10r_3empers.tsv", "eurostat")]
)
def test_a_row_that_is_cut_off_is_told_and_nothing_is_written(
    tmp_path: Path, name: str, form: str
) -> None:
    whole = (FILES / name).read_text("utf-8").rstrip("\n")
    (tmp_path / name).write_text(whole[: max(whole.rfind(";"), whole.rfind("\t"))], "utf-8")
    lines = whole.count("\n") + 1
    with pytest.raises(ContractError, match=rf"{name}.*{lines}"):
        import_statistics(
            tmp_path / name, tmp_path / "data", form=form, meaning="employees_insured"
        )
    assert not (tmp_path / "data").exists()


# --- a data set of nothing else -----------------------------------------------------------------


@pytest.fixture
def official(tmp_path: Path) -> Path:
    import_statistics(FILES / "nama_10r_3empers.tsv", tmp_path / "official", form="eurostat")
    insured(tmp_path / "official")
    return tmp_path / "official"


def test_regions_alone_make_pages_on_the_economy_only(official: Path) -> None:
    done = CliRunner().invoke(app, ["list", "--data", str(official)])
    assert done.exit_code == 0, done.output
    assert "60_regions" in done.output
    assert not {"00_data_quality", "10_annual_report", "20_growth"} & {*done.output.split()}


def test_check_takes_a_data_set_of_statistics(official: Path) -> None:
    done = CliRunner().invoke(app, ["check", "--data", str(official)])
    assert done.exit_code == 0, done.output


def test_the_explorer_shows_regions_and_districts(official: Path) -> None:
    explorer = explore(official, "de")
    explorer.clusters.value = ("",)
    explorer.indicator.value = "employed_persons"
    assert "Potsdam: 116.200 im Jahr 2018 nach 115.140" in explorer.shown.sentence
    explorer.indicator.value, explorer.breakdown.value = "employees_insured", "sector"
    assert explorer.shown.svg


def test_two_years_of_a_cluster_make_a_page_that_says_it_is_not_the_monitoring(
    official: Path, tmp_path: Path
) -> None:
    file = tmp_path / "later.csv"
    text = (FILES / "genesis_new.csv").read_text("utf-8")
    file.write_text(text + "\n".join(text.splitlines()[1:]).replace(".2021;", ".2022;"), "utf-8")
    import_statistics(file, official, form="genesis", meaning="employees_insured")
    data_set = open_dataset(official)
    runs = plan_runs([data_set], FILES.parents[1], tmp_path / "out", locales=["de"])
    found = [(run.notebook.stem, run.cluster_id, run.year) for run in runs]
    assert [page for page in found if page[0] == "20_growth"] == [("20_growth", "ew", "2022")]
    assert {page[0] for page in found} == {"20_growth", "50_economy", "60_regions"}
    assert "sondern amtliche Statistik" in data_set.notices["de"]
    assert "Summen von Wirtschaftszweigen" in data_set.notices["de"]


def test_a_code_that_was_seen_in_no_file_says_that_it_is_assumed() -> None:
    codes = load_mapping("statistic_codes", StatisticCodes)
    unseen = codes["source"] == "none found"
    assert codes.loc[unseen, "is_assumption"].all()
    branch = codes[(codes["system"] == "genesis") & (codes["ours"] == "activity")]
    assert branch["is_assumption"].all()


def test_shipped_tables_keep_their_contracts() -> None:
    clusters = load_reference(resolve_data_dir("data/reference")).clusters
    limits = load_mapping("delimitation", Delimitation, clusters)
    assert limits["is_assumption"].all()  # no source prints a list of codes
    assert {*load_mapping("statistic_codes", StatisticCodes)["system"]} == {"genesis", "eurostat"}


def test_sections_and_codes_below_them_do_not_mix(tmp_path: Path) -> None:
    clusters = load_reference(resolve_data_dir("data/reference")).clusters
    limits = tmp_path / "limits.csv"
    limits.write_text(
        "cluster_id,scope,wz,valid_from,valid_to,is_assumption,source,reason\n"
        "imk,core,J,,,true,us,section\n"
        "imk,core,62,,,true,us,lies within J\n"
    )
    with pytest.raises(ContractError, match="either sections or codes below them"):
        load_mapping("delimitation", Delimitation, clusters, limits)


def test_the_command_says_what_it_wrote_and_left_out(tmp_path: Path) -> None:
    call = ["import", "statistics", str(FILES / "eurostat.csv"), "--data", str(tmp_path / "data")]
    done = CliRunner().invoke(app, [*call, "--format", "eurostat"])
    assert done.exit_code == 0, done.output
    assert "Wrote 4 rows" in done.output
    assert "Left out, other regions: 1" in done.output
