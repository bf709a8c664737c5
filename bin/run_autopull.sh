#!/bin/sh
# run_autopull.sh [--dry-run]: brings this checkout up to its remote's default branch (or AGENTOS_BRANCH) when that is a
# plain step forward. It never merges, rebases, stashes or switches branches: whatever else it finds is a person's work,
# and it says so and leaves it. A step is taken back when the new code does not start, or when a job ends with a bug within
# the hour after it; that commit is not taken again, and you are told once.
# Exit codes: 0 up to date, updated or skipped; 75 the remote or the package index did not answer; 78 this is not a
# checkout of its own.
set -u
self=$(readlink -f -- "$0")
root=${self%/bin/*}
# shellcheck source=bin/common_env.sh
. "$root/bin/common_env.sh"

# Nobody is there to answer a question, and a remote that hangs must not hold the lock for ever.
export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND="${GIT_SSH_COMMAND:-ssh -oBatchMode=yes}"
REMOTE_SECONDS=120
ON_TRIAL_MINUTES=60

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
  newest=$(git_here rev-parse "$upstream")
  if [ "$behind" -gt 0 ] && grep -qsx "$newest" "$AGENTOS_RUNTIME/state/autopull.refused"; then
    skip "$(git_here rev-parse --short "$upstream") did not work here and was taken back; a newer commit is awaited"
  fi
  if [ "$behind" -eq 0 ]; then
    say "autopull: up to date at $before"
  elif [ -n "$dry_run" ]; then
    say "autopull: would move $branch from $before by $behind commit(s)"
  elif put_on_trial && git_here merge --quiet --ff-only "$upstream"; then
    say "autopull: moved $branch from $before to $(git_here rev-parse --short HEAD), $behind commit(s)"
  else
    rm -f "$on_trial"
    skip 'git could not move forward (see above); an untracked file may be in the way'
  fi
}

# install: the environment follows requirements.txt, also when an earlier tick pulled and could not install.
install() {
  if [ -n "$dry_run" ] || [ ! -d "$root/.venv" ]; then return; fi
  "$root/bin/setup" run --packages-only 9>&- || exit 75
}

# put_on_trial: notes which commit to go back to before the step is taken. run_job.sh writes down beside it which job ended
# with a bug. A step that follows within the trial of another keeps the commit that is known to work.
put_on_trial() {
  if [ -e "$on_trial" ]; then touch "$on_trial"; return; fi
  git_here rev-parse HEAD >"$on_trial.new" && mv "$on_trial.new" "$on_trial"
}

# judge_trial: takes the step back when a job failed on it; ends the trial when its time is over.
judge_trial() {
  if [ ! -e "$on_trial" ]; then return; fi
  if [ -s "$on_trial.failed" ]; then
    take_back "$(tail -n 1 "$on_trial.failed")"
  elif [ -n "$(find "$on_trial" -mmin "+$ON_TRIAL_MINUTES")" ]; then
    rm -f "$on_trial"
  fi
}

# try_it: whether every job of the new code can at least be loaded, and the settings be read.
try_it() {
  python=$root/.venv/bin/python
  if [ ! -e "$on_trial" ] || [ -n "$dry_run" ] || [ ! -x "$python" ]; then return; fi
  if (cd "$root" && "$python" -c "$CANARY") >&2 9>&-; then return; fi
  take_back 'the new code does not start'
}
CANARY='
from importlib import import_module
from orchestrator import wiring
for job in (*(job.name for job in wiring.JOBS), "worker"):
    import_module(f"orchestrator.jobs.{job}")
'

# take_back REASON: back to the commit that worked, unless a person changed something meanwhile; the commit is remembered.
take_back() {
  good=$(cat "$on_trial") bad=$(git_here rev-parse HEAD)
  if ! git_here reset --quiet --keep "$good"; then skip "git could not go back to $good (see above)"; fi
  printf '%s\n' "$bad" >>"$AGENTOS_RUNTIME/state/autopull.refused"
  say "autopull: took $bad back, $good is checked out again: $1"
  tell "$bad" "$good" "$1"
  rm -f "$on_trial" "$on_trial.failed"
}

# tell BAD GOOD REASON: an alert for the notifier, in the format of docs/operations.md; the same commit is told once.
tell() {
  name=$(date -u +%Y%m%dT%H%M%SZ)-autopull-$1.md
  printf -- '---\nchannel: default\nseverity: action\nkey: autopull-%s\n---\n\n%s\n' "$1" \
    "Agent OS updated itself to $1 and went back to $2: $3. The logs are in $AGENTOS_RUNTIME/logs." \
    >"$AGENTOS_RUNTIME/outbox/.$name" && mv "$AGENTOS_RUNTIME/outbox/.$name" "$AGENTOS_RUNTIME/outbox/$name"
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
  on_trial=$AGENTOS_RUNTIME/state/autopull.on-trial
  find_branch
  judge_trial
  update
  install
  try_it
  install
  exit 0
}
main "$@"
