"""Command lines of ours, for people to copy."""

from __future__ import annotations

import shlex

from ai_ops.markdown import defused


def command_about(episode_id: str, verb: str, *options: str) -> str:
    """What to type about an episode; an odd name is quoted, so that a shell takes it for one word.

    >>> command_about("web-20261120T06Z", "rollback", "--apply")
    'neuropilot rollback web-20261120T06Z --apply'
    >>> command_about("x; rm -rf /", "explain")
    "neuropilot explain 'x; rm -rf /'"
    """
    return " ".join(("neuropilot", verb, shlex.quote(defused(episode_id) or "unnamed"), *options))
