"""The files: two of rules, and one of tests that only promtool reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_ops.detect.rules_export.band_rules import band_rules, metric_rules, watch_rules
from ai_ops.detect.rules_export.promql import ODD_IN_FILES, plain
from ai_ops.detect.rules_export.promtool_tests import test_document
from ai_ops.detect.rules_export.slo_rules import burn_rules, rate_rules
from ai_ops.domain.one_line import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_ops.detect.rules_export.subject import Subject

INTERVAL = "1m"
"""How often the rules are evaluated: bounds change on the hour, alarms wait for several points."""


def rule_files(subject: Subject, version: str) -> Mapping[str, str]:
    """Write the files of one service: text by path, relative to the folder they go to.

    The expressions stand in a file of their own: they change when settings do, the bands whenever they are learned.
    The tests lie in a folder, where a pattern like `rules/*.yml` does not take them for rules.
    """
    stem = f"neuropilot-{plain(subject.service, ODD_IN_FILES)}"
    metrics, alerts, tests = f"{stem}-metrics.rules.yml", f"{stem}-alerts.rules.yml", f"tests/{stem}-alerts.test.yml"
    groups = {
        metrics: {f"{stem}-metrics": metric_rules(subject), f"{stem}-slo-rates": rate_rules(subject)},
        alerts: {
            f"{stem}-bands": band_rules(subject),
            f"{stem}-watch": watch_rules(subject),
            f"{stem}-slo": burn_rules(subject),
        },
    }
    contents: dict[str, Any] = {path: _document(named) for path, named in groups.items()}
    contents[tests] = test_document(subject, f"../{alerts}")
    head = _header(subject, version)
    return {path: f"{head}\n{_yaml(content)}" for path, content in contents.items()}


def _document(groups: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"groups": [{"name": name, "interval": INTERVAL, "rules": rules} for name, rules in groups.items() if rules]}


def _header(subject: Subject, version: str) -> str:
    """Who made it, how to make it anew, what it rests on, and what is missing."""
    until = f"{subject.learned_at:%Y-%m-%d %H:%M} UTC"
    lines = [
        f"Made by NeuroPilot {version} from the metrics of {subject.service} up to {until}; edits are lost.",
        f"Anew: neuropilot rules export --service {subject.service} --out DIR",
        "Test: promtool test rules DIR/tests/*.yml",
    ]
    if subject.is_simulated:
        lines.append("SIMULATED: learned from the made-up service. To look at, not to load.")
    lines += [f"Learned: {note}" for note in subject.notes]
    lines += [f"Left out: {metric}: {reason}" for metric, reason in subject.left_out.items()]
    return "\n".join(f"# {one_line(line)}" for line in lines)


def _yaml(content: dict[str, Any]) -> str:
    import yaml

    class Readable(yaml.SafeDumper):
        """Writes expressions of several lines as they are; repeats instead of pointing to what stands elsewhere."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the library's own signature
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Readable.add_representer(str, text)
    return yaml.dump(content, Dumper=Readable, sort_keys=False, allow_unicode=True, width=10_000)
