#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/run_job.sh" queue "$@"
