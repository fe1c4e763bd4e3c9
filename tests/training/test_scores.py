"""Tests of the metrics: their names, which follow from others, and which cannot be measured."""

import math

import pytest

from pipelines.errors import UserError
from pipelines.training import scores
from pipelines.training.scores import OptionalMetrics


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("style/kda", "did you mean style/kad"),
        ("onset_f1", r"did you mean content/onset_f1\?"),
        ("score", r"did you mean score/balance\?"),
        ("xyz", "the metrics are content/chroma_to_source, content/onset_f1, style/kad"),
    ],
)
def test_an_unknown_name_names_the_near_ones(name, message):
    with pytest.raises(UserError, match=rf"--keep_best {name}: there is no such metric; {message}"):
        scores.require_metric(name)
    assert scores.require_metric("style/kad") == "style/kad"


def test_less_is_better_for_a_distance_only():
    distance, probability = scores.METRICS["style/kad"], scores.METRICS["style/p_band"]
    assert distance.improves(1.0, 2.0)
    assert not distance.improves(2.0, 2.0)
    assert probability.improves(0.2, 0.1)
    assert not probability.improves(0.1, 0.2)
    assert probability.improves(0.0, None)


def test_the_balance_is_the_harmonic_mean_of_notes_and_way():
    values = {"style/kad": 10.0, "content/chroma_to_source": 0.9}
    found = scores.summarised(values, 40.0, OptionalMetrics())
    balance = 2 / (1 / 0.9 + 1 / 0.75)
    assert found == {"style/closeness": pytest.approx(0.75), "score/balance": pytest.approx(balance)}


@pytest.mark.parametrize(
    ("kad", "closeness", "balance"), [(40.0, 0.0, 0.0), (60.0, -0.5, 0.0), (-1.0, 1.0, 1.0)]
)
def test_a_copy_and_worse_have_no_balance_and_no_song_is_nearer_than_the_band(kad, closeness, balance):
    found = scores.summarised({"style/kad": kad, "content/chroma_to_source": 1.0}, 40.0, OptionalMetrics())
    assert found == {"style/closeness": closeness, "score/balance": balance}


def test_nothing_follows_from_what_is_missing(capfd):
    assert scores.summarised({"content/chroma_to_source": 1.0}, 40.0, OptionalMetrics()) == {}
    assert scores.summarised({"style/kad": 1.0}, None, OptionalMetrics()) == {}
    assert scores.summarised({"style/kad": 1.0}, -0.1, OptionalMetrics()) == {}
    assert "style/closeness is not measured: the sources sound as near" in capfd.readouterr().err


def test_every_metric_says_what_to_expect():
    assert all(
        len(sentence) > 40 and sentence.endswith(".") for sentence in scores.METRIC_DESCRIPTIONS.values()
    )


def _raises():
    raise UserError("too short")


def test_a_value_comes_back_by_its_name(capfd):
    assert OptionalMetrics()("a/b", lambda: 2) == {"a/b": 2.0}
    assert capfd.readouterr().err == ""


def test_failures_are_left_out_and_said_once_each(capfd):
    attempt = OptionalMetrics()
    for _ in range(3):
        assert attempt("a", _raises) == attempt("b", lambda: math.nan) == {}
    assert capfd.readouterr().err.splitlines() == [
        "a is not measured: too short",
        "b is not measured: it came out as no number",
    ]
