"""Rules that Prometheus can load: checked and run by the real promtool."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import yaml
from promtool import promtool, write_files

from ai_ops.detect.rules_export.band_rules import OLD
from ai_ops.detect.rules_export.hourly_band import HourlyBand
from ai_ops.detect.rules_export.promql import duration, rule_name, selector, untemplated
from ai_ops.detect.rules_export.rule_files import rule_files
from ai_ops.detect.rules_export.slo_rules import SPANS, possible_alerts
from ai_ops.detect.rules_export.subject import Promise, Subject
from ai_ops.settings.service import Service

LEARNED_AT = datetime(2026, 11, 20, tzinfo=UTC)
NO_PROMISE = Promise(99.95, 1000, {}, {})
A_PROMISE = Promise(
    99.95, 1000, {span: f"good:rate{span}" for span in SPANS}, {span: f"requests:rate{span}" for span in SPANS}
)


def a_band(
    metric: str = "cpu_percent", lower: float | np.ndarray = 40.0, upper: float | np.ndarray = 60.0, **changes
) -> HourlyBand:
    """One band for all hours."""
    facts = {
        "metric": metric,
        "expected": np.array([[50.0]]),
        "lower": np.atleast_2d(lower),
        "upper": np.atleast_2d(upper),
        "learned_at": LEARNED_AT,
        "days": 14.0,
        "alarms": 0,
        "is_outside_now": False,
    }
    return HourlyBand(**(facts | changes))


def a_subject(*bands: HourlyBand, **changes) -> Subject:
    """A service with these bands and no promise."""
    facts = {
        "service": "web",
        "expressions": {band.metric: f"source_of_{number}" for number, band in enumerate(bands)},
        "bands": bands,
        "left_out": {},
        "promise": NO_PROMISE,
        "learned_at": LEARNED_AT,
        "hold": timedelta(minutes=20),
        "missing_after": timedelta(minutes=30),
        "too_old_after": timedelta(days=14),
    }
    return Subject(**(facts | changes))


def files_of(subject: Subject) -> tuple[str, str, str]:
    """Text of the rules of metrics, of the rules of alarms, and of the tests."""
    metrics, alerts, tests = rule_files(subject, "17.3.0").values()
    return metrics, alerts, tests


def rules_in(text: str) -> list[dict]:
    """Every rule of a file."""
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def assert_promtool_agrees(folder, subject: Subject) -> None:
    """The rules can be loaded, and do what their own tests say."""
    metrics, alerts, tests = write_files(folder, rule_files(subject, "17.3.0"))
    checked = promtool("check", "rules", "--lint-fatal", metrics, alerts)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    tested = promtool("test", "rules", tests)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_promtool_accepts_the_rules_and_runs_their_tests(tmp_path):
    """Usual values are silent, values outside fire after `for`, and a missing metric is told."""
    assert_promtool_agrees(tmp_path, a_subject(a_band(), promise=A_PROMISE))


def test_the_generated_tests_can_fail(tmp_path):
    """A test that also passes on wrong rules would prove nothing."""
    metrics, alerts, tests = write_files(tmp_path, rule_files(a_subject(a_band()), "17.3.0"))
    alerts.write_text(alerts.read_text().replace("vector(60)", "vector(600)"))
    assert promtool("test", "rules", tests).returncode == 1
    alerts.write_text(alerts.read_text().replace("vector(600)", "vector(45)"))
    assert promtool("test", "rules", tests).returncode == 1
    assert metrics.exists()


@pytest.mark.parametrize("rows", [1, 2])
def test_the_bound_of_the_hour_is_looked_up(tmp_path, rows):
    """Every hour of a Thursday, and of a Saturday, has the number of its own line."""
    upper = 100.0 + np.arange(24 * rows).reshape(rows, 24)
    band = a_band(expected=upper - 10, lower=np.full((rows, 24), -np.inf), upper=upper)
    (_, alerts, _) = write_files(tmp_path, rule_files(a_subject(band), "17.3.0"))
    moments = [(day, hour, upper[rows - 1 if day == 2 else 0, hour]) for day in (0, 2) for hour in (0, 7, 23)]
    checks = [
        {
            "expr": "max(service:cpu_percent:upper)",
            "eval_time": f"{24 * day + hour}h30m",
            "exp_samples": [{"labels": "{}", "value": float(value)}],
        }
        for day, hour, value in moments
    ]
    document = {"rule_files": [alerts.name], "evaluation_interval": "30m", "tests": [{"promql_expr_test": checks}]}
    (own,) = write_files(tmp_path, {"own.yml": yaml.safe_dump(document)})
    tested = promtool("test", "rules", own)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_table_by_hour_with_weekends_passes_its_own_tests(tmp_path):
    """The largest table that is ever written."""
    expected = 50.0 + np.arange(48.0).reshape(2, 24)
    band = a_band(expected=expected, lower=expected - 55.0, upper=expected + 20.0)  # some hours have no room below
    assert_promtool_agrees(tmp_path, a_subject(band))


@pytest.mark.parametrize(("lower", "upper"), [(-np.inf, 60.0), (40.0, np.inf), (-5.0, 60.0)])
def test_only_harm_is_an_alarm(tmp_path, lower, upper):
    """A side without a bound, or with one that no value can pass, has neither a rule nor an alarm."""
    subject = a_subject(a_band("error_percent", lower, upper))
    alarms = {rule["alert"] for rule in rules_in(files_of(subject)[1]) if "alert" in rule}
    assert ("NeuroPilotAboveBand" in alarms) == np.isfinite(upper)
    assert ("NeuroPilotBelowBand" in alarms) == (np.isfinite(lower) and lower > 0)
    assert_promtool_agrees(tmp_path, subject)


ODD_EXPRESSIONS = [
    'up{job="we\\"b",path=~"/a$|/b\'s"} # the last word is a comment: yes',
    "sum(\n  rate(x[5m])  # one\n)\n\n/ 2\n# done",
    "up{a='{{ $value }}'}\t+ 1",
    'up{a="- not: a list", b=~".*\\\\d{3}é✓"}',
    "  \n up \n ",
]


@pytest.mark.parametrize("expression", ODD_EXPRESSIONS)
def test_an_expression_reaches_prometheus_as_it_was_written(tmp_path, expression):
    """Quotes, comments, line breaks and braces are the team's own; the file around them stays whole."""
    promise = Promise(99.9, 10, dict.fromkeys(SPANS, expression), {})
    subject = a_subject(a_band(), expressions={"cpu_percent": expression}, promise=promise)
    first, rate = (rule for rule in rules_in(files_of(subject)[0]) if rule["record"].endswith((":value", ":rate5m")))
    assert first["expr"] == expression
    assert expression in rate["expr"]
    assert_promtool_agrees(tmp_path, subject)


