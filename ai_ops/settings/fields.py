"""The kinds of values a settings file may hold, each with what it must look like."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from ai_ops.domain.key_path import key_path
from ai_ops.domain.label import ID as FINDING_ID
from ai_ops.settings.problems import refusal

_STRING = r'"(?:[^"\\\n]|\\.)*"' + r"|'(?:[^'\\\n]|\\.)*'|`[^`]*`"
_MATCHER = rf'(?:[A-Za-z_]\w*|"[^"]*")\s*(?:=~|!~|!=|=)\s*(?:{_STRING})'
_MATCHERS = re.compile(rf"(?:(?:{_MATCHER}|\$[A-Za-z_]\w*)\s*(?:,\s*|$))*")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Section(BaseModel):
    """Strict and frozen: an unknown key, another type or a number out of range is a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)


def _has_form(pattern: str, says: str) -> AfterValidator:
    """Refuse text that is not empty and does not match `pattern` as a whole."""

    def check(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise refusal(says)
        return text

    return AfterValidator(check)


def _matchers(text: str) -> str:
    if not _MATCHERS.fullmatch(text.strip()):
        raise refusal('must be label matchers without braces, like job="web",env=~"prod|stage"')
    return text.strip()


def _knob_file(text: str) -> str:
    # No step may be empty, lead up, or be hidden: .git and .github are nobody's settings.
    if text and not re.fullmatch(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.(?:tfvars|json|ya?ml)", text):
        raise refusal(
            "must be a .tfvars, .tfvars.json or .yaml file inside the repository, written as path/to/file.tfvars"
        )
    return text


def _key_path(text: str) -> str:
    try:
        if text:
            key_path(text)
    except ValueError as error:
        raise refusal(str(error)) from None
    return text


def _branch(text: str) -> str:
    # The rules of git-check-ref-format(1), narrowed to characters that need no quoting anywhere.
    steps = text.split("/")
    is_odd = any(
        not re.fullmatch(r"\w[\w.-]*", step) or step.endswith((".", ".lock")) or ".." in step for step in steps
    )
    if text and (is_odd or len(text) > 200):  # noqa: PLR2004  # file systems end at 255 bytes, with ".lock" behind it
        raise refusal("must be a branch name of letters, digits and - . _ / ")
    if text == "HEAD":
        raise refusal("must name a branch; HEAD means whichever is checked out")
    return text


def _memory_branch(text: str) -> str:
    if text.rpartition("/")[2] == "archive":
        raise refusal("is what an archive of the memory is called; call the memory itself otherwise")
    return text


def _url(text: str) -> str:
    """Refuse what is no base address, and any secret in it; without a slash at its end."""
    if not text:
        return text
    try:
        parts = urlsplit(text)
        is_address = bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:
        is_address = False
    if not is_address or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise refusal("must be an address that begins with http:// or https://")
    if "@" in parts.netloc:
        raise refusal(
            "holds a user name or password; take it out, change the password, and give it by the environment "
            "(PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD, or GRAFANA_API_KEY)"
        )
    if parts.query or parts.fragment:
        raise refusal(
            "must end with the path: take away what stands behind ? or #; "
            "a token comes by the environment (PROMETHEUS_TOKEN or GRAFANA_API_KEY)"
        )
    return text.rstrip("/")


def _unbroken(secret: SecretStr) -> SecretStr:
    if re.search(r"[\x00-\x1f\x7f]", secret.get_secret_value()):
        raise refusal("holds a line break or another control character: set it again, on one line")
    return secret


def _sendable(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().isascii():  # a header holds nothing else
        raise refusal("holds a letter that no token has, such as a dash from a word processor: copy it again")
    return secret


def _signing_key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", secret.get_secret_value()):
        raise refusal("must be a private key as `neuropilot model key` prints it: 44 characters")
    return secret


def _webhook(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if not parts.hostname or not (parts.scheme == "https" or parts.hostname in _LOOPBACK):
        raise refusal("must be the address that Slack gave: https://hooks.slack.com/services/...")
    return secret


def _secret_address(secret: SecretStr) -> SecretStr:
    parts = urlsplit(secret.get_secret_value())
    if not parts.hostname or not (parts.scheme == "https" or parts.hostname in _LOOPBACK):
        raise refusal("must be an address that begins with https://")
    return secret


def _routing_key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9]{32}", secret.get_secret_value()):
        raise refusal("must be the integration key of an Events API v2 integration: 32 letters and digits")
    return secret


def _smtp_url(secret: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(secret.get_secret_value())
        is_address = bool(parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0)
    except ValueError:
        is_address = False
    if not is_address:
        raise refusal(
            "must begin with smtps://, or smtp:// for STARTTLS, then user and password, @, and the mail server"
        )
    return secret


def _written_time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise refusal('must be a time like "2026-12-24T00:00Z"') from None


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise refusal("lies outside of the years 1 to 9999") from None


FindingId = Annotated[
    str, _has_form(FINDING_ID, "must be the id of a finding, like f3a9b21c0; `neuropilot history` lists them")
]
Text = Annotated[str, _has_form(r"[^\x00-\x1f\x7f]*", "holds a line break or another control character")]
ServiceName = Annotated[
    str,
    Field(min_length=1),
    _has_form(r"[a-z][a-z0-9-]{0,40}", "must be at most 41 small letters, digits and dashes, a letter first"),
]
Remote = Annotated[
    str, Field(min_length=1), _has_form(r"[A-Za-z0-9][\w.-]{0,63}", "must be a remote's name, like origin")
]
# https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
Duration = Annotated[str, Field(min_length=1), _has_form(r"[1-9][0-9]*(?:ms|[smhdw])", "must look like 10m or 90s")]
KeyPath = Annotated[str, AfterValidator(_key_path)]
LabelName = Annotated[
    str, Field(min_length=1), _has_form(r"[A-Za-z_][A-Za-z0-9_]*", "must be the name of a label, like service")
]
Matchers = Annotated[str, AfterValidator(_matchers)]
KnobFile = Annotated[str, AfterValidator(_knob_file)]
Branch = Annotated[str, AfterValidator(_branch)]
MemoryBranch = Annotated[Branch, Field(min_length=1), AfterValidator(_memory_branch)]
Url = Annotated[str, AfterValidator(_url)]
Secret = Annotated[SecretStr, AfterValidator(_unbroken)]
Token = Annotated[Secret, AfterValidator(_sendable)]
Webhook = Annotated[Secret, AfterValidator(_webhook)]
Address = Annotated[Secret, AfterValidator(_secret_address)]
SmtpUrl = Annotated[Secret, AfterValidator(_smtp_url)]
RoutingKey = Annotated[Secret, AfterValidator(_routing_key)]
SlackChannel = Annotated[
    str,
    _has_form(r"[CGD][A-Z0-9]{8,20}", "must be a channel's id, like C0123456789, from the channel's details in Slack"),
]
Reviewer = Annotated[
    str,
    Field(min_length=1),
    _has_form(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9_.-]{1,100})?", "must be a login, or a team as owner/team"),
]
GitHubName = Annotated[
    str, _has_form(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*", "must be owner/repository, like acme/shop")
]
# The 32 bytes of an Ed25519 key (RFC 8032) in base64: 43 characters and their padding.
VerificationKey = Annotated[
    str, _has_form(r"[A-Za-z0-9+/]{43}=", "must be a public key as `neuropilot model key` prints it")
]
SigningKey = Annotated[SecretStr, AfterValidator(_signing_key)]
Time = Annotated[AwareDatetime, BeforeValidator(_written_time), AfterValidator(_in_utc)]
Percent = Annotated[float, Field(gt=0, lt=100)]
Money = Annotated[float, Field(gt=0)]
