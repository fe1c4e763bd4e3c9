"""The numbers behind the columns: what of a `Hearing`, or of windows, each metric is given."""

from __future__ import annotations

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.columns import Hearing, Style
from pipelines.evaluation.recording import Recording
from pipelines.metrics import cepstral, content, distances, embedding, frechet, lsd, multipitch, statistics


def _truth(hearing: Hearing) -> Recording:
    """The truth, which columns that need it can rely on."""
    assert hearing.truth is not None
    return hearing.truth


def lsd_frequency(hearing: Hearing) -> float:
    """`log_spectral_distance_over_frequency` to the truth."""
    one, other = _truth(hearing), hearing.sound
    return lsd.log_spectral_distance_over_frequency(one.waveform, other.waveform, one.sample_rate)


def lsd_time(hearing: Hearing) -> float:
    """`log_spectral_distance_over_time` to the truth."""
    one, other = _truth(hearing), hearing.sound
    return lsd.log_spectral_distance_over_time(one.waveform, other.waveform, one.sample_rate)


def log_mel_error(hearing: Hearing) -> float:
    """Mean |difference| of the log-mels that translators see."""
    one, other = _truth(hearing).mel_db, hearing.sound.mel_db
    frames = min(one.shape[1], other.shape[1])
    return float(np.abs(one[:, :frames] - other[:, :frames]).mean())


def multi_stft(hearing: Hearing) -> float:
    """`multi_stft_distance` to the truth."""
    return distances.multi_stft_distance(_truth(hearing).waveform, hearing.sound.waveform)


def mcd(hearing: Hearing) -> float:
    """`mel_cepstral_distortion` to the truth."""
    one, other = _truth(hearing), hearing.sound
    return cepstral.mel_cepstral_distortion(one.waveform, other.waveform, one.sample_rate)


def timbre(hearing: Hearing) -> float:
    """`timbre_distance` to the truth."""
    return embedding.timbre_distance(_truth(hearing).embedding, hearing.sound.embedding)


def pitch_to_truth(hearing: Hearing) -> float:
    """`pitch_jaccard_distance` to the truth."""
    return multipitch.pitch_jaccard_distance(_truth(hearing).pitches, hearing.sound.pitches)


def chroma_to_truth(hearing: Hearing) -> float:
    """`chroma_similarity` to the truth."""
    return distances.likeness_of_chroma(_truth(hearing).chroma, hearing.sound.chroma)


def chroma_to_source(hearing: Hearing) -> float:
    """`chroma_similarity` to the source."""
    return distances.likeness_of_chroma(hearing.source.chroma, hearing.sound.chroma)


def melody(hearing: Hearing) -> float:
    """`cqt_top_correlation` with the source."""
    one, other = hearing.source, hearing.sound
    return content.cqt_top_correlation(one.waveform, other.waveform, one.sample_rate)


def onsets(hearing: Hearing) -> float:
    """`onset_f1` against the source."""
    return content.onset_f1_of_times(hearing.source.onsets, hearing.sound.onsets)


def pitch_to_source(hearing: Hearing) -> float:
    """`pitch_jaccard_distance` to the source."""
    return multipitch.pitch_jaccard_distance(hearing.source.pitches, hearing.sound.pitches)


def multipitch_accuracy(hearing: Hearing) -> float:
    """Accuracy of `scores_of_pitches` against the score."""
    assert hearing.notes is not None
    return multipitch.scores_of_pitches(hearing.notes, hearing.sound.pitches).accuracy


def probability_of_band(windows: np.ndarray, style: Style) -> float:
    """The style classifier's probability of the band, meaned over a song's seconds."""
    if style.classifier is None:
        raise UserError("P(band) is left out: there are no songs for the style classifier to learn from")
    return float(style.classifier.probability(windows).mean()) if len(windows) else float("nan")


def kad_statistics(windows: np.ndarray, reference: np.ndarray) -> float:
    """KAD of standardised statistics."""
    return frechet.kernel_audio_distance(*_standardised(windows, reference))


def kid_statistics(windows: np.ndarray, reference: np.ndarray) -> float:
    """KID of standardised statistics."""
    return frechet.kernel_inception_distance(*_standardised(windows, reference))


def fad_statistics(windows: np.ndarray, reference: np.ndarray) -> float:
    """FAD-infinity of standardised statistics."""
    return frechet.frechet_distance_infinity(*_standardised(windows, reference))


def _standardised(windows: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both in units of the reference's deviation."""
    return statistics.standardise(windows, reference), statistics.standardise(reference, reference)