@pytest.mark.parametrize("name", ['we"b', "{{ $value }}", "a\\b", "web # no", "- x: y", "naïve ✓", "../up"])
def test_an_odd_service_or_metric_makes_valid_rules(tmp_path, name):
    """Whatever a name holds, it stays a name: no template, no comment, no new key."""
    assert_promtool_agrees(tmp_path, a_subject(a_band(name), expressions={name: "up"}, service=name))
    assert all(path.parent in {tmp_path, tmp_path / "tests"} for path in tmp_path.rglob("*.yml"))


def test_names_that_look_alike_after_cleaning_stay_apart():
    """Two metrics in one series would be one metric."""
    assert len({rule_name(name, "upper") for name in ("a-b", "a_b", "a.b")}) == 3


def test_text_in_an_alert_is_no_template():
    """A label that Prometheus expands could ask it anything."""
    assert untemplated("{{ query }}") == '{{"{{"}} query }}'
    assert selector("x", a='"') == 'x{a="\\""}'
    assert [duration(timedelta(minutes=m)) for m in (5, 60, 90, 1440)] == ["5m", "1h", "90m", "1d"]


def test_a_person_reads_what_happened_and_what_to_do(tmp_path):
    """Summary, description and runbook are rendered by Prometheus itself, with nothing left unexpanded."""
    (_, alerts, _) = write_files(tmp_path, rule_files(a_subject(a_band("latency_p95_ms")), "17.3.0"))
    labels = {"severity": "high", "service": "web", "metric": "latency_p95_ms"}
    alert = {
        "exp_labels": labels,
        "exp_annotations": {
            "summary": "latency_p95_ms of web is above its learned band",
            "description": (
                "1.234k (95th percentile of the request latency, milliseconds) has been above what is usual at this "
                "hour for 20m. service:latency_p95_ms:upper is the bound, learned on 2026-11-20 00:00 UTC from 14 days."
            ),
            "runbook": (
                "Compare with deploys, traffic and the service's other metrics at the time it began. If this is the "
                "new normal, run `neuropilot rules export --service web --out DIR` and review the diff."
            ),
            "learned_at": "2026-11-20T00:00Z",
        },
    }
    series = 'service:latency_p95_ms:value{service="web", metric="latency_p95_ms"}'
    document = {
        "rule_files": [alerts.name],
        "evaluation_interval": "10m",
        "tests": [
            {
                "interval": "10m",
                "input_series": [{"series": series, "values": "1234+0x3"}],
                "alert_rule_test": [{"alertname": "NeuroPilotAboveBand", "eval_time": "20m", "exp_alerts": [alert]}],
            }
        ],
    }
    (own,) = write_files(tmp_path, {"own.yml": yaml.safe_dump(document)})
    tested = promtool("test", "rules", own)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize(("age_days", "alarms"), [(13.9, 0), (14.1, 1)])
