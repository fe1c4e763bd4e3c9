import numpy as np
import pytest
from scipy import stats

from pipelines.data.survey.descriptors import circular_mean, separation
from pipelines.data.survey.imbalance import harmless, learned
from tests.data.survey.fakes import report, songs


def test_separation_is_mann_and_whitney_s():
    random = np.random.default_rng(0)
    one, other = random.integers(0, 9, 20).astype(float), random.integers(2, 11, 30).astype(float)
    expected = stats.mannwhitneyu(other, one).statistic / (len(one) * len(other))
    assert separation(one, other) == pytest.approx(expected)


def test_the_mean_of_tunings_is_circular():
    assert circular_mean(np.array([48.0, -48.0])) == pytest.approx(50, abs=1e-6)
    assert circular_mean(np.array([5.0, 15.0])) == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"bandwidth": 11000.0}, "bandwidth: half of the band songs end below 11.0 kHz"),
        ({"bandwidth": 20000.0}, "bandwidth: half of the content songs end below 16.0 kHz"),
        ({"tuning": 25.0}, "tuning: the band is 25 cents sharp of the content (+25 against +0 from 440 Hz)"),
        ({"tempo": 160.0}, "tempo: medians 120 BPM of content and 160 of the band"),
        (
            {"voice": 0.4},
            "singing (an estimate): 0% of the content minutes and 100% of the band's are in songs",
        ),
        ({"clipping": 0.01}, "clipping: 100% of the band songs are clipped, 0% of the others"),
        ({"silence": 0.2}, "silence: 0 % of a content song and 20 % of a band song"),
    ],
)
def test_differences_that_are_learned(facts, words):
    found = learned(report(songs("content", 6), songs("band", 6, **facts)))
    assert len(found) == 1
    assert found[0].startswith(words)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"loudness": -24.0}, "loudness: medians -14.0 LUFS of content and -24.0 of the band: no harm"),
        ({"width_db": None}, "stereo: all band songs are mono: no harm"),
        ({"width_db": -2.0}, "stereo: the band is wider by 8 dB: no harm"),
    ],
)
def test_differences_without_effect(facts, words):
    found = report(songs("content", 6), songs("band", 6, **facts))
    assert learned(found) == []
    assert [sentence[: len(words)] for sentence in harmless(found)] == [words]


def test_singing_in_one_domain_names_a_remedy():
    sung = {"voice": 0.4}
    (of_band,) = learned(report(songs("content", 6), songs("band", 6, **sung)))
    assert "prepare the band without its singer with --instrumental_of_band, or use singing" in of_band
    (of_content,) = learned(report(songs("content", 6, **sung), songs("band", 6)))
    assert "keep the singer with translate --vocals, or use singing in both domains" in of_content


def test_a_doubled_tempo_is_no_difference():
    assert learned(report(songs("content", 6, tempo=70.0), songs("band", 6, tempo=140.0))) == []


def test_differences_within_domains_are_not_reported():
    """The medians differ, but so do the songs of each domain."""
    content = songs(
        "content", 6, tempo=[80.0, 81.0, 82.0, 130.0, 131.0, 132.0], tuning=[-40, -20, 0, 0, 20, 40]
    )
    band = songs("band", 6, tempo=[80.0, 82.0, 130.0, 130.0, 131.0, 132.0], tuning=[-20, 0, 20, 20, 30, 45])
    assert learned(report(content, band)) == []


def test_silent_songs_alone():
    nothing = {"loudness": None, "tempo": None, "tuning": None, "bandwidth": 0.0, "silence": 1.0}
    assert learned(report(songs("content", 2, **nothing), songs("band", 2, **nothing))) == []
