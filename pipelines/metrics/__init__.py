"""Metrics: functions of waveforms, spectra and notes, each with its source."""
