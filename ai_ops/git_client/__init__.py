"""The one door to git: plumbing only, so that nothing a person has staged, edited or checked out plays a part."""

from ai_ops.git_client.git_client import BOT, GitClient
from ai_ops.git_client.names import ref_of
from ai_ops.git_client.objects import Entry, is_exactly

__all__ = ["BOT", "Entry", "GitClient", "is_exactly", "ref_of"]
