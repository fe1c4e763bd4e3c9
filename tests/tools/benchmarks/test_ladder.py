"""Rungs of the ladder on tiny untrained models: which content each decodes, and the shares."""

import dataclasses

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.evaluation import baselines, pairs
from pipelines.metrics.distances import log_mel_error_db
from pipelines.nn.pitches import LOWEST, PITCHES
from pipelines.nn.translator import Translator, save_translator
from tests.evaluation import small
from tests.inference import tiny as cyclegan
from tests.transcriber.content_decoder import tiny as content_decoder
from tests.vaegan import tiny as vaegan
from tools.benchmarks import content_split, ladder
from tools.benchmarks.attenuation import attenuated
from tools.benchmarks.content_split import ContentSplit
from tools.benchmarks.ladder import COPY, FLOOR, MODEL, SCORE, SCORE_OF_SOURCE, TRUTH
from transcriber.content import NOTE_LOGITS, SCALE
from transcriber.piano_roll import Roll

SPEC = content_decoder.SPEC
FRAMES = 64


def translator(model):
    return Translator(model.translator, model.config.spec, model.translator_card())


@pytest.fixture(scope="module")
def decoder():
    return translator(content_decoder.model())


@pytest.fixture(scope="module")
def split(decoder):
    return ContentSplit(decoder)


def log_mel(seed):
    return np.random.default_rng(seed).uniform(-1, 0.5, (FRAMES, SPEC.n_mels)).astype(np.float32)


@pytest.mark.parametrize("family", [content_decoder, vaegan])
def test_both_halves_are_the_translator(family):
    model = translator(family.model())
    split, sound = ContentSplit(model), log_mel(1)
    expected = model(sound[None, ..., None]).numpy()[0, ..., 0]
    np.testing.assert_allclose(split.decode(split.encode(sound), sound), expected, atol=1e-5)
    # Only the shape of the second argument matters.
    np.testing.assert_allclose(split.decode(split.encode(sound), log_mel(2)), expected, atol=1e-5)


def test_a_model_without_content_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="does not decode note posteriors: name a content_decoder"):
        ContentSplit(cyclegan.trained(tmp_path / "translator"))


def roll_of(pitch):
    """Score of one note that sounds from frame 8 to 16."""
    sounding, onset = (np.zeros((FRAMES, PITCHES), np.float32) for _ in range(2))
    sounding[8:16, pitch - LOWEST] = 1
    onset[8, pitch - LOWEST] = 1
    return Roll(sounding, onset, np.zeros((FRAMES, 3), np.float32))


def test_a_score_replaces_the_notes_alone(split):
    heard = split.encode(log_mel(1))
    given = content_split.with_notes(heard, roll_of(60))
    probabilities = 1 / (1 + np.exp(-given[:, : 2 * PITCHES] / SCALE))
    np.testing.assert_allclose(probabilities[10, :PITCHES].argmax(), 60 - LOWEST)
    assert probabilities[10].max() > 0.99
    assert np.count_nonzero(probabilities > 0.5) == 9
    assert np.count_nonzero(probabilities < 0.01) == probabilities.size - 9
    np.testing.assert_array_equal(given[:, 2 * PITCHES :], heard[:, 2 * PITCHES :])


def test_the_level_is_a_quantile_of_its_domain(split):
    sounds = [log_mel(seed) + seed / 50 for seed in range(5)]
    quantiles = content_split.level_quantiles(sounds)
    heard = split.encode(sounds[2])
    given = content_split.with_level(heard, sounds[2], quantiles)
    np.testing.assert_array_equal(given[:, :-1], heard[:, :-1])
    levels = np.concatenate(
        [content_split.with_level(split.encode(each), each, quantiles)[:, -1] for each in sounds]
    )
    # Standard normal, but for the clipped tails.
    assert abs(levels.mean()) < 0.05
    assert levels.std() == pytest.approx(0.98, abs=0.05)


def test_every_rung_decodes_its_content(split):
    source, truth = log_mel(1), log_mel(2)
    quantiles = content_split.level_quantiles([truth])
    song = ladder.Song(source, truth, truth + np.float32(0.1), roll_of(60))
    errors = ladder.measure(song, split, SPEC, quantiles)
    assert set(errors) == {rung.name for rung in ladder.RUNGS}
    assert errors[COPY] == pytest.approx(log_mel_error_db(SPEC, truth, source))
    assert errors[FLOOR] == pytest.approx(0.05 * SPEC.range_db, rel=1e-3)
    decoded = split.decode(split.encode(source), source)
    assert errors[MODEL] == pytest.approx(log_mel_error_db(SPEC, truth, decoded), rel=1e-5)
    assert len({round(errors[name], 6) for name in (SCORE, TRUTH, SCORE_OF_SOURCE, MODEL)}) == 4
    # Another score changes the rungs that are given it, and no other.
    other = ladder.measure(dataclasses.replace(song, score=roll_of(72)), split, SPEC, quantiles)
    assert {name for name in errors if other[name] != errors[name]} == {SCORE, SCORE_OF_SOURCE}


