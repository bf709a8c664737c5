"""Branch protection at the door of git: a hook in the bare repository reads the rules from a small file."""

from sandbox.github.gates import PAST_THE_QUEUE, unmet_checks
from sandbox.github.permissions import permission_of
from sandbox.github.repository import ZERO, is_ancestor
from sandbox.github.state import Protection, Repo, User

# GH006 and the workflow sentence are what GitHub's own pre-receive prints.
HOOK = r"""#!/bin/sh
# Refuses what GitHub refuses: pushes to protected branches, and workflow files without the workflow scope.
# A line of `rules`: words, branch, commit (or *), and the sentence with which a push of that commit is refused.
zero=0000000000000000000000000000000000000000
status=0
while read -r old new ref; do
  rule=$(awk -v ref="$ref" '$2 == ref { print $1; exit }' rules)
  case ",$rule," in *,admins,*) [ "$STAND_IN_ROLE" = admin ] && rule= ;; esac
  reason=
  if [ -n "$rule" ]; then
    if [ "$new" = $zero ]; then reason="Cannot delete this protected branch"
    elif [ "$old" != $zero ] && ! git merge-base --is-ancestor "$old" "$new"; then
      reason="Cannot force-push to this protected branch"
    else
      reason=$(awk -v ref="$ref" -v new="$new" \
        '$2 == ref && ($3 == new || $3 == "*") { $1 = $2 = $3 = ""; print substr($0, 4); exit }' rules)
    fi
    if [ -n "$reason" ]; then
      echo "error: GH006: Protected branch update failed for $ref." >&2
      echo "error: $reason" >&2
      status=1
    fi
  fi
  if [ "$new" != $zero ] && [ "$STAND_IN_WORKFLOW" != 1 ]; then
    touched=$(git log --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
    if [ -n "$touched" ]; then
      echo "error: refusing to allow a Personal Access Token to create or update" \
        "workflow \`$touched\` without \`workflow\` scope" >&2
      status=1
    fi
  fi
done
exit $status
"""


def install_hook(repo: Repo) -> None:
    """Puts the hook and the rules into the bare repository."""
    hook = repo.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    write_rules(repo)


def write_rules(repo: Repo) -> None:
    """Rewrites the rules file: before each push, and after protection changed."""
    lines = []
    for branch, rules in repo.protections.items():
        start = f"{'protected' if rules.enforce_admins else 'protected,admins'} refs/heads/{branch}"
        known = sorted({*repo.checks_at, *(status.sha for status in repo.statuses)}) if rules.required_checks else []
        lines += [f"{start} {sha} {_broken_by(repo, sha, rules)}\n" for sha in known]
        lines.append(f"{start} * {_broken_by(repo, ZERO, rules)}\n")
    (repo.path / "rules").write_text("".join(lines))


def refusal_of(repo: Repo, branch: str, old: str, new: str | None, actor: User) -> str | None:
    """The sentence with which the API refuses to move (or, with `new` None, delete) a branch for this person."""
    rules = repo.protections.get(branch)
    if rules is None or (not rules.enforce_admins and permission_of(repo, actor) == "admin"):
        return None
    if new is None:
        return "Cannot delete this protected branch"
    if not is_ancestor(repo.path, old, new):
        return "Cannot force-push to this protected branch"
    return _broken_by(repo, new, rules) or None


def _broken_by(repo: Repo, sha: str, rules: Protection) -> str:
    """Why that commit may not become the tip by a push: it must be green already, and proposed where that is required."""
    reviews = ""
    if rules.required_approvals:
        reviews = f"At least {rules.required_approvals} approving review is required by reviewers with write access."
    elif rules.require_pull_request:
        reviews = "Changes must be made through a pull request."
    if rules.merge_queue:
        reviews = f"{reviews} {PAST_THE_QUEUE}".strip()
    return " ".join(sentence for sentence in (unmet_checks(repo, sha, rules), reviews) if sentence)
