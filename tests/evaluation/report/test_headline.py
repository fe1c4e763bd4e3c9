import dataclasses

from pipelines.evaluation.balance import COLUMNS as BALANCE_COLUMNS
from pipelines.evaluation.report import selection
from pipelines.evaluation.report.headline import NO_COMPARISON, headline
from pipelines.evaluation.results import Estimate, Method, Row
from tests.evaluation.reports import KAD, PROBABILITY, evaluation, row, scores

COPY = row("copy", "baseline", scores(9.0, 0.9, 0.1))
ORACLE = row("oracle", "bound", scores(1.0, 0.99, 0.99))


def test_the_closest_to_the_truth_is_named_with_its_lead_and_bounds_are_excluded():
    mine = row("mine", "model", scores(6.0, 0.8, 0.7))
    sentence = headline(evaluation([COPY, ORACLE, mine]))
    assert sentence.startswith("“mine” is closest")
    assert "log-mel error 6.00 dB (5.90 to 6.10)" in sentence
    assert "ahead of “copy” with 9.00 dB (8.90 to 9.10)" in sentence
    assert "uncertain" not in sentence


def test_songs_in_which_it_is_ahead_are_counted():
    songs = [{"a": {"log_mel_error": 5.0}, "b": {"log_mel_error": 7.0}, "c": {}}]
    songs.append({"a": {"log_mel_error": 6.0}, "b": {"log_mel_error": 6.0}, "c": {"log_mel_error": 1.0}})
    rows = [
        row(key, "model", scores(mean, 1, 1), songs=each)
        for key, mean, each in zip("xy", (6, 6.5), songs, strict=True)
    ]
    assert "in 1 of 2 songs" in headline(evaluation(rows))


def test_overlapping_intervals_make_the_lead_uncertain():
    near = [row(key, "model", scores(mean, 1, 1)) for key, mean in (("x", 6.0), ("y", 6.15))]
    far = [row(key, "model", scores(mean, 1, 1)) for key, mean in (("x", 6.0), ("y", 6.25))]
    assert "uncertain" in headline(evaluation(near))
    assert "uncertain" not in headline(evaluation(far))


def test_a_leading_baseline_is_stated_first():
    worse = [row(key, "model", scores(mean, 0.5, 0.5)) for key, mean in (("m", 12.0), ("n", 13.0))]
    eq = row("eq", "baseline", scores(8.0, 0.9, 0.2))
    sentence = headline(evaluation([COPY, eq, *worse]))
    assert sentence.startswith("No model beats the baselines. “eq” is closest")
    assert "The best model, “m”, has 12.00 dB" in sentence


def test_without_truth_neither_copy_leads():
    means = {"copy": (1.0, 0.0, 0.0), "mine": (0.8, 0.7, 0.747), "weak": (0.5, 0.4, 0.444)}
    rows = [
        row(
            key,
            "baseline" if key == "copy" else "model",
            {"content_kept": kept, "style_reached": reached, "balance": balance},
        )
        for key, (kept, reached, balance) in means.items()
    ]
    sentence = headline(evaluation(rows, columns=BALANCE_COLUMNS))
    assert sentence.startswith("“mine” has the best balance of content and style: balance 0.75 (")
    assert "content kept 0.80 (" in sentence
    without = evaluation(rows, columns=BALANCE_COLUMNS[:2])
    assert headline(without) == NO_COMPARISON


def test_lower_is_better_for_distances():
    rows = [
        row(k, "model", {"kad_embedding": v, "chroma_to_source": 0.5}) for k, v in (("x", 3.0), ("y", 1.0))
    ]
    assert [each.method.key for each in selection.ranking(rows, KAD)] == ["y", "x"]


def test_nearest_to_its_target_is_best():
    column = dataclasses.replace(KAD, target=1.0)
    rows = [row(k, "model", {"kad_embedding": v}) for k, v in (("x", 3.0), ("y", 0.2), ("z", 1.1))]
    assert [each.method.key for each in selection.ranking(rows, column)] == ["z", "y", "x"]
    assert column.heading.endswith("→ 1")


def test_views_share_no_column_and_need_two_rows_with_both():
    rows = [
        row(k, "model", {**scores(1.0, v, v), "chroma_to_source": v, "kad_embedding": v})
        for k, v in (("x", 0.1), ("y", 0.2))
    ]
    first, second = selection.views(evaluation(rows))
    assert (first.content.key, first.style.key) == ("chroma_to_truth", "probability")
    assert (second.content.key, second.style.key) == ("chroma_to_source", "kad_embedding")
    halves = [row(f"{k}{n}", "model", {k: 0.5}) for k in ("chroma_to_source", "probability") for n in "12"]
    assert selection.views(evaluation(halves)) == []


def test_infinite_intervals_and_means_are_not_shown():
    method = Method("m", "m", "model", "")
    estimates = {"probability": Estimate(0.5, float("-inf"), 1.0), "kad_embedding": Estimate(float("nan"))}
    found = Row(method, estimates, {}, {})
    assert selection.estimate(found, PROBABILITY) == Estimate(0.5)
    assert selection.estimate(found, KAD) is None


def test_no_measured_column_gives_a_sentence():
    assert headline(evaluation([row("a", "model", {})])) == NO_COMPARISON
