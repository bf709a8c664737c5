#!/bin/sh
# run_job.sh JOB [ARGUMENTS]: one tick of a job, as cron starts it. Ends here, without Python, while nothing waits for it.
# Exit codes: 0 done, paused or nothing waits; 75 try again next tick; 78 a person must set something up; 70 a bug.
set -u
self=$(readlink -f -- "$0")
root=${self%/bin/*}
# shellcheck source=bin/common_env.sh
. "$root/bin/common_env.sh"

usage() {
  say "usage: ${self##*/} JOB [ARGUMENTS]   one tick of a job, for example: ${self##*/} queue --dry-run"
  exit 64
}

# waits FOLDER...: whether a letter lies in one of the folders; names that start with a dot are still being written.
# A link that leads nowhere counts: it is put aside by the job and not by overlooking it.
waits() {
  for folder; do
    for letter in "$AGENTOS_RUNTIME/$folder"/*.md; do
      if [ -e "$letter" ] || [ -L "$letter" ]; then return 0; fi
    done
  done
  return 1
}

# skip_unless_waiting FOLDER...: ends the tick when all of them are empty.
skip_unless_waiting() {
  if waits "$@"; then return; fi
  say "$job: nothing waits in $*"
  exit 0
}

# wants_others: whether the configuration turns on anything about pull requests of others; then the job looks itself.
wants_others() {
  grep -Eq \
    -e '^[^#]*(on_request|on_ready|mode["'"'"']?[[:space:]]*:[[:space:]]*["'"'"']?auto)' \
    -e '^[^#]*auto_(review|merge_patch|merge_minor|migrate_breaking)["'"'"']?[[:space:]]*:[[:space:]]*true' \
    "${AGENTOS_CONFIG:-$root/config.yaml}" 2>/dev/null
}

case ${1-} in '' | *[!a-z_]*) usage ;; esac
case ${2-} in -h | --help) find_runtime && start_python orchestrator "$@" ;; esac
start_tick "$1"
shift
case $job in
  queue) skip_unless_waiting mailbox/inbox mailbox/processing state/leftovers ;;
  pr_monitor) wants_others || skip_unless_waiting mailbox/review mailbox/inbox mailbox/blocked mailbox/escalated ;;
  notifier) skip_unless_waiting outbox ;;
esac
take_lock
# After an update the job runs below this shell for an hour, so that its end is seen and the update can be taken back.
if [ -e "$AGENTOS_RUNTIME/state/autopull.on-trial" ]; then
  (start_python orchestrator "$job" "$@")
  code=$?
  case $code in 0 | 64 | 75 | 78) ;; *) say "$job: ended with $code" 2>>"$AGENTOS_RUNTIME/state/autopull.on-trial.failed" ;; esac
  exit "$code"
fi
start_python orchestrator "$job" "$@"
