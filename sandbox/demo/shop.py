"""The repository that the demo works on, and the issues that a person files there."""

from __future__ import annotations

from dataclasses import dataclass

REPO = "acme/shop"

FILES = {
    "README.md": "# Shop\n\nPrices of a small shop. Goal: every sum on a receipt is right to the cent.\n",
    "STRATEGY.md": "# Strategy\n\nFirst correct sums, then discounts.\n",
    "CONTRIBUTING.md": "# Contributing\n\nEvery function has a docstring and a test under `tests/`. Standard library only.\n",
    "shop/__init__.py": '"""A small shop."""\n',
    "shop/prices.py": '"""Prices, in cents."""\n\nVAT_PERCENT = 20\n\n\n'
    'def with_vat(net):\n    """The gross price in cents of a net price in cents."""\n'
    "    return net + net * VAT_PERCENT // 100\n",
    "tests/__init__.py": "",
    "tests/test_prices.py": "import unittest\n\nfrom shop import prices\n\n\nclass Prices(unittest.TestCase):\n"
    "    def test_vat_is_a_fifth(self):\n        self.assertEqual(prices.with_vat(1000), 1200)\n\n\n"
    'if __name__ == "__main__":\n    unittest.main()\n',
    ".github/workflows/ci.yml": "name: ci\non: [push, pull_request]\npermissions: {contents: read}\njobs:\n  tests:\n"
    "    runs-on: ubuntu-latest\n    steps:\n      - run: python3 -m unittest discover -t . -s tests\n",
}


@dataclass(frozen=True)
class Scene:
    """One issue of the demo: what is shown of it, and the text that the person writes.

    `remark` is what a reviewer writes on line 1 of shop/prices.py in its pull request. Scenes that are `together` go at one time.
    """

    key: str
    shows: str
    title: str
    body: str
    remark: str = ""
    together: bool = False


SCENES = (
    Scene(
        "one line",
        "a one-line issue goes all the way",
        "Add the total of a price and a quantity",
        "function shop/prices.py: total(price, quantity) returns price * quantity",
    ),
    Scene(
        "hand-over",
        "the first agent is blocked, the next one in the chain finishes",
        "Add the cheaper of two prices",
        "first agent: blocked\nfunction shop/prices.py: cheaper(one, other) returns min(one, other)",
    ),
    Scene(
        "red CI",
        "CI fails on the pull request, the failure goes back to an agent",
        "Raise VAT to 25 percent",
        "replace shop/prices.py: VAT_PERCENT = 20 => VAT_PERCENT = 25\n"
        "on failure replace tests/test_prices.py: 1200 => 1250\n"
        "on failure replace tests/test_prices.py: vat_is_a_fifth => vat_is_a_quarter",
    ),
    Scene(
        "review",
        "a person asks for a change in the pull request, an agent makes it and answers",
        "Round a price to ten cents",
        "function shop/prices.py: rounded(price) returns price - price % 10",
        remark="Please say what the prices are in:\n\nreplace shop/prices.py: Prices, in cents. => Prices, in whole cents.",
    ),
    Scene(
        "credential",
        "an agent needs a credential: blocked, a person is told, moves the file back, merged",
        "Write the deployment notes",
        "agent: credential\nwrite DEPLOY.md: # Deployment\\n\\nRun `make deploy` with DEPLOY_TOKEN set.\\n",
    ),
    Scene(
        "two at once (1)",
        "two issues at once in the same file: both end merged",
        "Add a discount",
        "function shop/prices.py: discounted(price, percent) returns price - price * percent // 100",
        together=True,
    ),
    Scene(
        "two at once (2)",
        "the other of the two",
        "Add the middle of two prices",
        "function shop/prices.py: middle(one, other) returns (one + other) // 2",
        together=True,
    ),
)
"""What the demo plays. The lines that scripted agents read are sandbox/agents' directives; a real agent reads them as English."""
