"""Tests of the TensorBoard summaries, read back from their event files."""

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.plugins.hparams import plugin_data_pb2

from pipelines.audio.inversion import GriffinLim
from pipelines.training.summaries import Summaries, table
from tests.training import fakes


def read(folder):
    """The values of the event files by tag."""
    events = (
        e for path in sorted(folder.glob("events*")) for e in tf.compat.v1.train.summary_iterator(str(path))
    )
    return {value.tag: value for event in events for value in event.summary.value}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    clips = fakes.clips()
    summaries = Summaries(folder, fakes.SPEC, clips)
    settings = {"seed": 4, "data": {"frames": 3}, "scales": [1, 2], "limit": None}
    summaries.opening(settings, {"cycle": "Falls."})
    summaries.reference()
    summaries.scalars(7, {"cycle": 0.5, "rate/judge": 0.1}, {"cycle": "Falls."})
    broken = tf.fill(summaries.log_mels["content"].shape, np.nan)
    summaries.preview(7, {"translation": summaries.log_mels["content"], "cycle": broken})
    summaries.close()
    return clips, read(folder)


def audio(value):
    """Waveforms [count, samples] of an audio summary."""
    wavs = [pair[0] for pair in tf.make_ndarray(value.tensor)]
    return np.stack([tf.audio.decode_wav(wav).audio.numpy()[:, 0] for wav in wavs])


def test_reference_audio_is_the_clip_itself(written):
    clips, values = written
    np.testing.assert_allclose(audio(values["reference/source"]), clips["content"], atol=1e-4)
    np.testing.assert_allclose(audio(values["reference/band"]), clips["band"], atol=1e-4)


def test_a_translation_that_changes_nothing_sounds_like_its_source(written):
    clips, values = written
    heard, source = audio(values["preview/translation"]), clips["content"]
    np.testing.assert_allclose(heard, audio(values["reference/source_inverted"]), atol=1e-4)
    assert np.corrcoef(heard.ravel(), source.ravel())[0, 1] > 0.9


def test_another_inverter_takes_the_place_of_griffin_lim(tmp_path):
    class Quiet(GriffinLim):
        def __call__(self, log_mel, **options):
            return 0 * super().__call__(log_mel, **options)

    summaries = Summaries(tmp_path, fakes.SPEC, fakes.clips(), Quiet(fakes.SPEC))
    summaries.preview(1, {"translation": summaries.log_mels["content"]})
    summaries.close()
    assert not audio(read(tmp_path)["preview/translation"]).any()


def test_broken_output_is_silence(written):
    # The floor of the log-mel is not quite nothing.
    assert np.abs(audio(written[1]["preview/cycle"])).max() < 1e-2


def test_one_picture_per_clip_with_a_row_per_kind(written):
    image = tf.make_ndarray(written[1]["preview/spectrograms"].tensor)
    width, height = int(image[0]), int(image[1])
    assert len(image) == 2 + 2
    assert (width, height) == (512, 4 * fakes.SPEC.n_mels + 3 * 4)


def test_curves_explain_themselves(written):
    values = written[1]
    assert values["loss/cycle"].metadata.summary_description == "Falls."
    assert float(tf.make_ndarray(values["rate/judge"].tensor)) == pytest.approx(0.1)
    assert b"| data.frames | 3 |" in tf.make_ndarray(values["about/config"].tensor).item()
    assert (
        b"| cycle | Falls. |"
        in tf.make_ndarray(values["about/what_each_curve_should_look_like"].tensor).item()
    )


def test_the_settings_are_in_the_table_of_runs(written):
    content = written[1]["_hparams_/session_start_info"].metadata.plugin_data.content
    start = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    kinds = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
    found = {name: getattr(start.hparams[name], kind) for name, kind in kinds.items()}
    assert found == {"seed": 4.0, "data.frames": 3.0, "scales": "1, 2", "limit": "none"}


def test_a_table():
    assert table({"a": 1}, "key", "value") == "| key | value |\n|---|---|\n| a | 1 |"
