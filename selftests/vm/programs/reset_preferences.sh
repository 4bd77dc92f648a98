#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# reset_preferences.sh FILE: what a product does that has all users work with the
# preferences that somebody has laid down. It takes a while to find out about them.
sleep 5
echo managed >"$1"
