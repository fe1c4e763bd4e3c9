"""The first line of a training says what it runs on, and what to install where a GPU stays unused."""

import os
import stat
from types import SimpleNamespace

import pytest

from pipelines.training import hardware
from pipelines.training.hardware import Hardware

CARD = "NVIDIA GeForce RTX 4090"
IDLE = {"present": (CARD,), "driver": (550, 54, 14)}


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "2 CPU cores, TensorFlow 2.17.1; no GPU found (see docs/distributed.md)"),
        ({"used": ("NVIDIA H100",), "capability": (9, 0)}, "1 GPU: NVIDIA H100, TensorFlow 2.17.1"),
        ({"used": ("A100", "A100", "L4")}, "3 GPUs: A100 (2), L4, TensorFlow 2.17.1"),
    ],
)
def test_devices_are_named(facts, sentence):
    assert str(Hardware(2, "2.17.1", built_for=(9, 0), **facts)) == sentence


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"visible": ""}, "CUDA_VISIBLE_DEVICES hides 1 GPU: NVIDIA GeForce RTX 4090: unset it"),
        ({"driver": ()}, "has no driver: install NVIDIA's, version 525.60.13 or newer"),
        ({"driver": (470, 57, 2)}, "470.57.2, is too old for CUDA 12: install 525.60.13 or newer"),
        ({"cuda": False}, "is built without CUDA"),
        ({"libraries": False}, 'pip install -c constraints.txt ".[gpu]"'),
        ({"libraries": False, "tensorflow": "2.21.0"}, 'pip install -c constraints-latest.txt ".[gpu]"'),
        ({}, "TF_CPP_MIN_LOG_LEVEL=0"),
    ],
)
def test_a_gpu_that_is_not_used_is_one_sentence_with_what_to_do(facts, remedy):
    sentence = str(Hardware(**{"cores": 1, "tensorflow": "2.17.1", **IDLE, **facts}))
    assert sentence.startswith("1 CPU core, TensorFlow 2.")
    assert remedy in sentence
    assert "\n" not in sentence


def test_an_architecture_that_is_too_new_is_said_beside_its_gpu():
    sentence = str(Hardware(8, "2.21.0", used=("RTX 5090",), capability=(12, 0), built_for=(9, 0)))
    assert "compute capability (12.0; at most 9.0)" in sentence
    assert "CUDA_VISIBLE_DEVICES=-1" in sentence


def _fake_nvidia_smi(folder, monkeypatch, script):
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "nvidia-smi").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_names_and_driver_are_nvidia_smi_s(tmp_path, monkeypatch):
    _fake_nvidia_smi(tmp_path, monkeypatch, "echo 'NVIDIA L4, 535.104.05'; echo 'NVIDIA L4, 535.104.05'")
    found = Hardware.from_machine()
    assert found.present == ["NVIDIA L4"] * 2
    assert found.driver == (535, 104, 5)
    assert found.built_for == (9, 0)


def test_without_a_driver_the_bus_shows_gpus_and_nothing_else_of_nvidia_s(tmp_path, monkeypatch):
    _fake_nvidia_smi(tmp_path, monkeypatch, "echo 'no driver'; exit 9")
    kinds = {"gpu": ("0x10de", "0x030200"), "sound": ("0x10de", "0x040300"), "other": ("0x1234", "0x030000")}
    for name, (vendor, kind) in kinds.items():
        (tmp_path / "bus" / name).mkdir(parents=True)
        (tmp_path / "bus" / name / "vendor").write_text(f"{vendor}\n")
        (tmp_path / "bus" / name / "class").write_text(f"{kind}\n")
    monkeypatch.setattr(hardware, "Path", lambda _: tmp_path / "bus")
    assert hardware._present() == (["NVIDIA GPU"], ())


def test_gpus_of_tensorflow_are_named_with_their_architecture(monkeypatch):
    details = {"device_name": "NVIDIA H100", "compute_capability": (9, 0)}
    config = SimpleNamespace(
        list_physical_devices=lambda kind: [kind],
        experimental=SimpleNamespace(get_device_details=lambda _: details),
    )
    monkeypatch.setattr(hardware.tf, "config", config)
    found = Hardware.from_machine()
    assert (found.used, found.capability, found.present) == (["NVIDIA H100"], (9, 0), [])


@pytest.mark.parametrize(
    ("text", "found"), [("sm_90", (9, 0)), ("compute_120a", (12, 0)), ("7.5", ()), ("", ())]
)
def test_capabilities(text, found):
    assert hardware._capability(text) == found
