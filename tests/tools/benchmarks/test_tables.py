from tools.benchmarks.tables import Table, number
from tools.benchmarks.timing import Spread

TABLE = Table(
    "Steps",
    (
        {"preset": "one", "ms": Spread(12.34, 11.0, 1234.5), "MB": None, "memory": None},
        {"preset": "two", "ms": None, "MB": 0.5, "memory": None},
    ),
    ("A note.",),
)


def test_markdown_omits_empty_columns():
    assert str(TABLE).splitlines() == [
        "## Steps",
        "",
        "| preset | ms | MB |",
        "| --- | --- | --- |",
        "| one | 12.3 (11 to 1234) | – |",  # noqa: RUF001
        "| two | – | 0.5 |",  # noqa: RUF001
        "",
        "A note.",
    ]


def test_json_has_all_values():
    first, second = TABLE.to_dict()["rows"]
    assert first["ms"] == {"median": 12.34, "low": 11.0, "high": 1234.5}
    assert second == {"preset": "two", "ms": None, "MB": 0.5, "memory": None}


def test_numbers_have_three_digits_or_all_of_the_integer_part():
    assert [number(x) for x in (0.012345, 1.5, 999.4, 12345.6)] == ["0.0123", "1.5", "999", "12346"]
