"""The documents of this room say what the code does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from orchestrator.mailbox import results
from orchestrator.mailbox.store import ORDER
from orchestrator.model.task import Folder

DOCS = Path(__file__).parents[2] / "docs"


def test_the_result_contract_s_page_is_the_one_that_the_fields_make() -> None:
    assert (DOCS / "result-contract.md").read_text() == results.reference(), (
        "run: python -m orchestrator.mailbox.results > docs/result-contract.md"
    )


def test_the_command_that_prints_the_page_prints_it() -> None:
    printed = subprocess.run([sys.executable, "-m", "orchestrator.mailbox.results"], capture_output=True, text=True, check=True)
    assert printed.stdout == results.reference()


def test_the_page_names_every_reason_for_which_a_result_is_refused() -> None:
    source = Path(results.__file__).read_text()
    named = {part.split('"')[0] for part in source.split('InvalidResult("')[1:]}
    assert len(named) == 11
    assert all(f"`{reason}`" in results.reference() for reason in named)


def test_the_mailbox_s_page_tells_every_folder_and_the_order_of_settling() -> None:
    page = (DOCS / "mailbox.md").read_text()
    assert all(f"| `{folder}/` |" in page for folder in Folder)
    assert " < ".join(f"`{folder}`" for folder in ORDER) in page
