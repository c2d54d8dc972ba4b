"""`neuropilot init` in repositories that have never seen the agent, awkward ones among them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import exporters
import pytest
from repositories import commit_file, git, isolate

from ai_ops.cli.main import app, exit_code_of

CONFIG = "ai_ops/config/ops_config.yaml"
WORKFLOW = ".github/workflows/ai-ops-daily.yml"
TFVARS = (
    b"# ours\r\ncpu_threshold = 70\r\nmin_size = 2\r\nmax_size = 8\r\n"
    b"cpu_scale_in_percent = 30\r\ncooldown_minutes = 5\r\n"
)
CANARY = "canary-9f31"


@pytest.fixture(autouse=True)
def nobody_s_machine(monkeypatch):
    """No git configuration, no addresses and no secrets of this machine."""
    isolate(monkeypatch)
    for name in ("PROMETHEUS_URL", "GRAFANA_URL", "GRAFANA_CLOUD_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A repository with one commit, settings of its own for Terraform, and a remote on GitHub."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "-q", "--initial-branch=trunk")
    git(folder, "remote", "add", "origin", "git@github.com:acme/shop.git")
    commit_file(folder, "infra/production.tfvars", TFVARS)
    monkeypatch.chdir(folder)
    return folder


def choose_rules(folder: Path) -> None:
    """Take the policy that does with any knobs."""
    with (folder / CONFIG).open("a") as file:
        file.write("tuning: {policy: rules}\n")


def init(*more: str, workflow: str = "none") -> int:
    """Run the verb in this process, and give its exit code."""
    return exit_code_of(app, ["init", "--workflow", workflow, *more])


def everything(folder: Path) -> dict[str, bytes]:
    """Bytes of every file of a checkout."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.relative_to(folder).parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_dry_run_shows_all_and_writes_nothing(stranger, capsys) -> None:
    """The diff comes first, and is one that git takes (S001-137)."""
    before = everything(stranger)
    assert init() == 0
    told = capsys.readouterr().out
    assert everything(stranger) == before
    assert "cpu_threshold is cpu_scale_out_percent" in told
    assert "nothing was written" in told
    diff = told[told.index("--- ") :].partition("\nnote:")[0] + "\n"
    subprocess.run(["git", "apply", "--check"], input=diff.encode(), cwd=stranger, check=True)
    assert init("--apply") == 0
    by_init = everything(stranger)
    git(stranger, "clean", "-qfd")
    subprocess.run(["git", "apply"], input=diff.encode(), cwd=stranger, check=True)
    assert everything(stranger) == by_init


def test_what_was_written_passes_the_doctor_and_comes_no_second_time(stranger, capsys) -> None:
    """Idempotent: the second run has nothing to add (S001-137)."""
    assert init("--apply") == 0
    first = everything(stranger)
    assert first.keys() == {"infra/production.tfvars", CONFIG, ".gitignore"}
    assert exit_code_of(app, ["doctor", "--offline"]) == 0
    assert "cpu_scale_out_percent 70" in capsys.readouterr().out
    assert init("--apply") == 0
    assert everything(stranger) == first
    assert "nothing is missing; nothing was written" in capsys.readouterr().out


def test_what_a_person_edited_is_left_alone_and_named(stranger, capsys) -> None:
    """Their file is theirs, whatever stands in it."""
    mine = b"mode: observe\nservices: [{name: mine, knobs: {}}]\n"
    commit_file(stranger, CONFIG, mine)
    assert init("--apply") == 0
    assert (stranger / CONFIG).read_bytes() == mine
    assert f"{CONFIG} is there, and yours: left alone" in capsys.readouterr().out


def test_a_run_after_init_decides_and_changes_nothing(stranger, capsys) -> None:
    """Without an address the simulated service is shown, on the team's own knobs."""
    assert init("--apply") == 0
    before = everything(stranger)["infra/production.tfvars"]
    assert exit_code_of(app, ["run"]) == 0
    assert "(simulated)" in capsys.readouterr().out
    assert everything(stranger)["infra/production.tfvars"] == before


