# What every cron line needs before its job starts. Sourced by the scripts beside it with $root set; it starts no process
# of its own, so that a minute in which nothing waits costs next to nothing (tests/bin measures it).
# shellcheck shell=sh disable=SC2154 # the script that sources this file sets $root

# Files made by a job are for its user alone, whatever umask cron was started with.
umask 077

# cron's locale is C: without these an emoji in an agent's output ends a job. LC_ALL would win over LANG, so both are set;
# a translated message of git would not be understood either.
export PYTHONUTF8=1 LANG=C.UTF-8 LC_ALL=C.UTF-8
# Another interpreter's settings have no say over ours.
unset PYTHONHOME PYTHONPATH

# say WORDS: one line on standard error, which the cron line sends to the job's log.
say() { printf '%s\n' "$*" >&2; }

# newest_node: sets $newest to the bin folder of the highest version that nvm keeps, as numbers (9 < 22), or to nothing.
newest_node() {
  newest='' best=0
  for candidate in "$HOME"/.nvm/versions/node/v*/bin; do
    version=${candidate%/bin} version=${version##*/v}
    case .$version. in *[!0-9.]* | *..* | *.0[0-9]*) continue ;; esac
    IFS=. read -r major minor patch <<EOF
$version
EOF
    rank=$((major * 1000000 + ${minor:-0} * 1000 + ${patch:-0}))
    if [ -d "$candidate" ] && [ "$rank" -ge "$best" ]; then best=$rank newest=$candidate; fi
  done
}

# find_programs: puts the folders where a person's command lines are installed before cron's /usr/bin:/bin. A folder that
# is on PATH already keeps its place.
find_programs() {
  : "${HOME:=/}"
  newest_node
  found=''
  for folder in "$HOME/.local/bin" "$HOME/bin" "$HOME/.npm-global/bin" "$newest" "$HOME/.volta/bin" "$HOME/.cargo/bin" \
    /opt/homebrew/bin /home/linuxbrew/.linuxbrew/bin /usr/local/bin; do
    case ":${PATH:=/usr/bin:/bin}:" in *":$folder:"*) continue ;; esac
    if [ -n "$folder" ] && [ -d "$folder" ]; then found=$found$folder:; fi
  done
  export PATH="$found$PATH"
}

# find_runtime: sets and exports where the settings and the state are. A relative path is relative to the checkout.
# Whoever sets runtime_dir in config.yaml sets AGENTOS_RUNTIME in the crontab to the same folder: the shell must see what
# waits without reading YAML. Python refuses to run when the two differ.
find_runtime() {
  : "${AGENTOS_CONFIG:=config.yaml}" "${AGENTOS_RUNTIME:=runtime}"
  case $AGENTOS_CONFIG in /*) ;; *) AGENTOS_CONFIG=$root/$AGENTOS_CONFIG ;; esac
  case $AGENTOS_RUNTIME in /*) ;; *) AGENTOS_RUNTIME=$root/$AGENTOS_RUNTIME ;; esac
  export AGENTOS_CONFIG AGENTOS_RUNTIME
}

# make_folders: the runtime folder of a first start, closed to other users even where a clone made it with a wide umask.
make_folders() {
  missing=''
  for folder in state locks logs outbox/sent mailbox/inbox mailbox/processing mailbox/review mailbox/done \
    mailbox/blocked mailbox/escalated mailbox/failed; do
    if [ ! -d "$AGENTOS_RUNTIME/$folder" ]; then missing=yes; fi
  done
  if [ -z "$missing" ]; then return; fi
  (
    mkdir -p "$AGENTOS_RUNTIME" && cd "$AGENTOS_RUNTIME" && chmod 700 . &&
      mkdir -p state locks logs outbox/sent mailbox/inbox mailbox/processing mailbox/review mailbox/done \
        mailbox/blocked mailbox/escalated mailbox/failed
  ) || { say "$job: cannot make the folders of $AGENTOS_RUNTIME; is the disk full or the folder another user's?"; exit 75; }
}

# start_tick JOB: what every cron line does first. Ends the script with 0 while a pause flag is set.
start_tick() {
  job=$1
  say "[$(date +%Y-%m-%dT%H:%M:%S%z)] $job start"
  find_runtime
  find_programs
  make_folders
  for flag in paused "paused.$job"; do
    if [ -e "$AGENTOS_RUNTIME/state/$flag" ]; then
      say "$job: paused by $AGENTOS_RUNTIME/state/$flag; remove that file to go on"
      exit 0
    fi
  done
}

# take_lock: one tick of a job at a time. Descriptor 9 stays open through exec, so the kernel frees the lock when the job's
# own process ends, however it ends. AGENTOS_JOB_LOCK_FD tells the job which descriptor not to hand to what it starts.
take_lock() {
  lock=$AGENTOS_RUNTIME/locks/job-$job.lock
  if ! command -v flock >/dev/null; then
    say "$job: flock is missing; install util-linux"
    exit 78
  fi
  if ! command exec 9>>"$lock"; then exit 75; fi
  if ! flock -n 9; then
    say "$job: another tick still runs ($lock is held); nothing done"
    exit 75
  fi
  export AGENTOS_JOB_LOCK_FD=9
}

# start_python MODULE ARGUMENTS: becomes the job. The environment's interpreter is named by its path: what `python3` means
# differs between cron and a person's shell, and a version manager's shim would cost 70 ms in every tick.
start_python() {
  python=$root/.venv/bin/python
  if [ ! -x "$python" ]; then
    say "$python is missing; run $root/bin/setup once"
    exit 78
  fi
  cd "$root" || exit 78
  exec "$python" -m "$@"
}
