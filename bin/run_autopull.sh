#!/bin/sh
# run_autopull.sh [--dry-run]: brings this checkout up to its remote's default branch (or AGENTOS_BRANCH) when that is a
# plain step forward. It never merges, rebases, stashes or switches branches: whatever else it finds is a person's work,
# and it says so and leaves it. Exit codes: 0 up to date, updated or skipped; 75 the remote or the package index did not
# answer; 78 this is not a checkout of its own.
set -u
self=$(readlink -f -- "$0")
root=${self%/bin/*}
# shellcheck source=bin/common_env.sh
. "$root/bin/common_env.sh"

# Nobody is there to answer a question, and a remote that hangs must not hold the lock for ever.
export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -oBatchMode=yes}"
REMOTE_SECONDS=120

git_here() { git -C "$root" "$@"; }

skip() {
  say "autopull: skipped: $*"
  exit 0
}

# find_branch: sets $branch, $remote and $upstream, or ends the tick.
find_branch() {
  if [ "$(git_here rev-parse --show-toplevel 2>/dev/null)" != "$root" ]; then
    say "autopull: $root is not a git checkout of its own; clone it with git, or take this line out of the crontab"
    exit 78
  fi
  branch=$(git_here symbolic-ref --quiet --short HEAD) || skip 'no branch is checked out'
  remote=$(git_here config "branch.$branch.remote") || skip "$branch follows no remote branch"
  upstream=refs/remotes/$remote/$branch
  ours=${AGENTOS_BRANCH:-$(git_here symbolic-ref --quiet --short "refs/remotes/$remote/HEAD")}
  ours=${ours#"$remote/"}
  if [ "$branch" != "${ours:-main}" ]; then
    skip "$branch is checked out, not ${ours:-main}; AGENTOS_BRANCH=$branch in the crontab follows it"
  fi
  if [ -n "$(git_here status --porcelain --untracked-files=no)" ]; then
    skip "files are changed here; 'git -C $root status' lists them"
  fi
}

# update: fetches, and moves forward when nothing of our own is in the way.
update() {
  if ! timeout "$REMOTE_SECONDS" git -C "$root" fetch --quiet --no-tags "$remote" "+refs/heads/$branch:$upstream"; then
    say "autopull: $remote did not answer; the next tick asks again"
    exit 75
  fi
  before=$(git_here rev-parse --short HEAD)
  behind=$(git_here rev-list --count "HEAD..$upstream") ahead=$(git_here rev-list --count "$upstream..HEAD")
  if [ "$ahead" -gt 0 ]; then skip "$branch has $ahead commit(s) that $remote lacks; push them or take them back"; fi
  if [ "$behind" -eq 0 ]; then
    say "autopull: up to date at $before"
  elif [ -n "$dry_run" ]; then
    say "autopull: would move $branch from $before by $behind commit(s)"
  elif git_here merge --quiet --ff-only "$upstream"; then
    say "autopull: moved $branch from $before to $(git_here rev-parse --short HEAD), $behind commit(s)"
  else
    skip 'git could not move forward (see above); an untracked file may be in the way'
  fi
}

# install: the environment follows requirements.txt, also when an earlier tick pulled and could not install.
install() {
  if [ -n "$dry_run" ] || [ ! -d "$root/.venv" ]; then return; fi
  "$root/bin/setup" run --packages-only 9>&- || exit 75
}

# One function, read whole before it runs: the update may replace this very file.
main() {
  dry_run=''
  case ${1-} in
    '') ;;
    --dry-run) dry_run=yes ;;
    *) say "usage: ${self##*/} [--dry-run]"; exit 64 ;;
  esac
  start_tick autopull
  take_lock
  find_branch
  update
  install
  exit 0
}
main "$@"