def test_the_metrics_choose_the_preset(stranger, capsys, start_prometheus) -> None:
    """Asked at the address of the command line, which is written into no file."""
    from datetime import UTC, datetime

    samples = exporters.exposition(*exporters.micrometer(), end=datetime.now(UTC))
    server = start_prometheus(samples)
    assert init("--prometheus-url", server.url, "--apply") == 0
    told = capsys.readouterr().out
    assert "preset micrometer: http_server_requests_seconds_count is there" in told
    written = (stranger / CONFIG).read_text()
    assert "preset: micrometer" in written
    assert "selector: 'application=\"shop\"'" in written
    assert server.url not in written
    os.environ["PROMETHEUS_URL"] = server.url
    try:
        assert exit_code_of(app, ["doctor"]) == 0
    finally:
        del os.environ["PROMETHEUS_URL"]


def test_nothing_secret_is_written_or_shown(stranger, capsys, monkeypatch) -> None:
    """What the environment holds stays there (R12)."""
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"https://hooks.slack.com/services/{CANARY}")
    monkeypatch.setenv("PROMETHEUS_TOKEN", CANARY)
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:9")
    git(stranger, "remote", "set-url", "origin", f"https://me:{CANARY}@github.com/acme/shop.git")
    assert init("--apply") == 0
    told = capsys.readouterr()
    assert CANARY not in told.out + told.err
    assert not [path for path, content in everything(stranger).items() if CANARY.encode() in content]


