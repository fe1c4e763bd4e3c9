from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from pipelines.evaluation.report.axes import column_axis
from pipelines.evaluation.report.labels import Box, Label, place_labels
from pipelines.evaluation.report.scatter import scatter
from pipelines.evaluation.report.selection import Axes
from tests.evaluation.reports import CHROMA, KAD, KINDS, PROBABILITY, evaluation, row

FRAME = Box(0, 0, 500, 380)


def published(seed, count, spread):
    """Labels of random widths for dots around the centre of the frame."""
    rng = np.random.default_rng(seed)
    places = np.array([250, 190]) + spread * rng.uniform(-1, 1, (count, 2))
    return [Label(x, y, rng.uniform(50, 150), 16) for x, y in places]


@pytest.mark.parametrize(("seed", "spread"), [(0, 160), (1, 60), (2, 15), (3, 0)])
def test_labels_do_not_overlap_and_stay_in_the_frame(seed, spread):
    found = published(seed, 10, spread)
    dots = [Box(each.x - 6, each.y - 6, each.x + 6, each.y + 6) for each in found]
    boxes = place_labels(found, FRAME, dots, [])
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert not any(box.overlaps(dot) for box in boxes for dot in dots)
    assert all(FRAME.contains(box) for box in boxes)
    for box, anchor in zip(boxes, found, strict=True):
        assert (box.right - box.left, box.bottom - box.top) == pytest.approx((anchor.width, anchor.height))


def test_a_single_label_is_beside_its_dot():
    (box,) = place_labels([Label(250, 190, 80, 16)], FRAME, [], [])
    assert (box.left, box.top) == pytest.approx((260, 182))


def test_labels_avoid_lines_where_they_can():
    bar = Box(200, 188, 400, 192)
    (box,) = place_labels([Label(250, 190, 80, 16)], FRAME, [], [bar])
    assert not box.overlaps(bar)


def chart(rows, style=PROBABILITY, size=(560.0, 430.0)):
    return scatter(evaluation(rows), Axes(CHROMA, style), *size)


def marks(svg):
    """Centres of the models' dots by name."""
    found = {}
    for group in svg.iter("g"):
        if group.find("title") is not None and (dot := group.find("circle")) is not None:
            found[group.find("title").text] = (float(dot.get("cx")), float(dot.get("cy")))
    return found


def test_better_values_are_further_up_and_right():
    rows = [
        row(key, "model", {"chroma_to_truth": value, "probability": value, "kad_embedding": 10 - value})
        for key, value in (("bad", 1.0), ("good", 2.0))
    ]
    for style in (PROBABILITY, KAD):
        dots = marks(chart(rows, style))
        assert dots["good"][0] > dots["bad"][0]
        assert dots["good"][1] < dots["bad"][1]


def test_every_row_with_both_numbers_has_mark_label_bars_and_description():
    rows = [row(kind, kind, {"chroma_to_truth": 0.5, "probability": 0.5}) for kind in KINDS]
    rows.append(row("half", "model", {"chroma_to_truth": 0.5}))
    svg = chart(rows, size=(350.0, 380.0))
    texts = [each.text for each in svg.iter("text") if "label" in each.get("class")]
    assert texts == list(KINDS)
    assert {len(list(svg.iter(tag))) for tag in ("circle", "polygon")} == {1}
    assert len([g for g in svg.iter("g") if "bars" in g.get("class", "")]) == 3
    assert "model: 0.500 (0.400 to 0.600), 0.500 (0.400 to 0.600)" in svg.get("aria-label")
    assert "half" not in svg.get("aria-label")
    assert "nan" not in ElementTree.tostring(svg, encoding="unicode")


def test_long_names_are_abbreviated_with_the_full_name_as_title():
    name = "a name that is much longer than its room"
    svg = chart([row("m", "model", {"chroma_to_truth": 0.5, "probability": 0.5}, name=name)])
    (label,) = [each.text for each in svg.iter("text") if "label" in each.get("class")]
    assert len(label) == 24
    assert label.endswith("…")
    assert name in [each.text for each in svg.iter("title")]


def test_ticks_are_round_and_inside():
    rows = [row(key, "model", {"kad_embedding": value}) for key, value in (("x", 3.0), ("y", 17.0))]
    scale = column_axis(rows, KAD, 0, 100)
    assert scale.ticks(4) == [5, 10, 15]
    assert (scale(scale.first), scale(scale.last)) == (0, 100)
    assert scale.last < 2.9 < 17.1 < scale.first
