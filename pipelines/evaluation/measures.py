"""Functions behind the columns: each applies a metric to a `Comparison` or to feature windows."""

from __future__ import annotations

import numpy as np

from pipelines.errors import UserError
from pipelines.evaluation.columns import Comparison, StyleReference
from pipelines.evaluation.recording import Recording
from pipelines.metrics import (
    bleed,
    cepstral,
    content,
    distances,
    dynamic_range,
    embedding,
    energy,
    frechet,
    hum,
    level_faults,
    lsd,
    multipitch,
    self_similarity,
    si_sdr,
    statistics,
)


def _truth(comparison: Comparison) -> Recording:
    """Truth of a comparison, which is available to every column that requires it."""
    assert comparison.truth is not None
    return comparison.truth


def lsd_frequency(comparison: Comparison) -> float:
    """`log_spectral_distance_over_frequency` to the truth."""
    one, other = _truth(comparison), comparison.translation
    return lsd.log_spectral_distance_over_frequency(one.waveform, other.waveform, one.sample_rate)


def lsd_time(comparison: Comparison) -> float:
    """`log_spectral_distance_over_time` to the truth."""
    one, other = _truth(comparison), comparison.translation
    return lsd.log_spectral_distance_over_time(one.waveform, other.waveform, one.sample_rate)


def log_mel_error(comparison: Comparison) -> float:
    """Mean absolute difference of the log-mels to the truth, dB."""
    one, other = _truth(comparison).mel_db, comparison.translation.mel_db
    frames = min(one.shape[1], other.shape[1])
    return float(np.abs(one[:, :frames] - other[:, :frames]).mean())


def audible_log_mel_error(comparison: Comparison) -> float:
    """`limited_log_mel_error` to the truth, dB."""
    return dynamic_range.limited_log_mel_error(_truth(comparison).mel_db, comparison.translation.mel_db)


def multi_stft(comparison: Comparison) -> float:
    """`multi_stft_distance` to the truth."""
    return distances.multi_stft_distance(_truth(comparison).waveform, comparison.translation.waveform)


def mcd(comparison: Comparison) -> float:
    """`mel_cepstral_distortion` to the truth."""
    one, other = _truth(comparison), comparison.translation
    return cepstral.mel_cepstral_distortion(one.waveform, other.waveform, one.sample_rate)


def timbre(comparison: Comparison) -> float:
    """`timbre_distance` to the truth."""
    return embedding.timbre_distance(_truth(comparison).embedding, comparison.translation.embedding)


def pitch_to_truth(comparison: Comparison) -> float:
    """`pitch_jaccard_distance` to the truth."""
    return multipitch.pitch_jaccard_distance(_truth(comparison).pitches, comparison.translation.pitches)


def chroma_to_truth(comparison: Comparison) -> float:
    """`chroma_similarity` to the truth."""
    return distances.mean_chroma_cosine(_truth(comparison).chroma, comparison.translation.chroma)


def chroma_to_source(comparison: Comparison) -> float:
    """`chroma_similarity` to the source."""
    return distances.mean_chroma_cosine(comparison.source.chroma, comparison.translation.chroma)


def melody(comparison: Comparison) -> float:
    """`cqt_top_correlation` with the source."""
    one, other = comparison.source, comparison.translation
    return content.cqt_top_correlation(one.waveform, other.waveform, one.sample_rate)


def onsets(comparison: Comparison) -> float:
    """`onset_f1` against the source."""
    return content.onset_f1_of_times(comparison.source.onsets, comparison.translation.onsets)


def form(comparison: Comparison) -> float:
    """`form_correlation` with the source, both at the source's beats."""
    beats = comparison.source.beats
    one, other = (_bar_similarity(each, beats) for each in (comparison.source, comparison.translation))
    return self_similarity.form_correlation(one, other)


def _bar_similarity(recording: Recording, beats: np.ndarray) -> np.ndarray:
    frame_rate = recording.sample_rate / recording.spec.hop_length
    features = self_similarity.beat_features(recording.chroma, recording.mel_db, frame_rate, beats)
    return self_similarity.self_similarity(*features)


def level_runaway(comparison: Comparison) -> float:
    """`level_runaway` over the source, LU."""
    one, other = comparison.translation, comparison.source
    return level_faults.level_runaway(one.waveform, other.waveform, one.sample_rate)


def dropouts(comparison: Comparison) -> float:
    """`dropout_share` against the source."""
    one, other = comparison.translation, comparison.source
    return level_faults.dropout_share(one.waveform, other.waveform, one.sample_rate)


def hum_level(comparison: Comparison) -> float:
    """`hum_level` against the source, dB."""
    one, other = comparison.translation, comparison.source
    return hum.hum_level(one.waveform, other.waveform, one.sample_rate)


def voice_si_sdr(comparison: Comparison) -> float:
    """`si_sdr` of the voice in the translation, dB."""
    assert comparison.voice is not None
    return si_sdr.si_sdr(comparison.translation.waveform, comparison.voice)


def accompaniment_bleed(comparison: Comparison) -> float:
    """`bleed` of the source's accompaniment, the source without the voice, dB."""
    assert comparison.voice is not None
    one, voice = comparison.translation, comparison.voice
    accompaniment = comparison.source.waveform - voice
    return bleed.bleed(one.waveform, accompaniment, voice, one.sample_rate)


def pitch_to_source(comparison: Comparison) -> float:
    """`pitch_jaccard_distance` to the source."""
    return multipitch.pitch_jaccard_distance(comparison.source.pitches, comparison.translation.pitches)


def multipitch_accuracy(comparison: Comparison) -> float:
    """Accuracy of `scores_of_pitches` against the score."""
    assert comparison.notes is not None
    return multipitch.scores_of_pitches(comparison.notes, comparison.translation.pitches).accuracy


def probability_of_band(windows: np.ndarray, style: StyleReference) -> float:
    """Probability of the band by the style classifier, averaged over the seconds of a song.

    Raises:
        UserError: if the reference has no classifier.
    """
    if style.classifier is None:
        raise UserError("P(band) is left out: there are no songs to train the style classifier on")
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


def energy_statistics(windows: np.ndarray, reference: np.ndarray) -> float:
    """Energy distance of standardised statistics."""
    return energy.energy_distance(*_standardised(windows, reference))


def sharpness_over_time(windows: np.ndarray, style: StyleReference) -> float:
    """Contrast from frame to frame as a ratio to the band's mean."""
    return float(windows[0, 0] / style.windows["contrast"][:, 0].mean())


def sharpness_over_frequency(windows: np.ndarray, style: StyleReference) -> float:
    """Contrast from band to band as a ratio to the band's mean."""
    return float(windows[0, 1] / style.windows["contrast"][:, 1].mean())


def _standardised(windows: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sets as deviations from the reference's mean, in units of its standard deviation."""
    return statistics.standardise(windows, reference), statistics.standardise(reference, reference)
