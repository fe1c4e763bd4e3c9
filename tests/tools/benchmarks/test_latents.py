"""Latents of tiny untrained models: which latents each row decodes, and the command."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from pipelines.nn.translator import Translator
from tests.vaegan import tiny
from tools.benchmarks import latents
from tools.benchmarks.latents import BAND, OTHER, OWN, LatentDecoder, Song


@pytest.fixture(scope="module")
def model():
    return tiny.model()


@pytest.fixture(scope="module")
def songs(model):
    generator = np.random.default_rng(0)
    log_mels = [
        generator.uniform(-1, 0.5, (frames, tiny.SPEC.n_mels)).astype(np.float32) for frames in (48, 64, 32)
    ]
    return [Song(each, np.array(model.style_encoder(each[None, ..., None]))[0]) for each in log_mels]


def decoder_of(model):
    return LatentDecoder(Translator(model.translator, model.config.spec, model.translator_card()))


def test_the_band_s_latent_is_the_translator_s(model, songs):
    decoder, song = decoder_of(model), songs[0]
    content = decoder.split.encode(song.log_mel)
    latent = np.broadcast_to(decoder.band, song.latents.shape)
    expected = np.array(model(song.log_mel[None, ..., None]))[0, ..., 0]
    np.testing.assert_allclose(decoder.decode(content, latent), expected, atol=1e-5)


def test_rows_differ_by_their_latents_alone(model, songs):
    results = latents.measure(songs, decoder_of(model))
    assert [len(found) for found in results.values()] == [3, 3, 3]
    assert [each.change for each in results[OWN]] == [0, 0, 0]
    assert all(each.change > 0 for name in (OTHER, BAND) for each in results[name])
    rows = latents.table(results, songs, "title").rows
    assert [row["latents"] for row in rows] == [OWN, OTHER, BAND]
    assert rows[1]["change, dB"] == pytest.approx(np.mean([each.change for each in results[OTHER]]))


def test_a_decoder_that_ignores_its_latents_does_not_change(model, songs):
    alike = [Song(song.log_mel, np.zeros_like(song.latents)) for song in songs]
    results = latents.measure(alike, decoder_of(model))
    assert [each.change for found in results.values() for each in found] == [0] * 9
    assert "Spread of the posterior's means: 0." in str(latents.table(results, alike, "title"))


@pytest.mark.slow
def test_command_prints_a_table_of_a_run(tmp_path, capsys):
    tiny.model().save_translator(tmp_path / "run" / "translator")
    generator = np.random.default_rng(0)
    for name in "ab":
        for who in ("source", "band"):
            noise = generator.normal(size=tiny.SPEC.sample_rate)
            soundfile.write(tmp_path / f"{name}.{who}.wav", 0.1 * noise, tiny.SPEC.sample_rate)
    latents.main(["latents", "--model", str(tmp_path / "run"), "--pairs", str(tmp_path)])
    printed = capsys.readouterr().out
    assert all(f"| {name} |" in printed for name in (OWN, OTHER, BAND))
