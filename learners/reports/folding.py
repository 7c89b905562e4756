"""Which organisations may stand in a report under their own name, and which are laid together (domain rule 15).

That a woman belongs to a confidential centre is a secret that protects her life, so no figure, and no sum or
difference of figures, may speak of such a centre alone. At every node of the tree some children are *folded*: they
and the people of the node itself become one indivisible group. Every figure of every report is a sum of whole groups
and whole shown children, so arithmetic over any number of answers never takes a group apart. docs/decisions/ says
why the groups are chosen as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lms.organisations.models import Kind

AT_LEAST = 5

# Above the places where women learn, the tree is territory: these nodes are sums, not doors.
TERRITORY = frozenset({Kind.MINISTRY, Kind.AGENCY, Kind.REGION, Kind.PROVINCE})


@dataclass(frozen=True, kw_only=True)
class Place:
    """An organisation and the enrolments counted at the very node, over all courses."""

    id: int
    path: str
    kind: str
    confidential: bool
    enrolled: int

    @property
    def is_territory(self) -> bool:
        return self.kind in TERRITORY


@dataclass
class _Subtree:
    """What lies under a node, the node included."""

    people: int = 0
    ordinary: int = 0  # of these, not in a confidential centre
    holds_secret: bool = False  # a confidential centre, whether or not anyone is in it
    children: list[str] = field(default_factory=list)


def parent_path(path: str) -> str:
    """`/ma/r01/p01/` → `/ma/r01/`; the root's parent is `/`."""
    return path[: path.rstrip("/").rfind("/") + 1]


class Folding:
    """The folding of a tree, or of the subtrees that someone may see.

    It depends on the totals over all courses only, and on which centre is older, not on which is larger: the same
    organisations stay folded from question to question and, as far as can be, from day to day. (Whoever watches
    could else take a centre's women out of the group on the day another centre replaces it.)
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {place.path: place for place in sorted(places, key=lambda place: place.path)}
        self.subtrees: dict[str, _Subtree] = defaultdict(_Subtree)
        self.secret: set[str] = set()
        for path, place in self.places.items():
            parent = parent_path(path)
            if place.confidential or parent in self.secret:
                self.secret.add(path)
            if parent in self.places:
                self.subtrees[parent].children.append(path)
            for above in self.upwards(path):
                self._add(above, place)

    def _add(self, above: str, place: Place) -> None:
        subtree = self.subtrees[above]
        subtree.people += place.enrolled
        if place.path in self.secret:
            subtree.holds_secret = True
        else:
            subtree.ordinary += place.enrolled

    def upwards(self, path: str) -> Iterator[str]:
        """The node and the nodes above it, as far as the tree reaches."""
        while path in self.places:
            yield path
            path = parent_path(path)

    def is_leaf(self, path: str) -> bool:
        return not self.subtrees[path].children

    def too_few(self, path: str) -> bool:
        """Whether the node must not stand alone: confidential, or without five ordinary enrolments.

        A territory where nobody is enrolled at all may: its zero is nobody's secret.
        """
        subtree = self.subtrees[path]
        if path in self.secret:
            return True
        return subtree.ordinary < AT_LEAST and (subtree.people > 0 or not self.places[path].is_territory)

    def folded(self, path: str) -> set[str]:
        """The children of a node that are laid together with the node's own people."""
        children = self.subtrees[path].children
        folded = {child for child in children if self.too_few(child)}
        if self._needs_company(path, folded):
            companions = [child for child in children if self._is_company(child) and child not in folded]
            folded.update(sorted(companions, key=lambda child: self.places[child].id)[:1])
        return folded

    def _needs_company(self, path: str, folded: set[str]) -> bool:
        if any(self.subtrees[child].holds_secret for child in folded):
            return True
        people = sum(self.subtrees[child].people for child in folded) + self.places[path].enrolled
        ordinary = sum(self.subtrees[child].ordinary for child in folded) + self.places[path].enrolled
        return people > 0 and ordinary < AT_LEAST

    def _is_company(self, path: str) -> bool:
        return self.subtrees[path].ordinary >= AT_LEAST

    def shown_from(self, top: str) -> set[str]:
        """The nodes that may stand under their own name before someone whose scope begins at `top`.

        `top` itself is among them, unless even the whole of it is too few.
        """
        if self.too_few(top):
            return set()
        shown, waiting = set[str](), [top]
        while waiting:
            path = waiting.pop()
            shown.add(path)
            waiting.extend(set(self.subtrees[path].children) - self.folded(path))
        return shown
