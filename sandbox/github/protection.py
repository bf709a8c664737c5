"""Branch protection at the door of git: a hook in the bare repository reads the rules from a small file."""

from sandbox.github.permissions import permission_of
from sandbox.github.state import Repo, User

# GH006 and the workflow sentence are what GitHub's own pre-receive prints.
HOOK = r"""#!/bin/sh
# Refuses what GitHub refuses: pushes to protected branches, and workflow files without the workflow scope.
zero=0000000000000000000000000000000000000000
empty=4b825dc642cb6eb9a060e54bf8d69288fbee4904
status=0
while read -r old new ref; do
  rule=$(awk -v ref="$ref" '$2 == ref { print $1 }' rules 2>/dev/null)
  case ",$rule," in *,admins,*) [ "$STAND_IN_ROLE" = admin ] && rule= ;; esac
  reason=
  if [ -n "$rule" ]; then
    if [ "$new" = $zero ]; then reason="Cannot delete this protected branch"
    elif [ "$old" != $zero ] && ! git merge-base --is-ancestor "$old" "$new"; then
      reason="Cannot force-push to this protected branch"
    else case ",$rule," in
      *,pull,*) reason="Changes must be made through a pull request." ;;
      *,checks,*) reason="Required status check is expected." ;;
    esac; fi
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
    """Rewrites the rules file after protection changed."""
    lines = []
    for branch, rules in repo.protections.items():
        words = ["protected"]
        words += ["pull"] if rules.require_pull_request else []
        words += ["checks"] if rules.required_checks else []
        words += [] if rules.enforce_admins else ["admins"]
        lines.append(f"{','.join(words)} refs/heads/{branch}\n")
    (repo.path / "rules").write_text("".join(lines))


def refused_for(repo: Repo, branch: str, actor: User) -> bool:
    """Whether the API may not move or delete that branch for this person."""
    rules = repo.protections.get(branch)
    return rules is not None and (rules.enforce_admins or permission_of(repo, actor) != "admin")
