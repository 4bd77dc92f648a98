#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A mechanism that leaves a hint for those after it.
# shellcheck source=request.sh
. /usr/lib/bootstrap/mechanisms/request.sh

gives '{"hints": {"ticket": "T42"}}'
