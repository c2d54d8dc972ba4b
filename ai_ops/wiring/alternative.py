"""What a chart shows of settings that were replayed beside today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_ops.charts.what_if import Alternative
from ai_ops.domain.change import in_brief

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_ops.domain.tuning import Change
    from ai_ops.tune.look import Compared


def alternative(
    compared: Compared, changes: Iterable[Change], of_whom: tuple[str, bool], *, is_proposal: bool = False
) -> Alternative:
    """Take out of a comparison what is drawn; `of_whom` is the service's name, and whether it is simulated."""
    service, is_simulated = of_whom
    replays, trace, figures = compared.look.replays, compared.trace, compared.figures
    return Alternative(
        service=service,
        is_simulated=is_simulated,
        idea=", ".join(in_brief(change) for change in changes),
        start=replays.window.start,
        demand=replays.befell.demand,
        wanted=trace.wanted[:, 0],
        bad_ratio=trace.bad_ratio[:, 0],
        cpu_percent=trace.cpu_percent[:, 0],
        saving=float(1.0 - figures.instances[1] / figures.instances[0]),
        burns=(float(figures.burn[0]), float(figures.burn[1])),
        riskiest=compared.riskiest,
        allowed_bad_ratio=replays.twin.platform.allowed_bad_ratio,
        is_proposal=is_proposal,
    )
