"""What the explorer shows of a choice: title, figure, sentence, source and table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from ewm_analysis import figures
from ewm_analysis.catalogue import Words, indicator
from ewm_analysis.errors import MissingDataError
from ewm_analysis.figures import describe_change, describe_values, figure_svg, plot_values, style
from ewm_analysis.indicators import participants, projects_shared
from ewm_analysis.indicators.long import COMPUTED
from ewm_analysis.indicators.series import series_of
from ewm_analysis.notebook.explore_choice import NETWORK, Choice, Opened
from ewm_analysis.statistics.counts import NEW_EACH_YEAR
from ewm_analysis.tables import Table, network_table, values_table

Plot = Callable[[pd.DataFrame, Words], Axes]
Describe = Callable[[pd.DataFrame, Words], str]

OF_THE_REPORT: dict[str, tuple[Plot, Describe]] = {
    "status": (figures.plot_status, figures.describe_status),
    "funder": (figures.plot_funders, figures.describe_funders),
    "consortium_type": (figures.plot_consortia, figures.describe_consortia),
    "guideline": (figures.plot_guidelines, figures.describe_guidelines),
    "focus_topic": (figures.plot_focus_topics, figures.describe_focus_topics),
    "action_field": (figures.plot_action_fields, figures.describe_action_fields),
    "technology": (figures.plot_technologies, figures.describe_technologies),
    "state": (figures.plot_actors_by_state, figures.describe_actors_by_state),
    "actor_type": (figures.plot_actors_by_type, figures.describe_actors_by_type),
    "size_class": (figures.plot_company_sizes, figures.describe_company_sizes),
    "home_cluster": (figures.plot_cross_cluster_links, figures.describe_cross_cluster_links),
}
"""Breakdowns that the annual report has a figure for; it is drawn where one cluster is chosen."""

MAP = ("actors_projects", "actors_projects_running")


@dataclass(frozen=True)
class Shown:
    """One view: texts, figure and table; where there is nothing to draw, ``svg`` is empty."""

    title: str
    subtitle: str
    sentence: str
    svg: str = ""
    note: str = ""
    source: str = ""
    table: str = ""


def show(opened: Opened, choice: Choice, prefix: str) -> Shown:
    """Return what a choice shows; what the data set does not know is said in a sentence.

    Parameters
    ----------
    opened : Opened
        The data set.
    choice : Choice
        What the controls say.
    prefix : str
        Put before the ids within figure and table, unique on a page.
    """
    if choice.view == "map":  # it shows one cluster: clusters share actors and are never summed
        choice = replace(
            choice, indicator=MAP[0], breakdown="district", clusters=choice.clusters[:1]
        )
    elif choice.view == "network":
        choice = replace(choice, indicator=NETWORK, breakdown="home_cluster")
    views = {"chart": _chart, "map": _map, "network": _network}
    try:
        return views[choice.view](opened, choice, prefix)
    except MissingDataError:
        return Shown(*_heading(opened.words, choice), _missing(opened, choice))


def _chart(opened: Opened, choice: Choice, prefix: str) -> Shown:
    words, rows = opened.words, choice.rows(opened.known)
    svg, sentence = _figure_of_the_report(rows, words, choice, prefix)
    if not svg:
        svg = _drawn(plot_values, rows, words, prefix)
        sentence = describe_values(rows, words)
    if choice.indicator in NEW_EACH_YEAR and not choice.breakdown and len(choice.clusters) == 1:
        sentence = f"{sentence} {describe_change(rows, words, int(rows['year'].max()))}".strip()
    if rows["is_provisional"].any():
        sentence = f"{sentence} {words.text('explore.provisional')}"
    table = values_table(choice.rows(pd.concat([opened.values, opened.withheld])), words)
    note = indicator(choice.indicator).definition.in_(words.locale)
    return _shown(opened, choice, prefix, svg=svg, sentence=sentence, note=note, table=table,
                  sources=rows)  # fmt: skip


def _figure_of_the_report(
    rows: pd.DataFrame, words: Words, choice: Choice, prefix: str
) -> tuple[str, str]:
    """Return figure and sentence as in the annual report; empty where it has none for this."""
    if choice.breakdown not in OF_THE_REPORT or len(series_of(rows, words)) != 1:
        return "", ""
    plot, describe = OF_THE_REPORT[choice.breakdown]
    try:
        return _drawn(plot, rows, words, prefix), describe(rows, words)
    except MissingDataError:  # it shows other indicators by this breakdown
        return "", ""


def _map(opened: Opened, choice: Choice, prefix: str) -> Shown:
    """The districts of Brandenburg in the last year that is known."""
    words = opened.words
    rows = pd.concat([replace(choice, indicator=name).rows(opened.known) for name in MAP])
    sentence = figures.describe_district_map(rows, words)
    svg = _drawn(figures.plot_district_map, rows, words, prefix)
    shown = choice.rows(pd.concat([opened.values, opened.withheld]))
    return _shown(opened, choice, prefix, svg=svg, sentence=sentence,
                  note=words.text("explore.note.map"), table=values_table(shown, words),
                  sources=rows)  # fmt: skip


def _network(opened: Opened, choice: Choice, prefix: str) -> Shown:
    """Homes of actors joined by the new projects that the chosen clusters report."""
    words, records = opened.words, opened.dataset.records
    projects = records["projects"]
    own = projects["is_new"] & projects["cluster_id"].isin(choice.clusters)
    own &= projects["year"].between(choice.first_year, choice.last_year)
    projects = projects[own & (projects["year"] == projects.loc[own, "year"].max())]
    involved = participants(projects, "project_id", records["participations"], records["actors"])
    rows = projects_shared(involved, words.reference)
    svg = _drawn(figures.plot_shared_projects, rows, words, prefix)
    sentence = figures.describe_shared_projects(rows, words)
    return _shown(opened, choice, prefix, svg=svg, sentence=sentence,
                  note=words.text("explore.note.network"), table=network_table(involved, words),
                  sources=rows)  # fmt: skip


def _drawn(plot: Plot, rows: pd.DataFrame, words: Words, prefix: str) -> str:
    with style():
        figure = plot(rows, words).get_figure(root=True)
        assert figure is not None
        svg = figure_svg(figure, prefix)
    plt.close(figure)
    return svg


def _shown(
    opened: Opened,
    choice: Choice,
    prefix: str,
    *,
    svg: str,
    sentence: str,
    note: str,
    table: Table,
    sources: pd.DataFrame,
) -> Shown:
    title, subtitle = _heading(opened.words, choice)
    caption = opened.words.text("explore.table", title=title)
    html = table.html(caption, f"{prefix}-table")
    return Shown(title, subtitle, sentence, svg, note, _source(opened, sources), html)


def _heading(words: Words, choice: Choice) -> tuple[str, str]:
    """Return what is shown, and of whom, when and by what."""
    label = words.indicator(choice.indicator)
    title = words.text(f"explore.title.{choice.view}", name=label)
    parts = [_who(words, choice.clusters), choice.span()]
    if choice.breakdown and choice.view == "chart":
        dimension = words.text(f"tables.dimension.{choice.breakdown}")
        parts.append(words.text("explore.by", dimension=dimension))
    return title, " · ".join(filter(None, parts))


def _who(words: Words, clusters: tuple[str, ...]) -> str:
    if len(clusters) == 1:
        (code,) = clusters
        return words.label("cluster", code) if code else words.text("explore.no_cluster")
    return ", ".join(words.short(code) if code else words.text("explore.no_cluster")
                     for code in clusters)  # fmt: skip


def _missing(opened: Opened, choice: Choice) -> str:
    """Say that there is no figure, and for whom there are some."""
    words = opened.words
    if not choice.clusters:
        return words.text("explore.missing.clusters")
    found = choice.anywhere(opened.known)
    if found.empty:
        return words.text("explore.missing.everywhere")
    years = found.groupby("cluster_id")["year"].agg(["min", "max"])
    told = [
        words.text("explore.missing.known", name=_who(words, (code,)), years=_years(years, code))
        for code in opened.clusters().values()
        if code in years.index
    ]
    return words.text("explore.missing.here", known=words.join(told))


def _years(years: pd.DataFrame, code: str) -> str:
    first, last = (int(years.loc[code, name]) for name in ("min", "max"))
    return str(first) if first == last else f"{first}–{last}"


def _source(opened: Opened, rows: pd.DataFrame) -> str:
    """Name each source once."""
    words, titles = opened.words, opened.dataset.reference.sources.set_index("source_id")["title"]
    voice = "outside" if opened.dataset.notices else "notebook"
    named = [
        words.text(f"{voice}.source.records", title=titles[source])
        if source == COMPUTED
        else str(titles[source])
        for source in dict.fromkeys(rows["source_id"])
    ]
    return words.text("notebook.source.line", sources="; ".join(named))
