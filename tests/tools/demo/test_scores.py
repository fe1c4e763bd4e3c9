import json

import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from tools.demo import scores
from tools.demo.scores import COPY, EQ_MATCH, ORACLE, OURS, Score, Table


def table(ours: float, chroma: float = 0.86, eq_match: float = 11.0) -> Table:
    """Scores of two pieces with given means; the error of the source is 12.0 dB, its chroma .900."""
    rows = {COPY: (12.0, 0.90), EQ_MATCH: (eq_match, 0.91), OURS: (ours, chroma), ORACLE: (1.2, 0.98)}
    return Table(
        {
            name: {row: Score(error + offset, 0.95, chroma) for row, (error, chroma) in rows.items()}
            for name, offset in (("one", -1.0), ("two", 1.0))
        }
    )


@pytest.mark.parametrize(
    ("numbers", "holds", "words"),
    [
        ({"ours": 9.8}, True, "nearer by 10 % or more, and the tune is kept"),
        ({"ours": 10.0}, False, "not nearer by 10 %, and the tune is kept"),
        ({"ours": 10.7, "eq_match": 13.0}, True, "nearer by 10 % or more"),
        ({"ours": 10.9, "eq_match": 13.0}, False, "not nearer by 10 %"),
        ({"ours": 6.0, "chroma": 0.851}, True, "the tune is kept"),
        ({"ours": 6.0, "chroma": 0.849}, False, "nearer by 10 % or more, and the tune is lost"),
    ],
)
def test_claim_check(numbers, holds, words):
    claim = table(**numbers).check_claim()
    assert claim.holds is holds
    assert words in claim.sentence


def test_claim_check_has_the_numbers():
    sentence = table(8.4).check_claim().sentence
    assert "8.40 dB, 30 % below copy the source (12.00 dB) and 24 % below EQ match (11.00 dB)" in sentence
    assert "chroma to the truth is 0.860, the source's 0.900" in sentence


def test_table_has_means_and_every_piece():
    lines = table(8.4).markdown().splitlines()
    assert lines[0] == "Held-out pieces, mean of 2:"
    assert lines[4] == "| copy the source | 12.00 | 0.950 | 0.900 |"
    assert lines[6] == f"| {OURS} | 8.40 | 0.950 | 0.860 |"
    assert lines[lines.index("two:") + 6] == f"| {OURS} | 9.40 | 0.950 | 0.860 |"
    assert all(line.count("|") == 5 for line in lines if line.startswith("|"))


def test_json_has_all_values():
    values = json.loads(json.dumps(table(8.4).to_dict()))
    assert values["pieces"]["one"][OURS]["error"] == pytest.approx(7.4)
    assert values["mean"][OURS] == pytest.approx(
        {"error": 8.4, "chroma_to_source": 0.95, "chroma_to_truth": 0.86}
    )
    assert values["verdict"]["holds"] is True


def test_measure():
    spec = AudioSpec(sample_rate=22050, n_fft=1024, hop_length=256, n_mels=64, fmax=11025.0)
    time = np.arange(22050 * 3) / 22050
    low, high = (
        sum(np.sin(2 * np.pi * hertz * k * time) / k for k in (1, 2, 3)).astype(np.float32) / 10
        for hertz in (220.0, 311.1)
    )
    same = scores.measure(spec, low, low, high)
    assert same.chroma_to_source == pytest.approx(1, abs=1e-3)
    assert same.chroma_to_truth < 0.5
    # A tenth of the amplitude everywhere, where nothing reaches the floor, is 20 dB.
    noise = np.random.default_rng(0).standard_normal(40000).astype(np.float32) / 10
    quiet = scores.measure(spec, noise / 10, noise, noise)
    assert quiet.error == pytest.approx(20, abs=0.01)
