"""Self times and shares, by hand-computed numbers."""

import pytest
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from tools.benchmarks.speed import profiling
from tools.benchmarks.speed.profiling import Event

SECOND = 10**12


def test_self_times_exclude_nested_events():
    events = [
        Event("call", 0, 10 * SECOND),
        Event("matmul", 1 * SECOND, 4 * SECOND),
        Event("pack", 2 * SECOND, 1 * SECOND),
        Event("matmul", 5 * SECOND, 2 * SECOND),
        Event("call", 10 * SECOND, 3 * SECOND),
    ]
    assert profiling.self_times(reversed(events)) == {"call": 7.0, "matmul": 5.0, "pack": 1.0}


def test_operations_in_descending_order_with_shares():
    operations = profiling.by_time({"Mul": 1.0, "_MklConv2D": 6.0, "MatMul": 3.0}, steps=2)
    assert operations == (("_MklConv2D", 3.0, 0.6), ("MatMul", 1.5, 0.3), ("Mul", 0.5, 0.1))
    table = profiling.table("tiny", operations)
    assert table.notes[0].startswith("Convolutions and matrix products: 90%")
    assert table.rows[0] == {"operation": "_MklConv2D", "ms per step": 3000.0, "%": pytest.approx(60)}


def _plane(space, name, events):
    plane = space.planes.add(name=name)
    line = plane.lines.add(name="a thread")
    for number, (event, start, duration) in enumerate(events):
        plane.event_metadata[number].name = event
        line.events.add(metadata_id=number, offset_ps=start * SECOND, duration_ps=duration * SECOND)


def test_operations_of_the_gpu_or_else_of_the_host(tmp_path):
    space = xplane_pb2.XSpace()
    _plane(space, "/host:CPU", [("train step", 0, 9), ("model/layer-1/conv:Conv2D", 0, 4), ("a/b:Mul", 4, 1)])
    trace = tmp_path / "trace"
    trace.write_bytes(space.SerializeToString())
    assert profiling.read(trace) == {"Conv2D": 4.0, "Mul": 1.0}
    _plane(space, "/device:GPU:0", [("sm90_xmma_gemm<float>(int)", 0, 2)])
    trace.write_bytes(space.SerializeToString())
    assert profiling.read(trace) == {"sm90_xmma_gemm": 2.0}
