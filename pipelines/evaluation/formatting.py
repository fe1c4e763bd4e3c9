"""Text of numbers, group titles and comparisons, shared by the text tables and the HTML report."""

from __future__ import annotations

from pipelines.evaluation.results import Column, Estimate, Evaluation, Group, PublishedComparison

GROUP_TITLES: dict[Group, tuple[str, str]] = {
    "balance": ("Balance", "content kept and style reached, each scaled between the two copies"),
    "paired": ("Truth", "distance to the band's own recording"),
    "content": ("Content", "preservation of the song; a copy of the source is perfect here"),
    "singer": ("Singer", "what is left of the singer and of the old accompaniment, in songs with a stem"),
    "style": ("Style", "similarity to the band's sound; a copy of a band song is perfect here"),
    "faults": ("Faults", "what should be 0: levels that run away, hum, silence"),
    "cost": ("Cost", "processor time of a translation"),
}
"""Title and explanation of each group of columns."""

PUBLISHED_TITLE = "Comparison with published numbers"


def number(value: float, column: Column) -> str:
    """A value in the column's digits with a typographic minus sign, without unit."""
    return f"{value:.{column.digits}f}".replace("-", "\N{MINUS SIGN}")


def with_unit(value: float, column: Column) -> str:
    """A value with its unit, such as "6.40 dB"."""
    return f"{number(value, column)} {column.unit}".rstrip()


def interval(estimate: Estimate, column: Column) -> str:
    """An interval, such as "0.80 to 0.86"; empty if there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{number(estimate.low, column)} to {number(estimate.high, column)}"


def mean_and_interval(estimate: Estimate, column: Column) -> str:
    """Mean and interval, such as "6.40 dB (5.90 to 7.10)"."""
    ends = interval(estimate, column)
    return with_unit(estimate.mean, column) + (f" ({ends})" if ends else "")


def published_columns(evaluation: Evaluation, published: PublishedComparison) -> list[tuple[Column, str]]:
    """Columns of the table of a published comparison: each measured one twice, "published" and "ours"."""
    known = {column.key: column for column in evaluation.columns}
    columns = [known[key] for key in published.columns if key in known]
    return [(column, origin) for column in columns for origin in ("published", "ours")]


def published_cells(
    evaluation: Evaluation, published: PublishedComparison
) -> list[tuple[str, list[tuple[float | None, Column]]]]:
    """Rows of the table of a published comparison: name, and the values of `published_columns`."""
    rows = []
    for row in published.rows:
        sides = {"published": row.published, "ours": row.ours or {}}
        columns = published_columns(evaluation, published)
        rows.append((row.name, [(sides[origin].get(column.key), column) for column, origin in columns]))
    return rows


def published_summary(published: PublishedComparison) -> str:
    """Sentence that says whether our rows show the published pattern."""
    sentence = published.sentence.rstrip(".") + "."
    if published.holds is None:
        return sentence[:1].upper() + sentence[1:]
    return f"The published pattern {'holds' if published.holds else 'does not hold'}: {sentence}"
