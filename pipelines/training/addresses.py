"""Addresses of other processes, "host:port"."""

from __future__ import annotations

import socket
import time

from pipelines.errors import UserError

_PROBE_SECONDS = 2.0
_BETWEEN = 0.2


def parsed(flag: str, value: str) -> str:
    """An address as it was given on the command line, without the "grpc://" that TensorFlow writes before it.

    Args:
        flag: for the sentence.
        value: of it.

    Raises:
        UserError: if it is none.
    """
    address = value.removeprefix("grpc://")
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(f"--{flag} {value} is no address: give host:port, as in --{flag} localhost:5000")
    return address


def answers(address: str) -> bool:
    """True if a process accepts TCP connections at the address, tried for two seconds."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _PROBE_SECONDS):
            return True
    except OSError:
        return False


def answers_within(address: str, seconds: float) -> bool:
    """True if a process accepts TCP connections at the address, at once or within some seconds.

    TensorFlow itself would wait for an hour or without end, and react neither to a deadline nor to Ctrl-C
    meanwhile.

    Args:
        address: "host:port".
        seconds: time after which the function gives up; it is checked after each attempt.
    """
    end = time.monotonic() + seconds
    while not answers(address):
        if time.monotonic() > end:
            return False
        time.sleep(_BETWEEN)
    return True
