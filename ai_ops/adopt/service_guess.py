"""Which preset and which label matchers find the service, told by what Prometheus holds and answers.

Names alone do not do: a node_exporter runs on every Kubernetes node. So each likely reading is tried with its own
queries, and the one that answers most of them wins.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ai_ops.domain.adoption import Evidence, ServiceGuess

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TRIED_MAX = 6
"""Readings that are tried: each is some ten queries."""

VALUES_MAX = 200
"""Values of a label that are looked at; more name requests or users, not services."""

USUAL_LATENCY_MS = 400.0
OTHERS_MAX = 8

_PLAIN = re.compile(r"[\w./:@ -]{1,120}", re.ASCII)
"""What a name is made of that is taken over; anything else could mean more than itself in a query or in YAML."""


class Catalogue(Protocol):
    """What can be asked of a Prometheus."""

    def label_values(self, label: str, selector: str) -> tuple[str, ...]:
        """Values that `label` had lately on series that fit `selector` (matchers without braces)."""

    def answers(self, guess: ServiceGuess) -> Mapping[str, float | None]:
        """By metric, the newest answer of the guess's own query; None where it gave none."""


class Family(NamedTuple):
    """How the series of one preset say whose they are."""

    preset: str
    traffic: str
    buckets: str
    labels: tuple[str, ...]


FAMILIES = (
    Family(
        "micrometer",
        "http_server_requests_seconds_count",
        "http_server_requests_seconds_bucket",
        ("application", "job"),
    ),
    Family(
        "nginx",
        "nginx_ingress_controller_request_duration_seconds_count",
        "nginx_ingress_controller_request_duration_seconds_bucket",
        ("ingress",),
    ),
    Family(
        "otel_http",
        "http_server_request_duration_seconds_count",
        "http_server_request_duration_seconds_bucket",
        ("job",),
    ),
    Family(
        "kubernetes", "http_request_duration_seconds_count", "http_request_duration_seconds_bucket", ("service", "job")
    ),
    Family("node_exporter", "http_request_duration_seconds_count", "http_request_duration_seconds_bucket", ("job",)),
    Family("cloudwatch_exporter", "aws_applicationelb_request_count_sum", "", ("load_balancer",)),
)
"""Special ones first: of two that answer equally much, the earlier one wins."""

_BEHIND_KUBERNETES = "kube_deployment_spec_replicas"
_BEHIND_AMAZON = (
    ("aws_ecs_cpuutilization_average", "service_name"),
    ("aws_ec2_cpuutilization_average", "auto_scaling_group_name"),
)


def guess_service(catalogue: Catalogue, repository: str) -> Evidence:
    """Find the service that a repository most likely is.

    Parameters
    ----------
    catalogue
        What can be asked; an error of it passes.
    repository
        The repository's name: a service that is called so is preferred.
    """
    traffic = "|".join(sorted({family.traffic for family in FAMILIES}))
    present = set(catalogue.label_values("__name__", f'__name__=~"{traffic}"'))
    home = service_name(repository)
    if not present:
        return Evidence(
            ServiceGuess(home),
            ("no series of a known exporter tells of requests: preset and selector are not guessed",),
        )
    candidates = [one for family in FAMILIES if family.traffic in present for one in _candidates(catalogue, family)]
    candidates.sort(key=lambda one: one.name != home)  # stable: the order of the families stays
    tried = [(one, catalogue.answers(one)) for one in _fairly(candidates)]
    seen = [(one, said) for one, said in tried if said.get("requests_per_second") is not None]
    if not seen:
        names = ", ".join(sorted(present))
        return Evidence(ServiceGuess(home), (f"{names} are there, but no selector was found whose queries answer",))
    best, said = max(seen, key=lambda pair: (_answered(pair[1]), pair[0].name == home, pair[1]["requests_per_second"]))
    family = next(family for family in FAMILIES if family.preset == best.preset)
    chosen = replace(best, silent=tuple(metric for metric, value in said.items() if value is None), is_seen=True)
    latency = _bucket(catalogue, family, chosen.selector)
    return Evidence(replace(chosen, latency_ms=latency), _words(family, chosen, said))


def service_name(text: str) -> str:
    """Make a name that the settings take out of what a label or a folder is called.

    >>> service_name("app/My Shop/50dc6c495c0c9188"), service_name("payments/checkout"), service_name("2048")
    ('my-shop', 'checkout', 'web')
    """
    parts = text.split("/")
    told = parts[1] if parts[0] in {"app", "net"} and len(parts) > 2 else parts[-1]  # noqa: PLR2004  # type/name/hash
    name = re.sub(r"[^a-z0-9]+", "-", told.lower()).strip("-")[:41].rstrip("-")
    return name if re.match(r"[a-z]", name) else "web"


