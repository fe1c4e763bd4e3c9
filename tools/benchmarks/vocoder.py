"""The vocoder beside every other way from log-mels to sound.

    python -m tools benchmark vocoder --pairs bench/test/rock --vocoder runs/vocoder
    python -m tools benchmark vocoder --pairs bench/test/rock --vocoder runs/tuned --translator runs/mine
    python -m tools benchmark vocoder --data data/ --vocoder runs/vocoder

Pairs (NAME.source.*, NAME.band.*, and NAME.notes.mid if there is a score): the band's log-mel is inverted,
with and without the source's phase; with --translator, the log-mel that it makes of the source. Data:
log-mels of the band's test songs, for which there is no source. M-STFT and MCD are distances to the band's
recording; note F1 is of the notes that the transcriber hears, against the score, or else against those that
it hears in the recording; the last column is how many seconds of music a second of computing makes. A number
at the end of a name is of iterations of Griffin-Lim.
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
from pipelines.inference.loading import load_maker
from pipelines.metrics.cepstral import mel_cepstral_distortion
from pipelines.metrics.distances import multi_stft_distance
from pipelines.metrics.notes_file import read_notes
from pipelines.nn.neural_vocoder import checkpoint as vocoder_file
from tools.benchmarks.inversion_methods import Method, by, by_librosa, warm
from transcriber import checkpoint as store
from transcriber.note_events import notes_of
from transcriber.scoring import note_f1
from transcriber.transcriber import Transcriber

ITERATIONS = (0, 4, 32, 64)
FINISHING = (0, 2, 4)
"""Iterations of Griffin-Lim after a vocoder."""


@dataclasses.dataclass(frozen=True)
class Song:
    """Log-mel to invert, and the references that the resulting waveform is compared with.

    Attributes:
        log_mel: float32 [1, frames, n_mels, 1].
        source: complex64 [1, frames, bins], spectra of the source; zeros where there is none.
        truth: the band's recording, float32 [samples].
        notes: float [notes, 3], of the score, or else transcribed from the recording.
    """

    log_mel: tf.Tensor
    source: tf.Tensor
    truth: np.ndarray
    notes: np.ndarray


def main(argv: list[str]) -> None:
    """Prints the table."""
    values = flags.FlagValues()
    data_folder = flags.DEFINE_string("data", None, "A folder by coverband prepare.", flag_values=values)
    pairs_folder = flags.DEFINE_string(
        "pairs", None, "A folder of pairs, NAME.source and NAME.band.", flag_values=values
    )
    vocoders = flags.DEFINE_multi_string(
        "vocoder",
        [],
        "A `coverband train vocoder` run's --workdir, a vocoder.npz, or shipped.",
        flag_values=values,
    )
    translator = flags.DEFINE_string(
        "translator", None, "Invert what this model makes of the sources.", flag_values=values
    )
    seconds = flags.DEFINE_float(
        "seconds", 20.0, "Taken from the beginning of each song.", lower_bound=1.0, flag_values=values
    )
    count = flags.DEFINE_integer(
        "songs", None, "At most so many (default: all).", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    if (data_folder.value is None) == (pairs_folder.value is None):
        raise UserError("name either --pairs or --data: what the vocoder is measured on")
    if translator.value and not pairs_folder.value:
        raise UserError("--translator needs --pairs: of a data folder's songs nobody knows the source")
    transcriber = store.load()
    if pairs_folder.value:
        found = pairs.find_pairs(Path(pairs_folder.value))[: count.value]
        songs = list(_of_pairs(transcriber, found, seconds.value, translator.value))
    else:
        corpus = open_corpus(data_folder.value or "")
        songs = list(_of_data(transcriber, corpus, seconds.value, count.value))
    methods = _methods(transcriber.spec, vocoders.value, bool(pairs_folder.value))
    rows = [
        f"| {name} | {' | '.join(_measured(transcriber, method, songs))} |"
        for name, method in console.progress(list(methods.items()), "inverting")
    ]
    print(_table(rows, songs, translator.value))


def _methods(spec: AudioSpec, vocoders: Sequence[str], sourced: bool) -> dict[str, Method]:
    ways = (("random phase", False), ("source's phase", True))[: 1 + sourced]
    methods: dict[str, Method] = {"librosa, nnls and 32 iterations": by_librosa(spec)}
    for phase, with_source in ways:
        for iterations in ITERATIONS:
            inverter = GriffinLim(spec, iterations)
            methods[f"Griffin-Lim, {phase}, {iterations}"] = by(inverter, with_source=with_source)
    for name in vocoders:
        vocoder = vocoder_file.load_for(Path(name), spec, "the transcriber")
        for phase, with_source in (("no source", False), ("source's phase", True))[: 1 + sourced]:
            for iterations in FINISHING:
                finished = vocoder.then(iterations)
                methods[f"vocoder {name}, {phase}, {iterations}"] = by(finished, with_source=with_source)
    return methods


def _of_pairs(
    transcriber: Transcriber, found: Sequence[pairs.Pair], seconds: float, translator: str | None
) -> Iterator[Song]:
    spec = transcriber.spec
    translate = load_maker(Path(translator)).translation if translator else None
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
        yield _song(transcriber, log_mel, spectra, truth[:length], read_notes(score) if score else None)


def _of_data(transcriber: Transcriber, corpus: Corpus, seconds: float, count: int | None) -> Iterator[Song]:
    transcriber.spec.require_equal(corpus.spec, "the transcriber", str(corpus.folder))
    segments = max(round(seconds * corpus.spec.frame_rate / corpus.segment_frames), 1)
    for song in corpus.songs("band", "test")[:count]:
        truth = middle_excerpt(corpus, song, segments=segments)
        log_mel = features.log_mel(corpus.spec, truth[None])
        nothing = tf.zeros([1, log_mel.shape[1], corpus.spec.n_bins], tf.complex64)
        yield _song(transcriber, log_mel, nothing, truth, None)


def _song(
    transcriber: Transcriber,
    log_mel: tf.Tensor,
    source: tf.Tensor,
    truth: np.ndarray,
    notes: np.ndarray | None,
) -> Song:
    if notes is None:
        notes = _heard(transcriber, truth)
    seconds = len(truth) / transcriber.spec.sample_rate
    return Song(log_mel, source, truth, notes[notes[:, 0] < seconds])


def _heard(transcriber: Transcriber, waveform: np.ndarray) -> np.ndarray:
    return notes_of(transcriber.spec, transcriber(baselines.log_mel(transcriber.spec, waveform)))


def _measured(transcriber: Transcriber, method: Method, songs: Sequence[Song]) -> list[str]:
    """A row's cells, meaned over the songs; the last one is of all their time together."""
    rate = transcriber.spec.sample_rate
    warm(method, transcriber.spec, songs[0].log_mel, songs[0].source)
    values, elapsed = [], 0.0
    for song in songs:
        began = time.perf_counter()
        sound = method(song.log_mel, song.source, len(song.truth))
        elapsed += time.perf_counter() - began
        notes = note_f1(song.notes, _heard(transcriber, sound))
        distance = multi_stft_distance(song.truth, sound)
        values.append((distance, mel_cepstral_distortion(song.truth, sound, rate), notes))
    distance, distortion, notes = np.mean(values, axis=0)
    seconds = sum(len(song.truth) for song in songs) / rate
    return [f"{distance:.3f}", f"{distortion:.2f}", f"{notes:.3f}", f"{seconds / elapsed:.0f}x"]


def _table(rows: Sequence[str], songs: Sequence[Song], translator: str | None) -> str:
    """Markdown."""
    made = f"the log-mels of {translator}" if translator else "the band's own log-mels"
    heads = ["way from log-mel to sound", "M-STFT", "MCD, dB", "note F1", "x real time"]
    lines = [
        f"Means over {len(songs)} songs, {made}.",
        "",
        f"| {' | '.join(heads)} |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *rows])


if __name__ == "__main__":
    console.run(main)
