"""What must be hidden is hidden, whole, in every guise; ordinary lines stay as they are; and it is quick."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.safety.redact import Redactor, encodings

RANDOM = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5kL7n"
KEY_LINES = "\n".join([RANDOM + RANDOM[:24]] * 4)
SHAPED = {
    "github token": f"ghp_{RANDOM}",
    "github oauth": f"gho_{RANDOM}",
    "github app": f"ghs_{RANDOM}",
    "github fine-grained": f"github_pat_11ABCDEFG0{RANDOM}_{RANDOM}",
    "anthropic": f"sk-ant-api03-{RANDOM}-{RANDOM}_AA",
    "openrouter": f"sk-or-v1-{RANDOM.lower()}",
    "openai project": f"sk-proj-{RANDOM}_{RANDOM}",
    "openai": f"sk-{RANDOM}",
    "deepseek": f"sk-{'0a1b2c3d4e5f6789' * 2}",
    "google": f"AIza{RANDOM[:35]}",
    "google oauth": f"ya29.{RANDOM}",
    "slack bot": f"xoxb-123456789012-1234567890123-{RANDOM[:24]}",
    "slack user": f"xoxp-123456789012-{RANDOM[:24]}",
    "aws": "AKIAQ3EGRIC5N7PLMZXW",
    "telegram": f"7123456789:AA{RANDOM[:33]}",
    "gitlab": f"glpat-{RANDOM[:20]}",
    "npm": f"npm_{RANDOM[:36]}",
    "pypi": f"pypi-AgEIcHlwaS5vcmc{RANDOM}{RANDOM}",
    "hugging face": f"hf_{RANDOM[:34]}",
    "stripe": f"sk_live_{RANDOM[:24]}",
    "sendgrid": f"SG.{RANDOM[:22]}.{RANDOM}",
    "twilio": f"SK{'0a1b2c3d4e5f6789' * 2}",
    "digitalocean": f"dop_v1_{'0a1b2c3d4e5f6789' * 4}",
    "docker": f"dckr_pat_{RANDOM[:27]}",
    "vault": f"hvs.{RANDOM}{RANDOM}",
    "groq": f"gsk_{RANDOM}{RANDOM[:12]}",
    "jwt": f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.{RANDOM}",
    "pem": f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINES}\n-----END RSA PRIVATE KEY-----",
    "pem with headers": f"-----BEGIN EC PRIVATE KEY-----\nDEK-Info: AES-128-CBC,00\n\n{KEY_LINES}\n-----END EC PRIVATE KEY-----",
    "pem cut off": f"-----BEGIN PRIVATE KEY-----\n{KEY_LINES}",
    "openssh": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY_LINES}\n-----END OPENSSH PRIVATE KEY-----",
}
STANDING = {
    "authorization": ("Authorization: Basic ", "eC1hY2Nlc3MtdG9rZW46Z2hwXzEyMw==", "\r\nHost: x"),
    "authorization in code": ("{'Authorization': 'Bearer ", RANDOM, "'}"),
    "curl": ("curl -H 'authorization: token ", RANDOM, "' https://x"),
    "address": ("postgres://app:", "s3cr3t-Pa55", "@db.internal/x"),
    "token in an address": ("https://", RANDOM, "@host/x.git"),
    "query": ("https://x/y?a=1&access_token=", RANDOM, "&b=2"),
    "assignment": ("client_secret = '", RANDOM, "'"),
    "json": ('{"api_key": "', RANDOM, '"}'),
    "yaml": ("  db_password: ", "Tr0ub4dor&3x".replace("&", "-") + "9zQ", "\n"),
    "dotenv": ("export DEPLOY_TOKEN=", "k3Rt9-pL20", "\n"),
    "webhook": ("https://hooks.slack.com/services/", "T00000000/B00000000/" + RANDOM[:24], ""),
    "azure": ("AccountName=x;AccountKey=", RANDOM + RANDOM + "==", ";"),
}
AROUND = ["{}", "see {} there", 'x="{}"', "https://h/?q={}&z", '{{"a":"{}"}}', "`{}`", "({})", "\t{}\n", "é{}é", "a={},b"]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("kind", SHAPED)
def test_s80_f25_a_secret_is_hidden_whole_wherever_it_stands(kind: str, around: str) -> None:
    hidden = Redactor().redact(around.format(SHAPED[kind]))
    assert "[redacted" in hidden
    assert not any(SHAPED[kind][at : at + 8] in hidden for at in range(12, len(SHAPED[kind]) - 8))


@pytest.mark.parametrize("kind", ["anthropic key", "github token", "openrouter key"])
def test_f25_a_specific_shape_comes_before_the_generic_one_that_also_fits(kind: str) -> None:
    secret = {"anthropic key": "anthropic", "github token": "github token", "openrouter key": "openrouter"}[kind]
    assert Redactor().redact(f"api_key = {SHAPED[secret]} and more") == f"api_key = [redacted: {kind}] and more"


@pytest.mark.parametrize("kind", STANDING)
def test_s80_a_secret_known_by_its_place_is_hidden_and_its_place_stays(kind: str) -> None:
    before, secret, after = STANDING[kind]
    hidden = Redactor().redact(before + secret + after)
    assert hidden.startswith(before)
    assert hidden.endswith(after)
    assert secret not in hidden


KNOWN = "correct-horse/battery+staple 42 é"
GUISES = {
    "plain": KNOWN,
    "reversed": KNOWN[::-1],
    "hex": KNOWN.encode().hex(),
    "hex in capitals": KNOWN.encode().hex().upper(),
    "base64": base64.b64encode(KNOWN.encode()).decode(),
    "base64 in the middle": base64.b64encode(f"x{KNOWN} and more".encode()).decode(),
    "base64 elsewhere": base64.urlsafe_b64encode(f"to{KNOWN}".encode()).decode(),
    "in an address": quote(KNOWN, safe=""),
    "in json": json.dumps(KNOWN),
    "on two lines": KNOWN[:9] + "\n  " + KNOWN[9:],
    "with invisible letters": "\u200b".join(KNOWN),
    "letter by letter": " ".join(KNOWN),
    "in two strings": f'"{KNOWN[:9]}" + "{KNOWN[9:]}"',
}


@pytest.mark.parametrize("guise", GUISES)
def test_s81_a_known_value_is_hidden_in_every_guise(guise: str) -> None:
    hidden = Redactor([KNOWN]).redact(f"before {GUISES[guise]} after")
    assert "[redacted: known value]" in hidden
    assert not any(form in hidden for form in encodings(KNOWN))


def test_a_short_known_value_hides_no_ordinary_words() -> None:
    assert Redactor(["", "main", " "]).redact("the main branch") == "the main branch"


@given(st.text(alphabet=st.characters(codec="ascii"), min_size=8, max_size=40).filter(str.strip), st.text(), st.text())
def test_any_known_value_is_hidden_in_any_text(known: str, before: str, after: str) -> None:
    hidden = Redactor([known]).redact(f"{before} {known} {after}")
    assert len(known.strip()) < 6 or known.strip() not in hidden.replace("[redacted: known value]", "")


@pytest.mark.parametrize("text", [*SHAPED.values(), *("".join(parts) for parts in STANDING.values())])
def test_hiding_twice_changes_nothing(text: str) -> None:
    once = Redactor().redact(text)
    assert Redactor().redact(once) == once


def test_what_was_found_is_told_by_name_and_never_by_value() -> None:
    assert Redactor([KNOWN]).find(f"{KNOWN} {SHAPED['github token']}") == ("known value", "github token")
    assert Redactor().find("nothing here") == ()


ORDINARY = """
token = get_token()
password = os.environ["DATABASE_PASSWORD"]
api_key = settings.api_key
secret_key = request.headers.get("X-Secret-Key")
token: str | None = None
def find_token(access: GitHubAccess, env: Mapping[str, str]) -> str | None:
TOKEN=${GITHUB_TOKEN}
GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}
github-token: ${{ secrets.GITHUB_TOKEN }}
export API_KEY=your_api_key_here
password: <your password>
"password": "changeme"
key = "value"
tokens_in=1234567, tokens_out=89
max_tokens: 4096
token_count = 123456789012
access_token_url = "https://example.org/oauth/token"
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
from sklearn.linear_model import LinearRegression  # sk-learn-compatible-estimators-for-everyone
task-force-one-two-three-four-five
risk-assessment-of-the-whole-thing
commit 3fa85f6457174562b3fc2c963f66afa6a1b2c3d4
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
uuid = "123e4567-e89b-12d3-a456-426614174000"
git+https://github.com/acme/web.git@3fa85f6457174562b3fc2c963f66afa6a1b2c3d4
npm_config_registry=https://registry.example.org/
import numpy as np  # np.random.default_rng(1234567890)
time 2026-11-21T09:00:00.123456789Z level=info
12:30:45 INFO worker 12345678:started
if line.startswith("-----BEGIN RSA PRIVATE KEY-----"):
-----BEGIN CERTIFICATE-----
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Zk user@host
integrity sha512-mC9zX1Bq2a5C0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o0o==
postgres://localhost:5432/app
postgres://user:$PASSWORD@localhost/app
http://127.0.0.1:8080/path?key=name
https://example.org/a/b?page=2&sort=token
self.assertEqual(token, expected_token)
raise ValueError("the token is missing: set GITHUB_TOKEN")
hf_hub_download(repo_id="acme/model", filename="config.json")
data-testid="secret-input-field-for-users"
passwordless = True
const tokenizer = new Tokenizer({ maxTokens: 4096 });
SECRET_KEY_BASE = ENV.fetch("SECRET_KEY_BASE")
private_key_path = "/etc/ssl/private/server.pem"
type Token = { kind: "identifier"; value: string }
@media (max-width: 600px) { .password { color: #ff00aa } }
SKILL_LEVELS = ["novice", "expert"]
ACCESS_TOKEN_EXPIRE_MINUTES=30
""".strip().splitlines()


@pytest.mark.parametrize("line", ORDINARY)
def test_an_ordinary_line_stays_as_it_is(line: str) -> None:
    assert Redactor([KNOWN]).redact(line) == line


def test_f19_our_own_code_stays_as_it_is_but_for_one_line_in_a_thousand() -> None:
    lines = [
        line for path in (Path(__file__).parents[2] / "orchestrator").rglob("*.py") for line in path.read_text().splitlines()
    ]
    changed = [line for line in lines if Redactor().redact(line) != line]
    assert len(lines) > 1000
    assert len(changed) <= len(lines) / 1000, changed


HEAVY = {
    "prose": "the quick brown fox jumps over the lazy dog. ",
    "code": 'self.token = config.get("token", default=None)  # password: see docs\n',
    "beginnings": "ghp_ sk- sk-ant- AIza xoxb- eyJ AKIA -----BEGIN PRIVATE KEY----- ",
    "one long word": "a",
    "names": "password=token=secret=api_key=",
    "dashes": "-----BEGIN PRIVATE KEY-----",
    "dots": "eyJaaaaaaaaaa.",
    "addresses": "://a:b",
    "digits": "123456789:",
    "capitals": "A_TOKEN",
    "separators": "a_a.a-",
    "colons": "password::::",
    "spaces": "token        ",
}


@pytest.mark.parametrize("kind", HEAVY)
def test_f19_a_megabyte_takes_less_than_a_second(kind: str) -> None:
    text = (HEAVY[kind] * (1_000_000 // len(HEAVY[kind]) + 1))[:1_000_000]
    began = time.process_time()
    Redactor([KNOWN, RANDOM]).redact(text)
    assert time.process_time() - began < 1
