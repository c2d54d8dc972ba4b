"""Values behind a key that says whose they are: user="ada", "customer_name": "Ada Lovelace", ?email=ada%40acme.io."""

from __future__ import annotations

import re

from ai_ops.personal_data.shape import Kind, Shape

_KEYS = (
    r"user(?:[._-]?name)?|(?:enduser|login)[._-]?name|customer(?:[._-]?name)?|(?:full|first|last|sur)[._-]?name"
    r"|e[_-]?mail(?:[_-]?address)?|phone(?:[_-]?number)?|client[._-]?(?:ip|addr(?:ess)?)|remote[_-]?(?:addr|ip|user)"
)
# Not the tail of a longer name: PROMETHEUS_USERNAME and a service called api-user are ours.
_KEY = rf"(?i:(?<!\w)(?<!\w-)(?:{_KEYS}))"

_QUOTE = r"\\{0,4}[\"']"
_EQUALS = rf"(?:{_QUOTE})?\s?=(?![=~])\s?"  # a comparison names nobody, and a pattern nobody alone
_PLACEHOLDER = r"(?:[$%{]|<[\w*. -]{1,40}>|\*)"  # "$user", "%s", "{{user}}", "<name>", "***"
_NOBODY = (
    r"(?:root|nobody|none|null|nil|unknown|anonymous|system|default|true|false|yes|no|on|off|enabled|disabled|x-access-token|-"
    r"|[0-9]+(?:\.[0-9]+)?\s?(?:%|[a-z]{1,2})|[0-9]+\.[0-9]+)"  # user=0.03 sys=0.01: how a processor spends its time
)
_DONE = rf"(?:{'|'.join(re.escape(kind.token) for kind in Kind)})"
_QUOTED = (
    rf"(?P<quote>{_QUOTE})(?!{_PLACEHOLDER}|(?i:{_NOBODY}|{_DONE})\s*(?P=quote))"
    r"(?P<it>(?:(?!(?P=quote))(?:\\.|[^\n\\]))+)"
)
_BARE = rf"(?!{_PLACEHOLDER}|(?i:{_NOBODY}|{_DONE})(?![\w@.%+-]))(?P<it>[^\s&\"'`<>,;(){{}}\[\]\\]+)"

PERSON_KEYS = (
    Shape(Kind.PERSON, "=", re.compile(rf"{_KEY}{_EQUALS}{_QUOTED}")),
    Shape(Kind.PERSON, "=", re.compile(rf"{_KEY}{_EQUALS}{_BARE}")),
    Shape(Kind.PERSON, ":", re.compile(rf"{_KEY}{_QUOTE}\s?:\s?{_QUOTED}")),
)
