"""A last look at a page before it is written: does it open offline, can everyone read it?"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from ewm_analysis.errors import RunError
from ewm_analysis.report.scripts import script

FETCHING = {"src", "srcset", "poster", "data", "background", "action", "formaction"}
REMOTE_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)


def check_page(html: str) -> None:
    """Refuse a page that would run another script, ask a server, or leave a picture unexplained.

    Raises
    ------
    RunError
        With all complaints, one a line.

    Examples
    --------
    >>> check_page('<main><h1>Bericht</h1><img src="data:image/png;base64,AA" alt="Kurve"></main>')
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    complaints = list(dict.fromkeys(reader.complaints))
    if reader.titles != 1:
        hint = "the title is that of 'start'; tag other cells with '# …' as 'remove-cell'"
        complaints.append(
            f"one heading of the first level is needed, {reader.titles} found: {hint}"
        )
    if complaints:
        raise RunError("The page cannot be published:\n" + "\n".join(complaints))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[str] = []
        self.titles = 0
        self._in_style = False
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        given = {name: value or "" for name, value in attrs}
        self.titles += tag == "h1"
        self._in_style = tag == "style"
        if tag == "script" and not attrs:
            self._script = []
        elif tag == "script" and given.get("type") == "application/json":
            pass  # data, which no browser runs
        elif tag in ("script", "iframe", "object", "embed"):
            self.complaints.append(f"line {line}: <{tag}> is not allowed")
        if tag == "img" and not given.get("alt", "").strip():
            self.complaints.append(f"line {line}: a picture has no text that describes it")
        for name, value in given.items():
            if name.startswith("on") or value.strip().lower().startswith("javascript:"):
                self.complaints.append(f"line {line}: {name} of <{tag}> would run a script")
            if self._fetches(tag, name, value):
                self.complaints.append(f"line {line}: <{tag}> would fetch {value[:60]!r}")

    @staticmethod
    def _fetches(tag: str, name: str, value: str) -> bool:
        """A link may point anywhere; whatever is loaded with the page must lie inside it."""
        inside = value.startswith(("data:", "#")) or not value
        if tag == "link" or (tag in ("image", "use") and name in ("href", "xlink:href")):
            return name in ("href", "xlink:href") and not inside
        if name == "style":
            return bool(REMOTE_STYLE.search(value))
        return name in FETCHING and not inside

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._in_style = False
        if tag == "script" and self._script is not None:
            if "".join(self._script) not in (script("report"), script("site")):
                line = self.getpos()[0]
                self.complaints.append(
                    f"line {line}: <script> is not allowed: it is not the page's own"
                )
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        if self._in_style and REMOTE_STYLE.search(data):
            self.complaints.append(f"line {self.getpos()[0]}: a style sheet would fetch a file")
