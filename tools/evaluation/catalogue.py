"""The columns of `coverband evaluate`. Whoever calls `job.evaluate` may give more of them."""

from __future__ import annotations

import numpy as np

from pipelines.errors import UserError
from pipelines.metrics import cepstral, content, distances, embedding, frechet, lsd, multipitch, statistics
from tools.evaluation.columns import AnyColumn, Hearing, SetColumn, SongColumn, Style, WindowColumn
from tools.evaluation.recording import Recording
from tools.evaluation.results import Column, Group


def _down(key: str, name: str, unit: str, group: Group, explanation: str, digits: int = 2) -> Column:
    return Column(key, name, unit, False, group, explanation, digits)


def _up(key: str, name: str, group: Group, explanation: str, digits: int = 3) -> Column:
    return Column(key, name, "", True, group, explanation, digits)


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
    one, other = _truth(hearing), hearing.sound
    return distances.chroma_similarity(one.waveform, other.waveform, one.sample_rate)


def chroma_to_source(hearing: Hearing) -> float:
    """`chroma_similarity` to the source."""
    one, other = hearing.source, hearing.sound
    return distances.chroma_similarity(one.waveform, other.waveform, one.sample_rate)


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
    """Accuracy of `multipitch_scores` against the score."""
    assert hearing.notes is not None
    return multipitch.multipitch_scores(
        hearing.notes, hearing.sound.waveform, hearing.sound.sample_rate
    ).accuracy


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


PAIRED = (
    SongColumn(
        _down(
            "log_mel_error",
            "log-mel error",
            "dB",
            "paired",
            "Mean difference of the log-mel spectrograms to the truth's.",
        ),
        log_mel_error,
        "truth",
    ),
    SongColumn(
        _down(
            "lsd_frequency",
            "LSD (frequency)",
            "dB",
            "paired",
            "Log-spectral distance to the truth, the textbook's: root mean square over the bands of a frame, "
            "then the mean over frames.",
        ),
        lsd_frequency,
        "truth",
    ),
    SongColumn(
        _down(
            "lsd_time",
            "LSD (time)",
            "dB",
            "paired",
            "Log-spectral distance to the truth as ss-vq-vae takes it: root mean square over the frames of a "
            "band, then the mean over bands.",
        ),
        lsd_time,
        "truth",
    ),
    SongColumn(
        _down(
            "multi_stft",
            "M-STFT",
            "",
            "paired",
            "Distance of the spectra to the truth's at three resolutions.",
        ),
        multi_stft,
        "truth",
    ),
    SongColumn(
        _down(
            "mcd",
            "MCD",
            "dB",
            "paired",
            "Mel-cepstral distortion: how far the spectral envelopes are from the truth's, frame by frame.",
        ),
        mcd,
        "truth",
    ),
    SongColumn(
        _down(
            "timbre",
            "timbre distance",
            "",
            "paired",
            "How different the instruments sound from the truth's, by a network that was trained to hear "
            "timbre and to ignore notes.",
            3,
        ),
        timbre,
        "truth",
    ),
    SongColumn(
        _down(
            "pitch_to_truth",
            "pitch distance to truth",
            "",
            "paired",
            "Share of the pitches found in it or in the truth that the two do not share; even the same notes "
            "in another timbre do not reach 0.",
            3,
        ),
        pitch_to_truth,
        "truth",
    ),
    SongColumn(
        _up(
            "chroma_to_truth",
            "chroma to truth",
            "paired",
            "Whether the harmony is the truth's at every moment; 1 for the same.",
        ),
        chroma_to_truth,
        "truth",
    ),
)
"""How near a cover is to what the band really plays."""

CONTENT = (
    SongColumn(
        _up(
            "chroma_to_source",
            "chroma to source",
            "content",
            "Whether the harmony is the song's at every moment; 1 for the same.",
        ),
        chroma_to_source,
    ),
    SongColumn(
        _up(
            "melody",
            "melody (CQT1-PCC)",
            "content",
            "Correlation of the strongest pitch's course with the song's: whether the melody is kept.",
        ),
        melody,
    ),
    SongColumn(
        _up(
            "onset_f1",
            "onset F1",
            "content",
            "Share of the note onsets that agree with the song's within 50 ms: whether the rhythm is kept.",
        ),
        onsets,
    ),
    SongColumn(
        _down(
            "pitch_to_source",
            "pitch distance to source",
            "",
            "content",
            "Share of the pitches found in it or in the song that the two do not share.",
            3,
        ),
        pitch_to_source,
    ),
    SongColumn(
        _up(
            "multipitch",
            "multipitch accuracy",
            "content",
            "Share of the score's and the heard pitches that agree; compare it with the row that copies the "
            "source, since the estimator itself makes mistakes.",
        ),
        multipitch_accuracy,
        "notes",
    ),
)
"""How much of the song is kept."""

STYLE = (
    SetColumn(
        _down(
            "kad_embedding",
            "KAD (timbre)",
            "",
            "style",
            "How well the covers could be told from the band's songs by their timbre; 0 for not at all.",
        ),
        "embedding",
        frechet.kernel_audio_distance,
    ),
    SetColumn(
        _down(
            "kad_statistics",
            "KAD (statistics)",
            "",
            "style",
            "The same by plain statistics of the sound of every second, without a trained network.",
        ),
        "statistics",
        kad_statistics,
    ),
    SetColumn(
        _down(
            "fad_statistics",
            "FAD-infinity",
            "",
            "style",
            "Frechet distance of those statistics to the band's, followed to endless recordings.",
        ),
        "statistics",
        fad_statistics,
    ),
    SetColumn(
        _down(
            "kid_statistics",
            "KID",
            "",
            "style",
            "Kernel distance of those statistics to the band's that weighs outliers more.",
        ),
        "statistics",
        kid_statistics,
    ),
    WindowColumn(
        _up(
            "probability",
            "P(band)",
            "style",
            "How sure a classifier, trained on songs that no translator saw, is that it hears the band.",
        ),
        "statistics",
        probability_of_band,
    ),
)
"""How near the band's sound is."""

COLUMNS: tuple[AnyColumn, ...] = (*PAIRED, *CONTENT, *STYLE)
"""All of them, in the order in which they are shown."""
