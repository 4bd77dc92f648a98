#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Within a subset: subset.sh FILE PROGRAM. Plants a name that stands for the file,
# and looks it up by bootstrapctl and by the other program.
NAME=org.example.rootd

bootstrapctl register $NAME -- sleep 60 <"$1" &
until bootstrapctl lookup $NAME -- cat /dev/stdin 2>/dev/null | grep -q '#'; do
	sleep 0.1
done
bootstrapctl lookup $NAME -- cat /dev/stdin
"$2" lookup $NAME -- cat /dev/stdin
kill $!