def _fairly(candidates: list[ServiceGuess]) -> Iterator[ServiceGuess]:
    """Take the first of each preset, then the second, until enough are taken."""
    ranks: dict[str, int] = {}
    ranked = []
    for one in candidates:
        ranks[one.preset] = ranks.get(one.preset, 0) + 1
        ranked.append((ranks[one.preset], one))
    yield from (one for _, one in sorted(ranked, key=lambda pair: pair[0])[:TRIED_MAX])


def _candidates(catalogue: Catalogue, family: Family) -> Iterator[ServiceGuess]:
    """Every service that the label of a family names."""
    for label in family.labels:
        values = catalogue.label_values(label, f'__name__="{family.traffic}",{label}!=""')
        plain = [value for value in values[:VALUES_MAX] if _PLAIN.fullmatch(value)]
        for value in plain:
            others = tuple(other for other in plain if other != value)[:OTHERS_MAX]
            selector = f'{label}="{value}"'
            guess = ServiceGuess(service_name(value), family.preset, selector, others=others)
            yield replace(guess, variables=_variables(catalogue, family, guess))
        if plain:
            return


def _variables(catalogue: Catalogue, family: Family, guess: ServiceGuess) -> Mapping[str, str]:
    """What the preset must be told beside the selector, as far as one answer fits."""
    if family.preset in {"kubernetes", "nginx"}:
        return _deployment(catalogue, family, guess)
    if family.preset == "cloudwatch_exporter":
        for series, label in _BEHIND_AMAZON:
            names = catalogue.label_values(label, f'__name__="{series}"')
            fitting = [name for name in names if service_name(name) == guess.name] or list(names)
            if len(fitting) == 1 and _PLAIN.fullmatch(fitting[0]):
                return {"compute": f'{label}="{fitting[0]}"'}
    return {}


def _deployment(catalogue: Catalogue, family: Family, guess: ServiceGuess) -> Mapping[str, str]:
    """Namespace and name of the Deployment behind a service, where kube-state-metrics knows exactly one called so."""
    here = f'__name__="{_BEHIND_KUBERNETES}"'
    workloads = [name for name in catalogue.label_values("deployment", here) if service_name(name) == guess.name]
    if len(workloads) != 1:
        return {}
    spaces = set(catalogue.label_values("namespace", f'{here},deployment="{workloads[0]}"'))
    if len(spaces) > 1:  # the same name in several: the requests say which
        label = "exported_namespace" if family.preset == "nginx" else "namespace"
        spaces &= set(catalogue.label_values(label, f'__name__="{family.traffic}",{guess.selector}'))
    found = {"namespace": spaces.pop()} if len(spaces) == 1 else {}
    found |= {} if workloads[0] == guess.name else {"workload": workloads[0]}
    return {name: value for name, value in found.items() if value != "default"}


def _bucket(catalogue: Catalogue, family: Family, selector: str) -> float | None:
    """The least bucket that is not below the usual promise, or the highest one; None where the usual one is there."""
    if not family.buckets:
        return None
    bounds = [_milliseconds(le) for le in catalogue.label_values("le", f'__name__="{family.buckets}",{selector}')]
    finite = sorted(bound for bound in bounds if math.isfinite(bound) and bound >= 1)
    if not finite or USUAL_LATENCY_MS in finite:
        return None
    return next((bound for bound in finite if bound > USUAL_LATENCY_MS), finite[-1])


def _milliseconds(le: str) -> float:
    try:
        return round(1000 * float(le), 6)
    except ValueError:
        return math.nan


def _answered(said: Mapping[str, float | None]) -> int:
    return sum(value is not None for value in said.values())


def _words(family: Family, guess: ServiceGuess, said: Mapping[str, float | None]) -> tuple[str, ...]:
    figures = ", ".join(f"{metric} {value:.4g}" for metric, value in said.items() if value is not None)
    words = [
        f"preset {family.preset}: {family.traffic} is there",
        f"selector {guess.selector}: {_answered(said)} of {len(said)} queries answer ({figures})",
    ]
    if guess.silent:
        words.append(f"no answer for {', '.join(guess.silent)}: `neuropilot doctor` shows each query")
    if guess.others:
        words.append(f"the same label has other values, which may be services too: {_shown(guess.others)}")
    return tuple(words)


def _shown(names: Iterable[str]) -> str:
    return ", ".join(names)
