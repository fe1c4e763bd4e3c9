import dataclasses
import json

import pytest

from pipelines.evaluation import published_baselines, systems, tables
from pipelines.evaluation.catalogue import COLUMNS
from pipelines.evaluation.results import Column, Estimate, Evaluation, Method, Row

KEYS = ("lsd_time", "timbre", "pitch_to_truth")


def row(method: Method, *numbers: float) -> Row:
    estimates = {
        key: Estimate(number, number - 1, number + 2) for key, number in zip(KEYS, numbers, strict=True)
    }
    return Row(method, estimates, {}, {})


ROWS = (
    row(systems.COPY_SOURCE, 10.0, 0.6, 0.5),
    row(systems.COPY_BAND, 15.0, 0.1, 0.9),
    Row(systems.EQ_MATCH, {"lsd_time": Estimate(9.0)}, {}, {}),
)


@pytest.fixture
def evaluation():
    columns = tuple(entry.column for entry in COLUMNS if entry.column.key in KEYS)
    settings = {"data": "songs"}
    return Evaluation(
        settings, 8000, (), columns, ROWS, published_baselines.compare(ROWS), ("one is missing",)
    )


def test_the_terminal_table(evaluation):
    lines = tables.terminal(evaluation).splitlines()
    assert lines[0] == "Truth: distance to the band's own recording"
    assert lines[3].split() == [
        "copy",
        "the",
        "source",
        "10.00",
        "±1.50",
        "0.600",
        "±1.500",
        "0.500",
        "±1.500",
    ]
    assert lines[5].split() == ["EQ", "match", "9.00", "-", "-"]
    assert len({len(line) for line in lines[2:6]}) == 1


def test_markdown_has_interval_ends_and_explanations(evaluation, tmp_path):
    text = tables.write_markdown(evaluation, tmp_path).read_text()
    assert "| copy a band song | 15.00 [14.00, 17.00] | 0.100 [-0.900, 2.100] |" in text
    assert "| EQ match | 9.00 | - | - |" in text
    assert f"- copy the source: {systems.COPY_SOURCE.explanation}" in text
    assert "- one is missing" in text
    assert "- data: songs" in text


def test_the_published_pattern(evaluation):
    assert evaluation.published.holds
    assert "| copy the content | 14.62 | 10.00 | 0.371 | 0.600 | 0.537 | 0.500 |" in tables.markdown(
        evaluation
    )
    assert "The published pattern holds: copying the content is best on pitch" in tables.terminal(evaluation)


@pytest.mark.parametrize(
    ("content", "style", "words"),
    [
        ((10.0, 0.6, 0.9), (15.0, 0.1, 0.5), "not better on pitch"),
        ((15.0, 0.6, 0.5), (10.0, 0.1, 0.9), "not worse on LSD"),
        ((10.0, 0.1, 0.5), (15.0, 0.6, 0.9), "not better on timbre"),
    ],
)
def test_deviations_from_the_pattern_are_named(content, style, words):
    found = published_baselines.compare([row(systems.COPY_SOURCE, *content), row(systems.COPY_BAND, *style)])
    assert found.holds is False
    assert words in found.sentence
    assert found.sentence.count(";") == 0


def test_no_comparison_without_the_truth():
    assert published_baselines.compare([Row(systems.COPY_SOURCE, {}, {}, {}), ROWS[1]]) is None


def test_json_has_no_infinite_numbers(evaluation, tmp_path):
    odd = dataclasses.replace(ROWS[0], estimates={"mcd": Estimate(float("nan"), float("-inf"), None)})
    path = dataclasses.replace(evaluation, rows=(odd,)).save(tmp_path)
    values = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert values["rows"][0]["estimates"]["mcd"] == {"mean": None, "low": None, "high": None}
    assert values["published"]["holds"] is True


def test_columns_have_unique_keys_and_explanations():
    columns: list[Column] = [entry.column for entry in COLUMNS]
    assert len({column.key for column in columns}) == len(columns)
    assert len({column.name for column in columns}) == len(columns)
    assert all(column.explanation.endswith(".") for column in columns)
