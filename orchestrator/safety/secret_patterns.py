"""The shapes of secrets: a table of patterns, each linear in the text it reads, specific shapes before generic ones (F-25)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORD = r"A-Za-z0-9_-"
STAND_IN = re.compile(
    r"\$[{(A-Za-z]|\{\{|%\(|<[A-Za-z]|x{5}|\*{3}|\.\.\.|example|placeholder|change_?me|redacted|your[_-]|dummy|1234567",
    re.IGNORECASE,
)
"""What stands where a secret would stand in documentation, templates and tests."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of secret. Where the pattern has a group `secret`, that group is the secret and the rest stays readable.

    A generic shape is known by what stands around it, so that its secret must also look like one.
    """

    name: str
    pattern: re.Pattern[str]
    is_generic: bool = False

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in the text such secrets stand."""
        group = "secret" if "secret" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if not self.is_generic or looks_secret(match[group]):
                yield match.span(group)


def looks_secret(value: str) -> bool:
    """Whether a value is more than a word, a name or a stand-in: letters and digits, and enough different ones."""
    has_both = any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
    return has_both and len(set(value)) >= 7 and not STAND_IN.search(value)


def _shape(name: str, pattern: str, *, is_generic: bool = False) -> Shape:
    return Shape(name, re.compile(pattern), is_generic)


def _token(name: str, prefixes: str, least: int, chars: str = WORD, *, is_generic: bool = False) -> Shape:
    """A known prefix (one of several of one length) that does not continue a word, and at least so many characters.

    All that follows in the same alphabet goes with it. The prefix comes first and what stands before it is looked at
    afterwards, because a search for fixed letters is an order of magnitude faster.
    """
    words = prefixes.split()
    assert len({len(word) for word in words}) == 1, prefixes
    choice = "|".join(map(re.escape, words))
    return _shape(name, rf"(?:{choice})(?<![A-Za-z0-9].{{{len(words[0])}}})[{chars}]{{{least},}}", is_generic=is_generic)


PRIVATE_KEY = (
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:[^-]|-(?!----)){40,20000}-----END [A-Z0-9 ]{1,40}-----|[A-Za-z0-9+/=\s\\\"']{64,20000})"
)
NAMED = (
    r"api_?key|access_?key|account_?key|auth_?token|access_?token|client_?secret|encryption_?key|passphrase|passwd|password"
    r"|private_?key|refresh_?token|secret_?key|signing_?key|secret|token"
)

SHAPES: tuple[Shape, ...] = (
    _shape("private key", PRIVATE_KEY),
    _shape("putty key", r"PuTTY-User-Key-File-[0-9]: [^\n]{1,100}(?:\n[A-Za-z0-9+/=:() -]{1,200}){1,200}"),
    _token("github fine-grained token", "github_pat_", 20),
    _token("github token", "ghp_ gho_ ghu_ ghs_ ghr_", 20, "A-Za-z0-9_"),
    _token("anthropic key", "sk-ant-", 10),
    _token("openrouter key", "sk-or-", 16),
    _token("openai project key", "sk-proj-", 16),
    _token("openai service key", "sk-svcacct-", 16),
    _token("model key", "sk-", 20, is_generic=True),
    _token("google api key", "AIza", 30),
    _token("google oauth token", "ya29.", 20),
    _token("google oauth secret", "GOCSPX-", 20),
    _token("slack token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-", 10),
    _token("slack app token", "xapp-", 20),
    _shape("slack webhook", r"hooks\.slack\.com/(?:services|workflows)/(?P<secret>[A-Za-z0-9/_-]{20,})"),
    _shape("discord webhook", r"discord(?:app)?\.com/api/webhooks/(?P<secret>[0-9]{5,25}/[A-Za-z0-9_-]{20,})"),
    _token("aws key id", "AKIA ASIA ABIA ACCA", 16, "A-Z0-9"),
    _shape("telegram bot token", r"[0-9]{8,12}:[A-Za-z0-9_-]{32,}"),
    _token("gitlab token", "glpat- glptt- glcbt- glsoat", 18),
    _token("npm token", "npm_", 30, "A-Za-z0-9"),
    _token("pypi token", "pypi-", 40),
    _token("hugging face token", "hf_", 30, "A-Za-z0-9"),
    _token("stripe key", "sk_live_ sk_test_ rk_live_ rk_test_", 16, "A-Za-z0-9"),
    _token("stripe webhook secret", "whsec_", 20, "A-Za-z0-9+/="),
    _token("sendgrid key", "SG.", 40, "A-Za-z0-9_.-"),
    _token("twilio key", "SK AC", 32, "0-9a-f"),
    _token("digitalocean token", "dop_v1_ doo_v1_ dor_v1_", 40, "0-9a-f"),
    _token("shopify token", "shpat_ shpca_ shppa_ shpss_", 30, "0-9a-fA-F"),
    _token("databricks token", "dapi", 32, "0-9a-f-"),
    _token("docker token", "dckr_pat_ dckr_oat_", 20),
    _token("vault token", "hvs. hvb. hvr.", 20),
    _token("groq key", "gsk_", 30, "A-Za-z0-9"),
    _token("xai key", "xai-", 40),
    _token("replicate token", "r8_", 30, "A-Za-z0-9"),
    _token("linear key", "lin_api_", 30, "A-Za-z0-9"),
    _token("age key", "AGE-SECRET-KEY-1", 40, "A-Z0-9"),
    _token("sentry token", "sntrys_ sntryu_", 30, "A-Za-z0-9_=+/"),
    _shape("json web token", r"eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]{2,})?"),
    _shape("azure storage key", r"(?:AccountKey|SharedAccessKey)=(?P<secret>[A-Za-z0-9+/]{30,}={0,2})"),
    _shape(
        "authorization header",
        r"[Aa](?i:uthorization)[\"']?\s{0,5}[:=,]\s{0,5}[\"']?(?i:basic|bearer|token|digest|apikey)\s{1,5}(?P<secret>[A-Za-z0-9+/=._~-]{12,})",
        is_generic=True,
    ),
    _shape("bearer token", r"[Bb](?i:earer)\s{1,5}(?P<secret>[A-Za-z0-9+/=._~-]{20,})", is_generic=True),
    _shape("password in an address", r"://[^\s/:@\"'<>]{0,200}:(?P<secret>[^\s/@\"'<>$*{}]{4,200})@(?=[A-Za-z0-9\[])"),
    _shape("token in an address", r"://(?P<secret>[A-Za-z0-9_-]{20,200})@(?=[A-Za-z0-9\[])", is_generic=True),
    _shape(
        "secret in a query",
        r"[?&](?i:access_token|api_?key|auth|client_secret|key|password|secret|sig|signature|token)=(?P<secret>[^\s&#\"'<>]{12,})",
        is_generic=True,
    ),
    _shape(
        "named secret",
        rf"(?i:{NAMED})(?i:[_.-](?:id|key|value|prod|dev|live)){{0,2}}[\"']?[ \t]{{0,5}}(?::=|=>|[:=])[ \t]{{0,5}}[\"']?"
        r"(?P<secret>[A-Za-z0-9+/=_~.!@#%^*-]{12,400})(?![A-Za-z0-9(\[])",
        is_generic=True,
    ),
    _shape(
        "secret variable",
        r"(?m:^)[ \t]{0,20}(?:export |ENV |- )?[A-Z0-9_]{0,60}(?:SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY)"
        r"[A-Z0-9_]{0,60}=[\"']?(?P<secret>[A-Za-z0-9+/=_~.!@#%^*:-]{8,400})(?=[\"']?\s*(?m:$))",
        is_generic=True,
    ),
)
