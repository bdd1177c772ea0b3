"""The command ``ewm``. Heavy libraries are imported only by the command that needs them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from ewm_analysis.cli.data import (
    check,
    example,
    history,
    import_app,
    init,
    map_list,
    restore,
    template,
)
from ewm_analysis.cli.describe import describe
from ewm_analysis.cli.editions import diff, publish, why
from ewm_analysis.cli.run import close_output, list_runs, run, verify
from ewm_analysis.errors import EwmError, ParameterError

WRONG_USE = 2
FAILURE = 1
INTERRUPTED = 130

OBJECTS = 10_000
"""So many new ones before cycles are looked for: a command makes millions, and hardly a cycle."""


@contextmanager
def _read_enough() -> Iterator[None]:
    """End well where the reader has seen enough, as `head` does."""
    try:
        yield
    except BrokenPipeError:
        close_output()
        raise typer.Exit from None


class PlainErrors(TyperGroup):
    """Prints an error raised on purpose as plain text: it is written for the user."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the command line; ``--help`` is printed here."""
        with _read_enough():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; wrong use ends with 2, everything else that fails with 1."""
        gc.set_threshold(OBJECTS)
        try:
            with _read_enough():
                return super().invoke(ctx)
        except EwmError as error:
            typer.echo(f"ewm: {error}", err=True)
            code = WRONG_USE if isinstance(error, ParameterError) else FAILURE
            raise typer.Exit(code) from None
        except KeyboardInterrupt:
            typer.echo("\newm: stopped; finished pages are kept.", err=True)
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Results-and-effects monitoring (EWM) of innovation clusters: run the notebooks per "
    "year and cluster, and read the results as HTML.",
    epilog="Start with 'ewm list', then 'ewm run', and open outputs/index.html.",
)
app.command("init")(init)
app.command("run")(run)
app.command("list")(list_runs)
app.command("describe")(describe)
app.command("verify")(verify)
app.command("publish")(publish)
app.command("diff")(diff)
app.command("why")(why)
app.command("check")(check)
app.command("example")(example)
app.command("template")(template)
app.command("map")(map_list)
app.command("history")(history)
app.command("restore")(restore)
app.add_typer(import_app, name="import")