def test_bands_that_are_old_say_so_and_go_on(tmp_path, age_days, alarms):
    """A rule that nobody renews must not age in silence; promtool's clock starts at 1970."""
    learned_at = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(days=age_days)
    (_, alerts, _) = write_files(tmp_path, rule_files(a_subject(a_band(), learned_at=learned_at), "17.3.0"))
    firing = f'count(ALERTS{{alertname="{OLD}",alertstate="firing"}}) or vector(0)'
    above = 'count(ALERTS{alertname="NeuroPilotAboveBand",alertstate="firing"})'
    checks = [
        {"expr": firing, "eval_time": "70m", "exp_samples": [{"labels": "{}", "value": alarms}]},
        {"expr": above, "eval_time": "70m", "exp_samples": [{"labels": "{}", "value": 1}]},
    ]
    series = [{"series": 'service:cpu_percent:value{service="web",metric="cpu_percent"}', "values": "99+0x9"}]
    tests = [{"interval": "10m", "input_series": series, "promql_expr_test": checks}]
    document = {"rule_files": [alerts.name], "evaluation_interval": "10m", "tests": tests}
    (own,) = write_files(tmp_path, {"own.yml": yaml.safe_dump(document)})
    tested = promtool("test", "rules", own)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_errors_of_a_real_exporter_end_in_alarms(tmp_path):
    """The whole way: counters, the recorded share, its band, and the error budget over its spans."""
    service = Service(name="web")
    expressions = {query.metric: query.expression for query in service.queries}
    good = {
        span: f"sum(rate(http_request_duration_seconds_count{{code!~'5..'}}[{span}])) / "
        f"sum(rate(http_request_duration_seconds_count[{span}]))"
        for span in SPANS
    }
    requests = {span: f"sum(rate(http_request_duration_seconds_count[{span}]))" for span in SPANS}
    subject = a_subject(
        a_band("error_percent", -np.inf, 2.0, expected=np.array([[0.5]])),
        expressions={"error_percent": expressions["error_percent"]},
        promise=Promise(99.95, 1000, good, requests),
    )
    metrics, alerts, _ = write_files(tmp_path, rule_files(subject, "17.3.0"))
    counter = 'http_request_duration_seconds_count{job="web",code="%s"}'
    # An hour of 600 requests a minute without a failure, then a fifth of them fail.
    series = [
        {"series": counter % "200", "values": "0+600x60 36480+480x60"},
        {"series": counter % "500", "values": "0+0x60 120+120x60"},
    ]
    checks = [
        {
            "expr": f'count(ALERTS{{alertstate="firing",{chosen}}}) or vector(0)',
            "eval_time": at,
            "exp_samples": [{"labels": "{}", "value": count}],
        }
        for at, chosen, count in (
            ("60m", 'metric=~".+"', 0),
            ("95m", 'alertname="NeuroPilotAboveBand",metric="error_percent"', 1),
            ("95m", 'alertname="NeuroPilotErrorBudgetBurn",window="1h"', 1),
            ("95m", 'alertname="NeuroPilotErrorBudgetBurn",severity="critical"', 2),
        )
    ]
    tests = [{"interval": "1m", "input_series": series, "promql_expr_test": checks}]
    document = {"rule_files": [metrics.name, alerts.name], "evaluation_interval": "1m", "tests": tests}
    (own,) = write_files(tmp_path, {"own.yml": yaml.safe_dump(document)})
    tested = promtool("test", "rules", own)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_lax_promise_has_only_the_alerts_that_can_fire():
    """14.4 times a budget of 10 % is more than every request."""
    assert [alert.factor for alert in possible_alerts(Promise(90.0, 1, {}, {}))] == [6.0, 3.0, 1.0]
    assert len(possible_alerts(A_PROMISE)) == 4


def test_the_file_says_who_made_it_how_to_renew_it_and_what_is_missing():
    """A stranger who finds it in a repository knows what to do."""
    reason = "warming up: 3 of 7 days\n- evil: true"
    _, alerts, _ = files_of(a_subject(a_band(), left_out={"db_latency_ms": reason}, is_simulated=True))
    head = [line for line in alerts.splitlines() if line.startswith("#")]
    assert head[0].startswith("# Made by NeuroPilot 17.3.0 from the metrics of web up to 2026-11-20 00:00 UTC")
    assert "# Anew: neuropilot rules export --service web --out DIR" in head
    assert "# Left out: db_latency_ms: warming up: 3 of 7 days - evil: true" in head
    assert any("SIMULATED" in line for line in head)
    assert all(rule["labels"]["simulated"] == "true" for rule in rules_in(alerts) if "alert" in rule)


def test_the_same_bands_make_the_same_bytes():
    """A diff shows what was learned anew, and nothing else."""
    subject = a_subject(a_band(), a_band("latency_p95_ms"), promise=A_PROMISE)
    assert rule_files(subject, "17.3.0") == rule_files(subject, "17.3.0")
