/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a pair of plug-ins say to each other: org.example.reset, which is privileged,
 * resets preferences in the user's home; org.example.progress, which is not, tells the
 * user how it goes on.
 */
#ifndef PAIR_H
#define PAIR_H

/*
 * In the login's pre-login namespace, where no other login finds it: the end of a pipe
 * that takes a line for each file. Whoever does not find it works in silence. It does
 * not wait when it is full: what nobody reads is lost.
 */
#define PROGRESS_NAME "org.example.reset.progress"

/* A hint: how many files there were, as text. */
#define COUNT_HINT "org.example.reset.count"

#endif
