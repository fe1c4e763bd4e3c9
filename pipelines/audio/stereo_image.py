"""Stereo image of a recording, separated from its mono magnitude.

The input of a translator is one mono spectrogram: the root mean square of the magnitudes over the channels.
The image is one gain per channel, frame and bin, |channel| = gain * mono magnitude, with a mean square of 1
over the channels; the gains of mono material are 1. An unchanged mono magnitude therefore reproduces every
channel, hard-panned and out-of-phase material included.

The mean of the waveforms would cancel material that is out of phase between the channels (wide synthesisers,
"surround" mixes), and cancelled material cannot be translated. Training data are means of waveforms. Where
the channels agree, as they do for most of a song's energy (voice, bass, drums), both are equal; for material
in one channel only, or uncorrelated, the root mean square is 3 dB higher: a difference in level that is
smaller than that between two songs.

Per-bin gains alone do not preserve the width of a song: a translation amplifies bins between the source's
partials, where channels agree less, and other frequencies than those that dominate the source. Therefore
`match_stereo_width` corrects the ratio of side to mid of the translated waveform.

The computation is in `pipelines.audio.stereo`, on tensors, and in `pipelines.audio.arrays.stereo`, on arrays;
here are the numbers of both.
"""

from __future__ import annotations

SILENCE = 1e-8
"""Energies below this are silence, where gains tend to 1."""

SMOOTHED_BINS = 5
"""Fewer bins than between two partials of a note, so that each keeps its own panning."""

PANNING_REACH = 2
"""Context of a frame of `panning`, frames on each side.

Diffuse sound flutters otherwise: the gains of a tone with vibrato and a decorrelated reverb deviate by 1.92
dB over time without an average, by 1.20 dB with 5 frames and by .88 dB with 7. Of strokes of one pitch that
alternate between the channels eight times a second, -31, -19 and -16 dB end up in the other one.
"""

WIDTH_HOPS = 258
"""Hops on each side of an average of side and mid; six seconds in total at the default spec.

The loud moments of a translation are not those of its source, so the averages have to cover several of them:
with one second, some real mixes are 1.5 and 2 dB too wide, with six all of 17 are within 0.5 dB.
"""

WIDTH_REACH = WIDTH_HOPS + 1
"""Context of a sample in `match_stereo_width`, in hops on each side."""

MIN_SHARE = 1e-5
"""Share of the energy (-50 dB) below which side or mid count as none."""

MAX_GAIN = 4.0
"""Largest correction of the side, linear: 12 dB."""
