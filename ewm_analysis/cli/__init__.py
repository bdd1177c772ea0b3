"""The command ``ewm``. Heavy libraries are imported only by the command that needs them."""

from __future__ import annotations

import gc
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from ewm_analysis.cli import data, editions, run
from ewm_analysis.errors import EwmError, ParameterError
from ewm_analysis.l10n import LOCALES

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
        run.close_output()
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
imports = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Take records from outside into a data set, checked cell by cell.",
)
COMMANDS: dict[str, Callable[..., None]] = {
    "init": data.init,
    "run": run.run,
    "list": run.list_runs,
    "describe": editions.describe,
    "verify": run.verify,
    "publish": editions.publish,
    "diff": editions.diff,
    "why": editions.why,
    "check": data.check,
    "example": data.example,
    "template": data.template,
    "map": data.map_list,
    "history": data.history,
    "restore": data.restore,
    "import cordis": data.import_cordis,
    "import statistics": data.import_statistics,
    "import published": data.import_published,
    "import workbook": data.import_workbook,
    "import list": data.import_list,
}
OPTIONS = tomllib.loads(files(__package__).joinpath("options.toml").read_text("utf-8"))


def _declared(name: str, command: Callable[..., None]) -> Callable[..., None]:
    """Return a command whose parameters have help and limits as ``options.toml`` says."""
    told = OPTIONS["any"] | OPTIONS.get(name, {})
    for parameter, kind in get_type_hints(command).items():
        if parameter == "return":
            continue
        own = told[parameter.rstrip("_")]
        own = {"help": own} if isinstance(own, str) else {**own}
        own["help"] = own["help"].replace("{locales}", " or ".join(LOCALES))
        if "argument" in own:
            given = typer.Argument(metavar=own.pop("argument") or None, **own)
        else:
            given = typer.Option(f"--{parameter.rstrip('_').replace('_', '-')}", **own)
        command.__annotations__[parameter] = Annotated[kind, given]
    return command


for _name, _command in COMMANDS.items():
    _group, _, _own = _name.rpartition(" ")
    (imports if _group else app).command(_own)(_declared(_name, _command))
app.add_typer(imports, name="import")
