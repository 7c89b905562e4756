"""No figure, and no sum or difference of figures, speaks of a confidential centre or of fewer than five alone.

The trees are drawn at random. Each place carries a bit of its own through the sums, so that every figure tells
which places are in it. Two places that are in exactly the same figures cannot be told apart by any arithmetic.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from learners.reports.folding import AT_LEAST, Folding
from learners.reports.tree import Figures, Level, Node, Report, Tree
from lms.errors import NotFound


@dataclass(frozen=True)
class Drawn:
    """A place as it is drawn: learners on two courses, and whether it is confidential."""

    path: str
    kind: str
    confidential: bool
    courses: tuple[int, int]


def place(path: str, kind: str, people: int = 0, *, confidential: bool = False) -> Drawn:
    return Drawn(path, kind, confidential, (people, 0))


counts = st.tuples(st.integers(0, 9), st.sampled_from([0, 0, 1, 3, 12]))


@st.composite
def countries(draw: st.DrawFn) -> list[Drawn]:
    drawn = [Drawn("/m/", "ministry", False, draw(counts)), place("/m/a/", "agency")]
    drawn.append(Drawn("/m/i/", "institute", False, draw(counts)))
    for region in range(draw(st.integers(1, 3))):
        above = f"/m/a/r{region}/"
        drawn.append(place(above, "region", draw(st.sampled_from([0, 0, 2]))))
        for province in range(draw(st.integers(0, 3))):
            path = f"{above}p{province}/"
            drawn.append(place(path, "province", draw(st.sampled_from([0, 0, 3]))))
            for centre in range(draw(st.integers(0, 4))):
                secret = draw(st.sampled_from([False, False, True]))
                drawn.append(Drawn(f"{path}c{centre}/", "centre", secret, draw(counts)))
    order = draw(st.permutations(range(len(drawn))))
    return [drawn[index] for index in order]


def nodes(country: Sequence[Drawn], course: int | None = None) -> list[Node]:
    """`certified` carries the bit of the place: it adds up like any figure."""
    return [
        Node(
            id=number,
            path=each.path,
            kind=each.kind,
            confidential=each.confidential,
            enrolled=sum(each.courses),
            code=each.path.strip("/").replace("/", "-"),
            name={},
            sort_name=each.path,
            figures=Figures(
                enrolled=sum(each.courses) if course is None else each.courses[course], certified=1 << number
            ),
        )
        for number, each in enumerate(country)
    ]


def answers(country: Sequence[Drawn], viewer: str) -> Iterator[Report]:
    """Everything that someone who works for the territory `viewer` can be told."""
    for course in (None, 0, 1):
        hers = [node for node in nodes(country, course) if node.path.startswith(viewer)]
        tree = Tree(hers, home_paths={viewer})
        for organisation in (None, *tree.by_code):
            for level in (None, *Level):
                with suppress(NotFound):
                    yield tree.report(tree.starts(organisation), level)


def sums(report: Report) -> list[int]:
    """The places of each figure, as bits."""
    total = [report.funnel.certified] if report.funnel else []
    return [line.figures.certified for line in report.lines] + total


def alike(country: Sequence[Drawn], viewer: str) -> list[list[Drawn]]:
    """The places in groups that no figure tells apart; without those that are in no figure at all."""
    seen = [bits for report in answers(country, viewer) for bits in sums(report)]
    groups: dict[tuple[int, ...], list[Drawn]] = {}
    for number, each in enumerate(country):
        column = tuple(bits >> number & 1 for bits in seen)
        if any(column):
            groups.setdefault(column, []).append(each)
    return list(groups.values())


def ordinary(group: Sequence[Drawn]) -> int:
    return sum(sum(each.courses) for each in group if not each.confidential)


@settings(max_examples=150, deadline=None)
@given(country=countries())
def test_no_arithmetic_over_all_answers_isolates_a_confidential_centre_or_fewer_than_five(
    country: list[Drawn],
) -> None:
    territories = [each.path for each in country if each.kind not in {"centre", "institute"}]
    for viewer in territories:
        for group in alike(country, viewer):
            people = sum(sum(each.courses) for each in group)
            assert people == 0 or ordinary(group) >= AT_LEAST, (viewer, group)
            if any(each.confidential for each in group) and people:
                assert any(not each.confidential for each in group)


@settings(max_examples=100, deadline=None)
@given(country=countries())
def test_every_line_holds_at_least_five_and_all_lines_together_are_the_total(country: list[Drawn]) -> None:
    tree = Tree(nodes(country), home_paths={"/m/"})
    for level in Level:
        report = tree.report(tree.starts(None), level)
        assert all(line.figures.enrolled == 0 or line.figures.enrolled >= AT_LEAST for line in report.lines)
        if report.funnel:
            assert sum(line.figures.enrolled for line in report.lines) == report.funnel.enrolled


@settings(max_examples=100, deadline=None)
@given(country=countries(), grown=st.integers(0, 30), by=st.integers(1, 40))
def test_a_centre_that_grows_does_not_let_the_women_of_another_be_told_from_the_rest(
    country: list[Drawn], grown: int, by: int
) -> None:
    """Who stays folded from one day to the next is never a confidential centre without ordinary company."""
    number = grown % len(country)
    later = list(country)
    more = (country[number].courses[0] + by, country[number].courses[1])
    later[number] = replace(country[number], courses=more)
    for province in {each.path for each in country if each.kind == "province"}:
        children = [each for each in country if each.path.startswith(province) and each.path != province]
        both = Folding(nodes(country)).folded(province) & Folding(nodes(later)).folded(province)
        company = [each for each in later if each.path in both and not each.confidential]
        enough = [each for each in children if not each.confidential and sum(each.courses) >= AT_LEAST]
        if enough and any(each.confidential for each in children):
            assert ordinary(company) >= AT_LEAST


def larache(*, shelter: int, centres: Sequence[int]) -> list[Drawn]:
    made = [place("/p/", "province"), place("/p/shelter/", "centre", shelter, confidential=True)]
    return made + [place(f"/p/c{number}/", "centre", people) for number, people in enumerate(centres)]


def lines(country: Sequence[Drawn]) -> dict[str | None, int]:
    tree = Tree(nodes(country), home_paths={"/p/"})
    report = tree.report(tree.starts(None), None)
    return {line.node.path if line.node else None: line.figures.enrolled for line in report.lines}


def test_a_confidential_centre_takes_the_oldest_ordinary_centre_along() -> None:
    assert lines(larache(shelter=6, centres=[20, 8, 30])) == {"/p/c1/": 8, "/p/c2/": 30, None: 26}


def test_a_confidential_centre_takes_company_even_before_anyone_is_in_it() -> None:
    assert lines(larache(shelter=0, centres=[20, 8])) == {"/p/c1/": 8, None: 20}


def test_centres_under_five_are_folded_and_take_company_only_when_they_are_too_few() -> None:
    without = [each for each in larache(shelter=0, centres=[20, 3, 4, 9]) if not each.confidential]
    assert lines(without) == {"/p/c0/": 20, "/p/c3/": 9, None: 7}
    assert lines(without[:3]) == {None: 23}


def test_a_territory_of_confidential_women_only_is_told_nothing() -> None:
    tree = Tree(nodes(larache(shelter=30, centres=[3])), home_paths={"/p/"})
    report = tree.report(tree.starts(None), None)
    assert (list(report.lines), report.funnel) == ([], None)


def test_a_province_with_too_few_is_folded_with_another_before_the_region() -> None:
    country = [
        place("/r/", "region"),
        place("/r/a/", "province"),
        place("/r/a/c/", "centre", 40),
        place("/r/b/", "province"),
        place("/r/b/s/", "centre", 7, confidential=True),
        place("/r/d/", "province"),
        place("/r/d/c/", "centre", 11),
        place("/r/e/", "province"),
    ]
    tree = Tree(nodes(country), home_paths={"/r/"})
    report = tree.report(tree.starts(None), Level.PROVINCE)
    shown = {line.node.path if line.node else None: line.figures.enrolled for line in report.lines}
    assert shown == {"/r/d/": 11, "/r/e/": 0, None: 47}
    centres = tree.report(tree.starts(None), Level.CENTRE)
    assert {line.node.path if line.node else None for line in centres.lines} == {"/r/d/c/", None}


def test_more_lines_than_an_answer_holds_join_the_folded() -> None:
    country = [place("/p/", "province")] + [
        place(f"/p/c{number:04}/", "centre", 5) for number in range(3_010)
    ]
    found = lines(country)
    assert len(found) == 3_000
    assert found[None] == 5 * (3_010 - 2_999)
