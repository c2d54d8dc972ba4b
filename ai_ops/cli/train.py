"""`neuropilot train`, and its twin `python ai_ops/scripts/anomaly_trainer.py`: a model may only get better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ai_ops.cli.json_text import failing_as_json
from ai_ops.cli.options import AsJson, Config, Debug, Root, Service, Summary, place_for

MOST_HOURS = 90 * 24
"""As far back as `metrics.history_days` may reach."""

LookbackHours = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=MOST_HOURS,
        help="How far back a --rebuild learns. A nightly training learns all that is new, a first one all there is.",
    ),
]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Forget the model in use, and fit on the history alone.")]
Collected = Annotated[
    Path | None, typer.Option("--collected", help="Learn from the document of `neuropilot collect --for training`.")
]
Sha256 = Annotated[str | None, typer.Option(help="What its SHA-256 must be, as the job that made it says.")]


def train(  # noqa: PLR0913  # one parameter per option
    *,
    lookback_hours: LookbackHours = None,
    rebuild: Rebuild = False,
    apply: Annotated[bool, typer.Option("--apply", help="Keep what comes of it, and use what passes.")] = False,
    scheduled: Annotated[
        bool, typer.Option("--scheduled", help="Do nothing where `model.retrain` is off, as the nightly job wants it.")
    ] = False,
    collected: Collected = None,
    collected_sha256: Sha256 = None,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Train the model of how metrics move together, and use it if it is no worse. Without --apply nothing is kept."""
    from ai_ops.cli.training_run import Request, run_training
    from ai_ops.wiring.models.lesson import Wish

    with failing_as_json(is_wanted=as_json, trainings=[], failures=[], degraded=[]):
        request = Request(
            wish=Wish.of_hours(lookback_hours, is_rebuild=rebuild),
            is_keeping=apply,
            is_scheduled=scheduled,
            service=service,
            collected=collected,
            collected_sha256=collected_sha256,
            summary=summary,
            as_json=as_json,
            is_debugging=debug,
        )
        return run_training(place_for(root, config), request)


def anomaly_trainer(  # noqa: PLR0913  # the same
    *,
    lookback_hours: LookbackHours = None,
    rebuild: Rebuild = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Train and measure, and keep nothing.")] = False,
    config: Config = None,
    root: Root = None,
    service: Service = None,
    summary: Summary = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> int:
    """Train the anomaly model on the last hours, and use it if it is no worse than the one in use."""
    return train(
        lookback_hours=lookback_hours,
        rebuild=rebuild,
        apply=not dry_run,
        config=config,
        root=root,
        service=service,
        summary=summary,
        as_json=as_json,
        debug=debug,
    )
