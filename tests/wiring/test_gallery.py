"""Where a request finds its picture."""

from __future__ import annotations

import pytest
from agents import Agent, make_agent_site
from repositories import isolate

from ai_ops.wiring.code_host import file_address


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://git.acme.example/api/v3", "https://git.acme.example"),
    ],
)
def test_a_picture_lies_beside_the_api(tmp_path, monkeypatch, api, web):
    """GitHub, its cloud for companies, and an Enterprise Server."""
    isolate(monkeypatch)
    agent = Agent(
        make_agent_site(tmp_path).clone("checkout"), {"GITHUB_API_URL": api, "GITHUB_REPOSITORY": "acme/shop"}
    )
    with agent.session() as session:
        address = file_address(session, "neuropilot/state", "ai_ops/state/charts/web-20261120T06Z.svg")
    assert address == f"{web}/acme/shop/raw/neuropilot/state/ai_ops/state/charts/web-20261120T06Z.svg"


def test_without_a_repository_on_github_there_is_no_picture(tmp_path, monkeypatch):
    """The words and the table say the same."""
    isolate(monkeypatch)
    agent = Agent(make_agent_site(tmp_path).clone("checkout"), {})
    with agent.session() as session:
        assert file_address(session, "neuropilot/state", "x.svg") is None
