"""Measures the vocoder and other methods of log-mel inversion.

    python -m tools benchmark vocoder --pairs bench/test/rock --vocoder runs/vocoder
    python -m tools benchmark vocoder --pairs bench/test/rock --vocoder runs/tuned --translator runs/mine
    python -m tools benchmark vocoder --data data/ --vocoder runs/vocoder

Pairs (NAME.source.*, NAME.band.*, and NAME.notes.mid if there is a score): the band's log-mel, or with
--translator the translation of the source, is inverted with and without the source's phase. Data: log-mels of
the band's test songs, which have no source. M-STFT and MCD are distances to the band's recording. KAD is the
kernel distance of the seconds of all outputs to those of all recordings (style statistics; about 0 if they
cannot be told apart): M-STFT is the vocoder's training loss, KAD is not. Note F1 compares the transcription
with the score, or else with the transcription of the recording; the last column is the speed, times real
time. Numbers at the end of names are iterations of Griffin-Lim.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import flags

from pipelines import console
from pipelines.audio import features
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.data.corpus import Corpus
from pipelines.data.excerpts import middle_excerpt
from pipelines.data.loader import open_corpus
from pipelines.errors import UserError
from pipelines.evaluation import baselines, pairs
from pipelines.evaluation.measures import kad_statistics
from pipelines.inference.loading import load_window_translator
from pipelines.metrics.cepstral import mel_cepstral_distortion
from pipelines.metrics.distances import multi_stft_distance
from pipelines.metrics.notes_file import read_notes
from pipelines.metrics.statistics import style_statistics
from pipelines.nn.neural_vocoder import checkpoint as vocoder_checkpoint
from tools.benchmarks.inversion_methods import Method, by_inverter, by_librosa, warm_up
from transcriber import checkpoint as transcriber_checkpoint
from transcriber.note_events import notes_of
from transcriber.scoring import note_f1
from transcriber.transcriber import Transcriber

ITERATIONS = (0, 4, 32, 64)
"""Iterations of Griffin-Lim alone."""
REFINEMENT = (0, 2, 4)
"""Iterations of Griffin-Lim after a vocoder."""


@dataclasses.dataclass(frozen=True)
class Clip:
    """Log-mel to invert, and the references that the resulting waveform is compared with.

    Attributes:
        log_mel: float32 [1, frames, n_mels, 1].
        source: spectra of the source, complex64 [1, frames, bins]; zeros if there is none.
        truth: recording of the band, float32 [samples].
        notes: notes of the score, or else of the transcribed recording, float [notes, 3].
        statistics: `style_statistics` of the recording, [seconds, d].
    """

    log_mel: tf.Tensor
    source: tf.Tensor
    truth: np.ndarray
    notes: np.ndarray
    statistics: np.ndarray


def main(argv: list[str]) -> None:
    """Prints the table."""
    values = flags.FlagValues()
    data_folder = flags.DEFINE_string(
        "data", None, "Folder written by `coverband prepare`.", flag_values=values
    )
    pairs_folder = flags.DEFINE_string(
        "pairs", None, "Folder of pairs, NAME.source and NAME.band.", flag_values=values
    )
    vocoders = flags.DEFINE_multi_string(
        "vocoder",
        [],
        "A `coverband train vocoder` run's --workdir, a vocoder.npz, or shipped.",
        flag_values=values,
    )
    translator = flags.DEFINE_string(
        "translator", None, "Invert the translations of this model.", flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds",
        20.0,
        "Length of the excerpt from the beginning of each song.",
        lower_bound=1.0,
        flag_values=values,
    )
    count = flags.DEFINE_integer(
        "songs", None, "Largest number of songs (default: all).", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    if (data_folder.value is None) == (pairs_folder.value is None):
        raise UserError("name either --pairs or --data")
    if translator.value and not pairs_folder.value:
        raise UserError("--translator needs --pairs: songs of a data folder have no source")
    transcriber = transcriber_checkpoint.load()
    if pairs_folder.value:
        found = pairs.find_pairs(Path(pairs_folder.value))[: count.value]
        clips = list(_from_pairs(transcriber, found, seconds.value, translator.value))
    else:
        corpus = open_corpus(data_folder.value or "")
        clips = list(_from_corpus(transcriber, corpus, seconds.value, count.value))
    methods = _methods(transcriber.spec, vocoders.value, bool(pairs_folder.value))
    rows = [
        f"| {name} | {' | '.join(_measure(transcriber, method, clips))} |"
        for name, method in console.progress(list(methods.items()), "inverting")
    ]
    print(_table(rows, clips, translator.value))


def _methods(spec: AudioSpec, vocoders: Sequence[str], sourced: bool) -> dict[str, Method]:
    phases = (("random phase", False), ("source's phase", True))[: 1 + sourced]
    methods: dict[str, Method] = {"librosa, nnls and 32 iterations": by_librosa(spec)}
    for phase, with_source in phases:
        for iterations in ITERATIONS:
            inverter = GriffinLim(spec, iterations)
            methods[f"Griffin-Lim, {phase}, {iterations}"] = by_inverter(inverter, with_source=with_source)
    for name in vocoders:
        vocoder = vocoder_checkpoint.load_for(Path(name), spec, "the transcriber")
        for phase, with_source in (("no source", False), ("source's phase", True))[: 1 + sourced]:
            for iterations in REFINEMENT:
                refined = vocoder.then(iterations)
                methods[f"vocoder {name}, {phase}, {iterations}"] = by_inverter(
                    refined, with_source=with_source
                )
    return methods


def _from_pairs(
    transcriber: Transcriber, found: Sequence[pairs.Pair], seconds: float, translator: str | None
) -> Iterator[Clip]:
    spec = transcriber.spec
    translate = load_window_translator(Path(translator)).translate_log_mel if translator else None
    for pair in console.progress(found, "reading"):
        samples = round(seconds * spec.sample_rate)
        source, truth = (baselines.recording(spec, path)[:samples] for path in (pair.source, pair.band))
        length = min(len(source), len(truth))
        spectra = stft(spec, tf.constant(source[None, :length]))
        if translate is None:
            log_mel = features.log_mel(spec, truth[None, :length])
        else:
            log_mel = translate(features.stft_to_log_mel(spec, spectra))
        score = pairs.notes_path(pair.source)
        yield _clip(transcriber, log_mel, spectra, truth[:length], read_notes(score) if score else None)


def _from_corpus(
    transcriber: Transcriber, corpus: Corpus, seconds: float, count: int | None
) -> Iterator[Clip]:
    transcriber.spec.require_equal(corpus.spec, "the transcriber", str(corpus.folder))
    segments = max(round(seconds * corpus.spec.frame_rate / corpus.segment_frames), 1)
    for song in corpus.songs("band", "test")[:count]:
        truth = middle_excerpt(corpus, song, segments=segments)
        log_mel = features.log_mel(corpus.spec, truth[None])
        no_source = tf.zeros([1, log_mel.shape[1], corpus.spec.n_bins], tf.complex64)
        yield _clip(transcriber, log_mel, no_source, truth, None)


def _clip(
    transcriber: Transcriber,
    log_mel: tf.Tensor,
    source: tf.Tensor,
    truth: np.ndarray,
    notes: np.ndarray | None,
) -> Clip:
    if notes is None:
        notes = _transcribe(transcriber, truth)
    seconds = len(truth) / transcriber.spec.sample_rate
    statistics = style_statistics(truth, transcriber.spec.sample_rate)
    return Clip(log_mel, source, truth, notes[notes[:, 0] < seconds], statistics)


def _transcribe(transcriber: Transcriber, waveform: np.ndarray) -> np.ndarray:
    return notes_of(transcriber.spec, transcriber(baselines.log_mel(transcriber.spec, waveform)))


def _measure(transcriber: Transcriber, method: Method, clips: Sequence[Clip]) -> list[str]:
    """Cells of a row: mean distances and note F1 over the clips, and the speed."""
    rate = transcriber.spec.sample_rate
    warm_up(method, transcriber.spec, clips[0].log_mel, clips[0].source)
    values, windows, elapsed = [], [], 0.0
    for clip in clips:
        began = time.perf_counter()
        waveform = method(clip.log_mel, clip.source, len(clip.truth))
        elapsed += time.perf_counter() - began
        windows.append(style_statistics(waveform, rate))
        notes = note_f1(clip.notes, _transcribe(transcriber, waveform))
        distance = multi_stft_distance(clip.truth, waveform)
        values.append((distance, mel_cepstral_distortion(clip.truth, waveform, rate), notes))
    distance, distortion, notes = np.mean(values, axis=0)
    seconds = sum(len(clip.truth) for clip in clips) / rate
    kad = kernel_distance(windows, [clip.statistics for clip in clips])
    cells = [f"{distance:.3f}", f"{distortion:.2f}", "-" if kad is None else f"{kad:.2f}", f"{notes:.3f}"]
    return [*cells, f"{seconds / elapsed:.0f}x"]


def kernel_distance(outputs: Sequence[np.ndarray], recordings: Sequence[np.ndarray]) -> float | None:
    """KAD of the seconds of outputs to those of recordings; None if there are too few seconds.

    Args:
        outputs: `style_statistics` of each, [seconds, d].
        recordings: likewise.
    """
    try:
        return kad_statistics(np.concatenate(outputs), np.concatenate(recordings))
    except UserError:
        return None


def _table(rows: Sequence[str], clips: Sequence[Clip], translator: str | None) -> str:
    """Markdown table."""
    log_mels = f"log-mels of {translator}" if translator else "log-mels of the band"
    heads = ["method", "M-STFT", "MCD, dB", "KAD", "note F1", "x real time"]
    lines = [
        f"Means over {len(clips)} songs, {log_mels}.",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *rows])


if __name__ == "__main__":
    console.run(main)
