# SPDX-License-Identifier: GPL-2.0
# What mechanisms of the guest begin with, which are scripts. To be sourced.
# shellcheck shell=sh
# shellcheck disable=SC2034 # for those that source this
DIR=/run/mechanisms

# JSON may have a backslash in front of a slash.
REQUEST=$(sed 's,\\/,/,g')

# value KEY: what the request has, without quotes; "-" if it has none, or null.
value() {
	rest=${REQUEST#*\""$1"\":}
	[ "$rest" != "$REQUEST" ] || rest=null
	rest=${rest#"${rest%%[! ]*}"}
	case $rest in
	null*) rest=- ;;
	\"*) rest=${rest#\"} rest=${rest%%\"*} ;;
	*) rest=${rest%%[, \}]*} ;;
	esac
	printf '%s\n' "$rest"
}

# gives JSON: a line to the host.
gives() {
	printf '%s\n' "$1" >&3
}
