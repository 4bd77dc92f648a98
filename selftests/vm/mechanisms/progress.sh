#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that has a name while it runs on: what it registers is for those that
# take part in the login.
echo progress >/run/mechanisms/progress.file
exec bootstrapctl register org.example.progress \
	--file /run/mechanisms/progress.file -- \
	sh -c 'echo "{\"result\": \"allow\"}" >&3; exec sleep infinity'