def test_the_transcriber_can_be_given_a_quieter_source(split):
    source, truth = log_mel(1), log_mel(2)
    quantiles = content_split.level_quantiles([truth])
    song = ladder.Song(source, truth, None, roll_of(60))
    errors = ladder.measure(song, split, SPEC, quantiles, levels=(0.0, -6.0))
    same, other = (errors[ladder.quieter(level).name] for level in (0.0, -6.0))
    assert same == pytest.approx(errors[MODEL], rel=1e-6)
    assert other != pytest.approx(errors[MODEL], rel=1e-6)
    content = split.encode(attenuated(SPEC, source, -6.0))
    content[:, NOTE_LOGITS:] = split.encode(source)[:, NOTE_LOGITS:]
    decoded = split.decode(content, source)
    assert other == pytest.approx(log_mel_error_db(SPEC, truth, decoded), rel=1e-5)
    rows = ladder.table([errors], "title", (ladder.quieter(-6.0),)).rows
    assert rows[-1]["rung"] == "source's content, heard at -6 dB"


def test_shares_are_of_the_way_from_the_floor_to_the_copy():
    songs = [
        {FLOOR: 2, SCORE: 4, TRUTH: 3.99, SCORE_OF_SOURCE: 6, MODEL: 7, COPY: 12},
        {FLOOR: 2, SCORE: 4, TRUTH: 3.99, SCORE_OF_SOURCE: 6, MODEL: 7, COPY: 12},
    ]
    rows = ladder.table(songs, "title").rows
    assert [row["share of copy - floor"] for row in rows] == ["0%", "20%", "20%", "40%", "50%", "100%"]
    assert [row["costs"] for row in rows] == [None, "20%", "0%", "20%", "10%", "50%"]
    assert rows[3]["against"] == SCORE
    without = ladder.table([{SCORE: 4.0, MODEL: 7.0, COPY: 12.0}], "title")
    assert [row["rung"] for row in without.rows] == [SCORE, MODEL, COPY]
    assert "share" not in str(without).partition("Without")[0]
    assert "Without --takes the floor is unknown" in str(without)


@pytest.fixture
def folder(tmp_path, decoder):
    """A run, two pairs of which one has no score, and second takes equal to the first."""
    save_translator(tmp_path / "run" / "translator", decoder.model, decoder.spec, decoder.card)
    for number, name in enumerate(("one", "two")):
        small.pair(tmp_path / "pairs", name, number, notes=name == "one")
        (tmp_path / "takes").mkdir(exist_ok=True)
        (tmp_path / "takes" / f"{name}.band.flac").write_bytes(
            (tmp_path / "pairs" / f"{name}.band.flac").read_bytes()
        )
    return tmp_path


def test_the_command_prints_every_rung(folder, capsys):
    flags = [f"--{name}={folder / value}" for name, value in (("model", "run"), ("pairs", "pairs"))]
    ladder.main(["ladder", *flags, f"--takes={folder / 'takes'}"])
    printed = capsys.readouterr()
    assert "left out: " in printed.err
    assert "two.source.wav has no score two.notes.mid" in printed.err
    rows = {line.split(" | ")[0].strip("| "): line for line in printed.out.splitlines() if " | " in line}
    assert all(rung.name in rows for rung in ladder.RUNGS)
    assert "| 0 |" in rows[FLOOR].replace("0.00", "0").replace("0%", "")
    source, truth = (
        baselines.log_mel(SPEC, baselines.recording(SPEC, folder / "pairs" / f"one.{name}"))
        for name in ("source.wav", "band.flac")
    )
    frames = len(truth) // 2 * 2
    expected = log_mel_error_db(SPEC, truth[:frames], source[:frames])
    assert f"{expected:.2f}" in rows[COPY]


def test_missing_takes_are_named(folder):
    (folder / "takes" / "one.band.flac").unlink()
    (pair, _) = pairs.find_pairs(folder / "pairs")
    with pytest.raises(UserError, match=r"takes/one\.band\.flac is not there: render the benchmark again"):
        ladder.read_song(pair, folder / "takes", SPEC, 2)
    assert soundfile.info(pair.source).samplerate == small.SPEC.sample_rate
