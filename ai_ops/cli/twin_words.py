"""What a twin was calibrated to and how it fits, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_ops import __version__
from ai_ops.cli.json_text import utc_text
from ai_ops.twin.gate import BURN_FACTOR, COST_TOLERANCE
from ai_ops.twin.telemetry import MINUTE, MINUTES_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_ops.tune.look import Look
    from ai_ops.twin.calibration import Calibration
    from ai_ops.twin.curves import Curve
    from ai_ops.twin.telemetry import Telemetry
    from ai_ops.wiring.twin import Seen

SHOWN_CPUS = (40.0, 60.0, 70.0, 80.0, 90.0)
"""Where a curve is read out, as far as it was ever seen."""

MOST_SPANS = 5


def sentences(seen: Seen, chart: Path | None) -> Iterator[str]:
    """The calibration, its fit, and what the gate says."""
    simulated = " (simulated)" if seen.observation.is_simulated else ""
    if seen.look is None:
        yield f"Twin of {seen.service.name}{simulated}: none"
        yield f"  because    {seen.reason}"
        yield from _gaps(seen)
        return
    look, window = seen.look, seen.look.replays.window
    yield f"Twin of {seen.service.name}, {window_in_words(window)}{simulated}"
    yield from _calibration(look.replays.twin.calibration, window)
    yield from _fit(look)
    if seen.doubt is not None:
        yield f"  doubt      the past is left out: {seen.doubt}"
    yield from _gaps(seen)
    if chart is not None:
        yield f"  chart      {chart}"


def document(seen: Seen, chart: Path | None) -> dict[str, Any]:
    """The same as JSON values."""
    return {
        "version": __version__,
        "exit_code": 0,
        "error": None,
        "service": seen.service.name,
        "is_simulated": seen.observation.is_simulated,
        "reason": seen.reason,
        "doubt": seen.doubt,
        "gaps": {gap.metric: gap.reason for gap in seen.observation.minute_gaps},
        "twin": None if seen.look is None else _twin(seen.look),
        "chart": None if chart is None else str(chart),
    }


def window_in_words(window: Telemetry) -> str:
    """From when to when, and how long."""
    end = window.start + window.minutes * MINUTE
    days = window.minutes / MINUTES_PER_DAY
    return f"{window.start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC, {days:.1f} days of minutes"


def fit_in_words(look: Look) -> str:
    """How far the replay of what ran is from what happened."""
    fit = look.ran.fit
    return (
        f"replaying what ran costs {fit.cost_error:+.1%} against what was paid ({COST_TOLERANCE:.0%} is allowed), and "
        f"spends {fit.replayed_burn:.2f} of the error budget where {fit.observed_burn:.2f} was spent "
        f"(a factor of {BURN_FACTOR:g} is allowed)"
    )


def abnormal_spans(look: Look) -> list[tuple[str, int]]:
    """Begin and length in minutes of every span that was left out, the longest first."""
    flags = look.replays.twin.calibration.abnormal
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    window = look.replays.window
    spans = [(window.start + int(begin) * MINUTE, int(end - begin)) for begin, end in edges.reshape(-1, 2)]
    return [(utc_text(begin), minutes) for begin, minutes in sorted(spans, key=lambda span: (-span[1], span[0]))]


def _calibration(curve: Calibration, window: Telemetry) -> Iterator[str]:
    line, steps = curve.utilisation, curve.steps
    load = "for each request per second and instance"
    rises = f"{line.idle_percent:.3g} % without load, {line.percent_per_load:.3g} points more {load}"
    yield f"  CPU        {rises}; a minute strays by {line.spread_percent:.2g} points"
    yield f"  bad        {_read_out(curve.bad_ratio, 100.0, '% of the requests')}"
    latency = "not measured" if curve.latency_ms is None else _read_out(curve.latency_ms, 1.0, "p95 in ms")
    yield f"  latency    {latency}"
    yield f"  memory     {curve.memory_idle_percent:.3g} % without load, {curve.memory_per_load:.2g} points more {load}"
    yield f"  boot       {steps.boot_minutes} min from the wish to the instance"
    out, back = _step(steps.out_ratio, steps.is_out_rounded_up), _step(steps.in_ratio, steps.is_in_rounded_up)
    yield f"  steps      out by {out} of the instances, in by {back}, at least one"
    yield f"  price      {curve.price_per_instance_hour:.4g} an instance and hour"
    left_out = int(curve.abnormal.sum())
    yield f"  rests on   {curve.used_minutes} of {window.minutes} minutes; {left_out} are left out as abnormal"


def _read_out(curve: Curve, scale: float, unit: str) -> str:
    """Values at a few CPUs that were really seen, and how far that was."""
    highest = curve.known_up_to_percent
    read = [*(cpu for cpu in SHOWN_CPUS if cpu < highest), highest]
    values = scale * curve.at(np.array(read))
    told = ", ".join(f"{value:.3g} at {cpu:.0f}" for cpu, value in zip(read, values, strict=True))
    return f"{unit} by % CPU: {told}; never seen above {highest:.0f}"


def _step(ratio: float, is_up: bool) -> str:  # noqa: FBT001  # as `Steps` says it
    return f"{ratio:.0%} (rounded {'up' if is_up else 'down'})"


def _fit(look: Look) -> Iterator[str]:
    yield from (f"    since {begin} for {minutes} min" for begin, minutes in abnormal_spans(look)[:MOST_SPANS])
    for note in look.replays.twin.calibration.notes:
        yield f"  note       {note}"
    yield f"  fit        {fit_in_words(look)}"
    if look.correction != 1.0:
        yield f"  learned    reality has spent {look.correction:.2f} times what replays say: they are corrected by it"
    if (reason := look.ran.fit.reason) is not None:
        yield f"  gate       closed: {reason}"
    elif look.doubts:
        yield f"  gate       open, with care: {'; '.join(look.doubts)}"
    else:
        yield "  gate       open: decisions may rest on it"


def _gaps(seen: Seen) -> Iterator[str]:
    for gap in seen.observation.minute_gaps:
        yield f"  gap        {gap.metric}: {gap.reason}"


def _twin(look: Look) -> dict[str, Any]:
    curve, window, fit = look.replays.twin.calibration, look.replays.window, look.ran.fit
    line = curve.utilisation
    return {
        "window": {
            "start": utc_text(window.start),
            "end": utc_text(window.start + window.minutes * MINUTE),
            "days": window.minutes * MINUTE / timedelta(days=1),
        },
        "cpu": {
            "idle_percent": line.idle_percent,
            "percent_per_load": line.percent_per_load,
            "spread_percent": line.spread_percent,
            "curve": _points(line.loads, line.cpus),
        },
        "bad_ratio": _curve(curve.bad_ratio),
        "latency_ms": None if curve.latency_ms is None else _curve(curve.latency_ms),
        "memory": {"idle_percent": curve.memory_idle_percent, "percent_per_load": curve.memory_per_load},
        "steps": asdict(curve.steps) | {"notes": list(curve.steps.notes)},
        "price_per_instance_hour": curve.price_per_instance_hour,
        "used_minutes": curve.used_minutes,
        "abnormal": [{"since": begin, "minutes": minutes} for begin, minutes in abnormal_spans(look)],
        "notes": list(curve.notes),
        "doubts": list(look.doubts),
        "correction": look.correction,
        "fit": {
            "cost_error": fit.cost_error,
            "observed_burn": fit.observed_burn,
            "replayed_burn": fit.replayed_burn,
            "is_passed": fit.reason is None,
            "reason": fit.reason,
        },
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {"known_up_to_percent": curve.known_up_to_percent, "curve": _points(curve.cpus, 10.0**curve.logs)}


def _points(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    return [[float(one), float(other)] for one, other in zip(x, y, strict=True)]