def test_a_program_gets_one_document(stranger, capsys) -> None:
    """The same as people read, by name."""
    assert init("--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["path"] for one in document["files"]] == [CONFIG, ".gitignore"]
    assert all(one["diff"].startswith("--- /dev/null") and not one["written"] for one in document["files"])
    assert not (stranger / CONFIG).exists()


def test_the_lines_of_the_readme_work(stranger, capsys) -> None:
    """What a reader copies: pip aside, the commands of the first block (S001-137)."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh install\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    pip, *lines = (line.partition("#")[0].split() for line in block.splitlines())
    assert pip[:2] == ["pip", "install"]
    assert [line[:2] for line in lines] == [["neuropilot", "init"]] * 2
    for line in lines:
        assert exit_code_of(app, [*line[1:], "--agent", f"acme/neuropilot@{40 * 'a'}"]) == 0
    told = capsys.readouterr().out
    assert "raw metrics pass through CI artifacts" in told
    assert "gh secret set PROMETHEUS_URL" in told
    assert everything(stranger).keys() == {"infra/production.tfvars", CONFIG, ".gitignore", WORKFLOW}


@pytest.mark.parametrize("kind", ["caller", "full"])
def test_a_second_time_the_workflow_itself_says_which_agent(stranger, capsys, kind) -> None:
    """Nobody types 40 digits twice, and nothing changes (S001-137)."""
    assert init("--agent", f"acme/neuropilot@{40 * 'a'}", "--apply", workflow=kind) == 0
    first = everything(stranger)
    capsys.readouterr()
    assert init("--apply", workflow=kind) == 0
    assert everything(stranger) == first
    assert f"{WORKFLOW} is there, as it would be written" in capsys.readouterr().out


def test_keys_that_the_settings_cannot_name_are_passed_over(stranger, capsys) -> None:
    """JSON lets a key hold anything (H19, H20)."""
    git(stranger, "rm", "-q", "infra/production.tfvars")
    values = {"min_size\n": 1, 'max"size': 2, "cpu threshold": 70, "": 3, "a": {"b.c": {"max_size": 4}}}
    commit_file(stranger, "odd.tfvars.json", json.dumps(values).encode())
    assert init("--apply") == 0
    assert "odd.tfvars.json holds 1 knob: " in capsys.readouterr().out
    choose_rules(stranger)
    assert exit_code_of(app, ["doctor", "--offline"]) == 0


# -- awkward repositories ---------------------------------------------------------------------------------------------


def without_commits(stranger: Path) -> Path:
    """Fresh from `git init`."""
    git(stranger, "update-ref", "-d", "HEAD")
    return stranger


def detached(stranger: Path) -> Path:
    """As a build has it."""
    git(stranger, "checkout", "-q", "--detach")
    return stranger


def in_a_subfolder(stranger: Path) -> Path:
    """Where the person happens to be."""
    (stranger / "services" / "checkout").mkdir(parents=True)
    os.chdir(stranger / "services" / "checkout")
    return stranger


def with_odd_names(stranger: Path) -> Path:
    """Blanks and umlauts, and files that nothing can be read from."""
    moved = stranger.rename(stranger.parent / "mein Lädchen, süß")
    os.chdir(moved)
    commit_file(moved, "größe mit leer/x.tfvars", b"min_size = 1\n")
    commit_file(moved, "broken.tfvars", b"min_size = \n")
    return moved


def without_a_remote(stranger: Path) -> Path:
    """Not pushed anywhere yet."""
    git(stranger, "remote", "remove", "origin")
    return stranger


def as_a_second_work_tree(stranger: Path) -> Path:
    """Its `.git` is a file."""
    git(stranger, "worktree", "add", "-q", "../beside")
    os.chdir(stranger.parent / "beside")
    return stranger.parent / "beside"


def with_windows_line_ends(stranger: Path) -> Path:
    """Files of the team that end their lines with two characters."""
    commit_file(stranger, ".gitignore", b"bin/\r\nobj/")
    commit_file(stranger, "CODEOWNERS", b"* @acme/ops\r\n")
    return stranger


@pytest.mark.parametrize(
    "awkward",
    [
        without_commits,
        detached,
        in_a_subfolder,
        with_odd_names,
        without_a_remote,
        as_a_second_work_tree,
        with_windows_line_ends,
    ],
)
def test_an_awkward_repository_is_adopted_like_any_other(stranger, monkeypatch, awkward) -> None:
    """Written once at its top level, accepted by the doctor, and unchanged by a second time (H19)."""
    monkeypatch.chdir(stranger)  # so that the folder is left again in the end
    top = awkward(stranger)
    before = everything(top)
    assert init("--apply") == 0
    after = everything(top)
    assert CONFIG in after
    assert "path: cpu_threshold" in after[CONFIG].decode()
    assert all(after[path].startswith(content) for path, content in before.items())
    assert exit_code_of(app, ["doctor", "--offline"]) == 0
    assert init("--apply") == 0
    assert {path: after[path] for path in after} == {path: everything(top)[path] for path in after}
    for content in (after[".gitignore"], after.get("CODEOWNERS", b"")):
        assert content.count(b"\r\n") in {0, content.count(b"\n")}


# -- refusals ---------------------------------------------------------------------------------------------------------


def test_outside_of_a_repository_nothing_is_written(tmp_path, monkeypatch, capsys) -> None:
    """There the agent could commit nothing."""
    monkeypatch.chdir(tmp_path)
    assert init("--apply") == 1
    assert "is no git repository" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("link", ["ai_ops", ".gitignore", "ai_ops/config"])
def test_a_symbolic_link_is_not_written_through(stranger, tmp_path, capsys, link) -> None:
    """It may lead out of the repository (H19)."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (stranger / link).parent.mkdir(exist_ok=True)
    (stranger / link).symlink_to(elsewhere)
    assert init("--apply") == 1
    assert f"{link} is a symbolic link" in capsys.readouterr().err
    assert not list(elsewhere.iterdir())
    assert not (stranger / CONFIG).exists()


@pytest.mark.parametrize("target", [CONFIG, ".gitignore"])
def test_a_folder_in_the_place_of_a_file_is_refused(stranger, capsys, target) -> None:
    """Before anything is written."""
    (stranger / target).mkdir(parents=True)
    assert init("--apply") == 1
    assert target in capsys.readouterr().err
    assert everything(stranger).keys() == {"infra/production.tfvars"}


def test_what_cannot_be_written_leaves_nothing_behind(stranger, capsys) -> None:
    """All or nothing: a half adoption would be the next person's riddle."""
    (stranger / ".gitignore").write_bytes(b"bin/\n")
    (stranger / "ai_ops").write_bytes(b"a file\n")
    before = everything(stranger)
    assert init("--apply") == 4
    assert "nothing was changed" in capsys.readouterr().err
    assert everything(stranger) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(stranger, capsys) -> None:
    """With the folder's own complaint, and nothing half done."""
    stranger.chmod(0o555)
    try:
        assert init("--apply") == 4
        assert "cannot be written" in capsys.readouterr().err
    finally:
        stranger.chmod(0o755)


def test_a_gitignore_that_hides_the_settings_is_told(stranger, capsys) -> None:
    """A file that no commit holds is no setting of the team."""
    commit_file(stranger, ".gitignore", b"ai_ops/\n")
    assert init() == 0
    told = capsys.readouterr().out
    assert f"git ignores {CONFIG}" in told
    assert "/ai_ops/state/" not in told


def test_a_repository_without_thresholds_is_shown_the_module(stranger, capsys) -> None:
    """Nothing can move there yet, and it is said how that begins."""
    git(stranger, "rm", "-q", "infra/production.tfvars")
    assert init("--apply") == 0
    told = capsys.readouterr().out
    assert 'module "autoscaling"' in told
    assert "nothing can be moved yet" in told
    assert exit_code_of(app, ["doctor", "--offline"]) == 0


def test_the_autoscaler_of_a_chart_is_found(stranger, capsys) -> None:
    """Terraform is not the only place."""
    git(stranger, "rm", "-q", "infra/production.tfvars")
    hpa = b"autoscaling:\n  minReplicas: 2\n  maxReplicas: 9\n  targetCPUUtilizationPercentage: 80\n"
    commit_file(stranger, "charts/shop/values.yaml", hpa)
    assert init("--apply") == 0
    assert "charts/shop/values.yaml holds 3 knobs" in capsys.readouterr().out
    choose_rules(stranger)
    assert exit_code_of(app, ["doctor", "--offline"]) == 0
    assert "max_instances 9" in capsys.readouterr().out


def test_knobs_from_which_the_model_can_never_decide_are_told(stranger, capsys) -> None:
    """By `init` and by the doctor, with the two ways out; each of them works."""
    commit_file(stranger, "infra/production.tfvars", b"cpu_threshold = 70\nmin_size = 2\nmax_size = 8\n")
    assert init("--apply") == 0
    lacking = "cpu_scale_in_percent, cooldown_minutes"
    assert f"the policy `model` decides nothing without {lacking}" in capsys.readouterr().out
    assert exit_code_of(app, ["doctor", "--offline"]) == 1
    told = capsys.readouterr().out
    (line,) = (line for line in told.splitlines() if line.startswith("failed"))
    for words in (lacking, "neuropilot: ignore", "tuning.policy: rules"):
        assert words in line
    drafted = (stranger / CONFIG).read_text()
    choose_rules(stranger)
    assert exit_code_of(app, ["doctor", "--offline"]) == 0
    with (stranger / "infra/production.tfvars").open("a") as file:
        file.write("scale_in = 30 # neuropilot: ignore\ncool = 5 # neuropilot: ignore\n")
    named = (
        "      cpu_scale_in_percent: {path: scale_in, unit: percent, min: 9, max: 70, max_step: 5, costs_money: down}\n"
        "      cooldown_minutes: {path: cool, unit: minutes, min: 1, max: 30, max_step: 2, costs_money: up}\n"
    )
    (stranger / CONFIG).write_text(drafted.replace("    knobs:\n", f"    knobs:\n{named}"))
    assert exit_code_of(app, ["doctor", "--offline"]) == 0


@pytest.mark.parametrize("has_neighbour", [False, True])
def test_an_autoscaler_can_say_that_it_holds_a_target(stranger, capsys, has_neighbour) -> None:
    """The two lines that the note shows, typed as they stand there, are understood (R11)."""
    git(stranger, "rm", "-q", "infra/production.tfvars")
    text = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: shop\n  annotations:\n    x: y\n"
        "spec:\n  minReplicas: 2\n  maxReplicas: 9\n  metrics:\n    - type: Resource\n"
        "      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}\n"
    ) + ("---\nkind: Service\nmetadata:\n  name: shop\n" if has_neighbour else "")
    commit_file(stranger, "deploy/shop.yaml", text.encode())
    assert init("--apply") == 0
    told = capsys.readouterr().out
    (line,) = re.findall(r"leads to: (.*)$", told, re.MULTILINE)
    (knob,) = re.findall(r"^ +(scaling_mode: .*)$", told, re.MULTILINE)
    (stranger / "deploy/shop.yaml").write_text(text.replace("    x: y\n", f"    x: y\n    {line}\n"))
    settings = (stranger / CONFIG).read_text()
    (stranger / CONFIG).write_text(settings.replace("    knobs:\n", f"    knobs:\n      {knob}\n"))
    choose_rules(stranger)
    assert exit_code_of(app, ["doctor", "--offline"]) == 0
    assert "scaling_mode target" in capsys.readouterr().out


@pytest.mark.parametrize(
    "agent", ["acme/neuropilot", "acme/neuropilot@main", "acme/neuropilot@" + 39 * "a", "x@" + 40 * "a"]
)
def test_an_agent_that_is_not_pinned_is_refused(stranger, capsys, agent) -> None:
    """A branch or a tag can be moved to other code over night (H14, H22)."""
    assert init("--agent", agent, "--apply", workflow="caller") == 1
    assert "--agent OWNER/REPO@COMMIT" in capsys.readouterr().err
    assert everything(stranger).keys() == {"infra/production.tfvars"}
