"""Measures what the latents of a style encoder carry: the band's recordings, decoded with each other's.

    python -m tools benchmark latents --model runs/mine --pairs bench/test/rock

The model is a vaegan. Its decoder is given the content of a recording and, as latents,

    own             the posterior's means of the recording itself
    another song's  those of the next recording
    the band's      the one latent that translations are made with

Errors are mean absolute errors of the log-mel to the recording, before any inversion; if all three are
equal, the decoder ignores its latents. A change is the mean absolute difference to the decoding with its own
latents. The spread is the standard deviation of all means: near 0 the posterior has collapsed, 1 is the
prior's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from absl import flags

from pipelines import console
from pipelines.evaluation import baselines, pairs
from pipelines.inference.loading import load_trained
from pipelines.inference.model_folders import trained_folder
from pipelines.metrics.distances import log_mel_error_db
from pipelines.nn.fixed_latent import fixed_latent
from pipelines.nn.translator import Translator, load_style_encoder
from tools.benchmarks.content_split import ContentSplit, level_quantiles, with_level
from tools.benchmarks.tables import Table, number

OWN, OTHER, BAND = "own", "another song's", "the band's"


@dataclasses.dataclass(frozen=True)
class Song:
    """Recording of the band.

    Attributes:
        log_mel: float32 [frames, n_mels].
        latents: means of the posterior, float32 [positions, width].
    """

    log_mel: np.ndarray
    latents: np.ndarray


@dataclasses.dataclass(frozen=True)
class Result:
    """Differences of a decoded log-mel, dB.

    Attributes:
        error: to the recording.
        change: to the decoding with the recording's own latents.
    """

    error: float
    change: float


class LatentDecoder:
    """Decoder of a translator with given latents.

    Attributes:
        spec: of the log-mels.
        split: the translator, split at its content.
        band: the latent of its translations, float32 [width].
    """

    def __init__(self, translator: Translator) -> None:
        """Takes the translator apart.

        Raises:
            UserError: if it does not decode content.
        """
        self.spec = translator.spec
        self.split = ContentSplit(translator)
        layer = fixed_latent(translator.model)
        self.band = np.array(layer.latent)
        log_mel, _, first_frame = translator.model.inputs
        inputs = [log_mel, first_frame, self.split.content, layer.output]
        self._decoder = keras.Model(inputs, translator.model.output)

    def decode(self, content: np.ndarray, latents: np.ndarray) -> np.ndarray:
        """Log-mel, float32 [frames, n_mels], of content [frames, CONTENT] and latents [positions, width]."""
        log_mel = np.zeros((1, len(content), self.spec.n_mels, 1), np.float32)
        inputs = [log_mel, np.zeros(1, np.int32), content[None, ..., None], latents[None]]
        return np.array(self._decoder(inputs, training=False))[0, ..., 0]


def main(argv: list[str]) -> None:
    """Prints the table of every model."""
    values = flags.FlagValues()
    models = flags.DEFINE_multi_string(
        "model", None, "A training run's --workdir; can be repeated.", required=True, flag_values=values
    )
    folder = flags.DEFINE_string(
        "pairs", None, "Folder of pairs, NAME.source and NAME.band.", required=True, flag_values=values
    )
    count = flags.DEFINE_integer(
        "songs", None, "Largest number of songs (default: all).", lower_bound=2, flag_values=values
    )
    console.parse(values, argv, __doc__)
    paths = [pair.band for pair in pairs.find_pairs(Path(folder.value or ""))[: count.value]]
    for model in models.value or ():
        decoder, songs = _read(Path(model), paths)
        results = measure(songs, decoder)
        print(table(results, songs, f"Latents of {model}, {len(songs)} songs of {folder.value}"))


def _read(model: Path, paths: Sequence[Path]) -> tuple[LatentDecoder, list[Song]]:
    """Decoder of a run, and the recordings with their latents."""
    translator, encoder = load_trained(model), load_style_encoder(trained_folder(model))
    spec, multiple = translator.spec, translator.card.time_multiple
    songs = []
    for path in console.progress(paths, "reading", unit="song"):
        log_mel = baselines.log_mel(spec, baselines.recording(spec, path))
        log_mel = log_mel[: len(log_mel) // multiple * multiple]
        songs.append(Song(log_mel, np.array(encoder(log_mel[None, ..., None], training=False))[0]))
    return LatentDecoder(translator), songs


def measure(songs: Sequence[Song], decoder: LatentDecoder) -> dict[str, list[Result]]:
    """Results of all songs by the origin of the latents.

    Args:
        songs: at least two.
        decoder: of the model that the latents are of.
    """
    quantiles = level_quantiles([song.log_mel for song in songs])
    results: dict[str, list[Result]] = {OWN: [], OTHER: [], BAND: []}
    following = [*songs[1:], songs[0]]
    for song, other in zip(console.progress(songs, "decoding", unit="song"), following, strict=True):
        content = with_level(decoder.split.encode(song.log_mel), song.log_mel, quantiles)
        positions = len(song.latents)
        latents = {
            OWN: song.latents,
            OTHER: np.resize(other.latents, song.latents.shape),
            BAND: np.broadcast_to(decoder.band, (positions, len(decoder.band))),
        }
        decoded = {name: decoder.decode(content, each) for name, each in latents.items()}
        for name, log_mel in decoded.items():
            errors = (log_mel_error_db(decoder.spec, each, log_mel) for each in (song.log_mel, decoded[OWN]))
            results[name].append(Result(*errors))
    return results


def table(results: Mapping[str, Sequence[Result]], songs: Sequence[Song], title: str) -> Table:
    """Table of one model.

    Args:
        results: see `measure`.
        songs: that they were measured on.
        title: heading.
    """
    rows = tuple(
        {
            "latents": name,
            "log-mel error, dB": float(np.mean([each.error for each in found])),
            "change, dB": None if name == OWN else float(np.mean([each.change for each in found])),
        }
        for name, found in results.items()
    )
    spread = float(np.std(np.concatenate([song.latents for song in songs]), axis=0).mean())
    return Table(title, rows, (f"Spread of the posterior's means: {number(spread)}.",))


if __name__ == "__main__":
    console.run(main)
