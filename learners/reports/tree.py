"""A report put together: from which node it starts, which lines it has, and what stays folded. Pure; reads nothing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import models

from learners.reports.folding import AT_LEAST, Folding, Place
from lms.errors import NotFound
from lms.organisations.models import Kind

LINES_AT_MOST = 3_000
# Of one tree: what was asked of it is asked again until it changes.
REPORTS_KEPT = 64


class Level(models.TextChoices):
    REGION = "region"
    PROVINCE = "province"
    CENTRE = "centre"


DEPTH = {Level.REGION: 1, Level.PROVINCE: 2, Level.CENTRE: 3}


@dataclass(frozen=True)
class Figures:
    """Counts of enrolments. `started` and `halfway` count those who went further too, as a funnel does."""

    enrolled: int = 0
    active: int = 0
    completed: int = 0
    certified: int = 0
    started: int = 0
    halfway: int = 0

    @property
    def silent(self) -> int:
        return self.enrolled - self.completed - self.active

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.enrolled + other.enrolled,
            self.active + other.active,
            self.completed + other.completed,
            self.certified + other.certified,
            self.started + other.started,
            self.halfway + other.halfway,
        )


@dataclass(frozen=True, kw_only=True)
class Node(Place):
    """A place with its words, and its own figures for the course that is asked for."""

    code: str
    name: dict[str, str]
    sort_name: str
    figures: Figures

    @property
    def depth(self) -> int:
        """1 region, 2 province, 3 where women learn; 0 above the regions."""
        if not self.is_territory:
            return DEPTH[Level.CENTRE]
        return {Kind.REGION: 1, Kind.PROVINCE: 2}.get(Kind(self.kind), 0)


@dataclass
class Line:
    """One line of a report. The line of the folded has no node."""

    node: Node | None = None
    figures: Figures = field(default_factory=Figures)
    ordinary: int = 0  # of the enrolled, not in a confidential centre

    def add(self, figures: Figures, ordinary: int) -> None:
        self.figures += figures
        self.ordinary += ordinary

    @property
    def too_few(self) -> bool:
        return self.figures.enrolled > 0 and self.ordinary < AT_LEAST


@dataclass(frozen=True)
class Report:
    """`funnel` is the total of what was asked; None where even that would speak of too few."""

    level: Level
    lines: Sequence[Line]
    funnel: Figures | None


@dataclass(frozen=True)
class Start:
    """A node from which a report goes down. `shown`: the nodes that have a name for her; none: all is withheld."""

    node: Node
    shown: Collection[str]
    at_home: bool


class Tree:
    """The part of the national tree that one person may see, as she may see it."""

    def __init__(self, nodes: Iterable[Node], *, home_paths: Collection[str]) -> None:
        self.nodes = {node.path: node for node in nodes}
        self.by_code = {node.code: node for node in self.nodes.values()}
        self.folding = Folding(self.nodes.values())
        self.home_paths = home_paths
        self.report_from = lru_cache(maxsize=REPORTS_KEPT)(self._report_from)

    def _report_from(self, organisation: str | None, level: Level | None) -> Report:
        """The report from a node named by its code, or from the highest of hers. Raises `NotFound` as `starts` does."""
        return self.report(self.starts(organisation), level)

    def starts(self, organisation: str | None) -> list[Start]:
        """The node named by its code, or the highest that are hers.

        Unknown, another's, and folded for her are one `NotFound`.
        """
        if organisation is None:
            return [self._start(node) for path, node in sorted(self.nodes.items()) if self.top(path) == path]
        node = self.by_code.get(organisation)
        if node is None or not self._exists(start := self._start(node)):
            raise NotFound
        return [start]

    def is_home(self, node: Node) -> bool:
        """A place where she herself works, and sees every line and name. A territory is nobody's home."""
        return not node.is_territory and node.path in self.home_paths

    def top(self, path: str) -> str:
        """The highest node of hers above `path`."""
        return list(self.folding.upwards(path))[-1]

    def _start(self, node: Node) -> Start:
        if self.is_home(node):
            return Start(node, {node.path, *self.folding.shown_from(node.path)}, at_home=True)
        return Start(node, self.folding.shown_from(self.top(node.path)), at_home=False)

    def _exists(self, start: Start) -> bool:
        node = start.node
        if node.is_territory and node.path in self.home_paths and node.path == self.top(node.path):
            return True  # she works for it, even where its total is withheld
        return start.at_home or (
            node.path in start.shown and (node.is_territory or not self._total(start).too_few)
        )

    def under(self, path: str) -> Iterator[Node]:
        return (node for node in self.nodes.values() if node.path.startswith(path))

    def report(self, starts: Sequence[Start], level: Level | None) -> Report:
        """The lines at `level`, or one below the highest start; a level above a start is the start's own."""
        highest = min((start.node.depth for start in starts), default=DEPTH[Level.CENTRE])
        depth = max(DEPTH[level], highest) if level else min(highest + 1, DEPTH[Level.CENTRE])
        lines: list[Line] = []
        rest, total = Line(), Line()
        seen = [start for start in starts if start.shown]
        for start in seen:
            own, folded = self._lines(start, max(depth, start.node.depth))
            lines += own
            if not folded.too_few:
                _lay_together(rest, [folded])
            _lay_together(total, [self._total(start)])
        return Report(list(Level)[depth - 1], _in_order(lines, rest), total.figures if seen else None)

    def _total(self, start: Start) -> Line:
        total = Line(start.node)
        for node in self.under(start.node.path):
            total.add(node.figures, self._ordinary(node))
        return total

    def _ordinary(self, node: Node) -> int:
        return 0 if node.path in self.folding.secret else node.figures.enrolled

    def _lines(self, start: Start, depth: int) -> tuple[list[Line], Line]:
        """The lines under a start, and the rest: what is folded, above the level, or beside it."""
        lines: dict[str, Line] = {}
        rest = Line()
        for node in self.under(start.node.path):
            step = self._line_of(node, start, depth)
            line = lines.setdefault(step.path, Line(step)) if step else rest
            line.add(node.figures, self._ordinary(node))
        return (list(lines.values()), rest) if start.at_home else _fold_too_few(list(lines.values()), rest)

    def _line_of(self, node: Node, start: Start, depth: int) -> Node | None:
        """The highest node at `depth` between the start and `node`, where it has a name for her."""
        way = [step for step in self.folding.upwards(node.path) if step.startswith(start.node.path)]
        step = next((step for step in reversed(way) if self.nodes[step].depth == depth), None)
        return self.nodes[step] if step and step in start.shown else None


def _fold_too_few(lines: Sequence[Line], rest: Line) -> tuple[list[Line], Line]:
    """Lay lines with one to four in the course asked for into the rest, which takes the oldest along if it must."""
    kept = [line for line in lines if not line.too_few]
    _lay_together(rest, [line for line in lines if line.too_few])
    if rest.too_few:
        company = [line for line in kept if line.ordinary >= AT_LEAST]
        oldest = sorted(company, key=lambda line: line.node.id if line.node else 0)[:1]
        _lay_together(rest, oldest)
        kept = [line for line in kept if line not in oldest]
    return kept, rest


def _lay_together(rest: Line, lines: Iterable[Line]) -> None:
    for line in lines:
        rest.add(line.figures, line.ordinary)


def _in_order(lines: Sequence[Line], rest: Line) -> list[Line]:
    """By name, the folded last. Beyond the longest answer the lines join the folded."""
    ordered = sorted(lines, key=lambda line: (line.node.sort_name, line.node.code) if line.node else ("", ""))
    _lay_together(rest, ordered[LINES_AT_MOST - 1 :])
    return ordered[: LINES_AT_MOST - 1] + ([rest] if rest.figures.enrolled else [])
