// SPDX-License-Identifier: GPL-2.0
/* A chain: the mechanisms of a stretch, in their order, as often as it takes. */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "host.h"

/* So often a stretch may be interrupted. */
#define INTERRUPTS 32

/* A stretch that is being run. */
struct stretch {
	struct login *login;
	struct login_answer *answer;
	size_t first;
	size_t end;		/* behind the last */
	uint32_t tries;
	unsigned int interrupts;
	/* What each was told when it was invoked without an interrupt. */
	struct values *before;
};

static void log_result(const struct invocation *invocation,
		       enum login_result result)
{
	const int64_t ms = now_ms() - invocation->started;

	login_log(invocation->login,
		  result == LOGIN_ALLOW ? LOG_INFO : LOG_NOTICE,
		  "%s: %s%s%s%s, %d.%03d s", invocation->name,
		  result_text(result), *invocation->wrong ? " (" : "",
		  invocation->wrong, *invocation->wrong ? ")" : "", (int)(ms / 1000),
		  (int)(ms % 1000));
}

/* The first of the chain that wants it resumed, or that did what it must not. */
static struct invocation *find(const struct login *login, bool wrong)
{
	struct invocation *invocation, *found = NULL;

	for (invocation = login->running; invocation;
	     invocation = invocation->next)
		if (wrong ? *invocation->wrong : invocation->interrupts)
			found = invocation;
	return found;
}

static bool values_put(struct login *login, const struct values *values)
{
	struct values copy;

	if (!values_copy(&copy, values))
		return false;
	values_free(&login->values);
	login->values = copy;
	return true;
}

/* Runs one until it, or an earlier one, has something to say. */
static enum login_result invoke(struct stretch *stretch, size_t index,
				const char *reason)
{
	struct login *login = stretch->login;
	const struct occasion occasion = { stretch->tries, reason };
	struct invocation *invocation;

	invocation = invocation_start(login, index, &occasion);
	if (!invocation)
		return LOGIN_UNDEFINED;
	stretch->answer->ran++;
	while (!invocation->decided && !find(login, true) &&
	       !find(login, false))
		invocations_wait(login);
	if (find(login, true)) {
		log_result(find(login, true), LOGIN_UNDEFINED);
		return LOGIN_UNDEFINED;
	}
	if (!invocation->decided)
		return LOGIN_ALLOW;
	log_result(invocation, invocation->result);
	if (!values_merge(&login->values, &invocation->given))
		return LOGIN_UNDEFINED;
	return invocation->result;
}

/* As it was before that one was invoked, but for what that one has given. */
static bool resume(struct stretch *stretch, size_t *index)
{
	struct login *login = stretch->login;
	struct invocation *invocation = find(login, false);
	struct values again;
	bool done;

	*index = invocation->index;
	login_log(login, LOG_NOTICE, "%s interrupts, and is invoked again",
		  invocation->name);
	if (++stretch->interrupts > INTERRUPTS) {
		login_log(login, LOG_ERR, "too many interrupts");
		return false;
	}
	if (!values_copy(&again, &stretch->before[*index - stretch->first]))
		return false;
	done = values_merge(&again, &invocation->given) &&
	       values_merge(&again, &invocation->late);
	invocations_end(login, invocation->next, true);
	done = done && values_put(login, &again);
	values_free(&again);
	return done;
}

/* Keeps what it is told for the case that it interrupts. */
static bool note(struct stretch *stretch, size_t index)
{
	struct values *before = &stretch->before[index - stretch->first];

	values_free(before);
	return values_copy(before, &stretch->login->values);
}

static bool is_run(const struct stretch *stretch, size_t index)
{
	return bnl_mechanism_kind(&stretch->login->right->mechanisms[index]) ==
	       BNL_KIND_PLUGIN;
}

static enum login_result pass(struct stretch *stretch)
{
	const char *reason = stretch->tries ? "denied" : NULL;
	struct login *login = stretch->login;
	enum login_result result = LOGIN_ALLOW;
	size_t i = stretch->first;

	while (i < stretch->end) {
		if (!is_run(stretch, i)) {
			i++;
			continue;
		}
		if ((!reason || strcmp(reason, "worldChanged")) &&
		    !note(stretch, i))
			return LOGIN_UNDEFINED;
		result = invoke(stretch, i, reason);
		if (result == LOGIN_ALLOW)
			invocations_look(login);
		if (result == LOGIN_ALLOW && find(login, true)) {
			log_result(find(login, true), LOGIN_UNDEFINED);
			return LOGIN_UNDEFINED;
		}
		if (result != LOGIN_ALLOW)
			return result;
		reason = stretch->tries ? "denied" : NULL;
		if (!find(login, false)) {
			i++;
			continue;
		}
		reason = "worldChanged";
		if (!resume(stretch, &i))
			return LOGIN_UNDEFINED;
	}
	return result;
}

/* Once more from the beginning? In the session nobody is asked again. */
static bool tries_again(const struct stretch *stretch, enum login_result result)
{
	const struct login *login = stretch->login;

	if (result != LOGIN_DENY ||
	    login->request.stretch == BNL_STRETCH_AFTER_HOME)
		return false;
	return !login->right->tries || stretch->tries < login->right->tries;
}

/* What was said of the login is forgotten unless it is sticky; hints are not. */
static bool context_reset(struct login *login, const struct values *begun)
{
	const struct values again = { begun->context, login->values.hints,
				      begun->flags };
	struct values values;
	bool done;

	if (!values_copy(&values, &again))
		return false;
	done = values_keep_sticky(&values, &login->values) &&
	       values_put(login, &values);
	values_free(&values);
	return done;
}

static enum login_result stretch_run(struct stretch *stretch)
{
	struct login *login = stretch->login;
	enum login_result result;
	struct values begun;

	if (!values_copy(&begun, &login->values))
		return LOGIN_UNDEFINED;
	for (;;) {
		result = pass(stretch);
		invocations_end(login, NULL, false);
		plugins_destroy(login);
		stretch->tries++;
		if (!tries_again(stretch, result))
			break;
		login_log(login, LOG_NOTICE, "denied, try %u",
			  stretch->tries + 1);
		if (!context_reset(login, &begun)) {
			result = LOGIN_UNDEFINED;
			break;
		}
	}
	values_free(&begun);
	return result;
}

enum login_result chain_run(struct login *login, struct login_answer *answer)
{
	struct stretch stretch = { .login = login, .answer = answer };
	enum login_result result;
	size_t i, count;

	count = bnl_right_stretch(login->right, login->request.stretch,
				  &stretch.first);
	stretch.end = stretch.first + count;
	stretch.before = calloc(count + 1, sizeof(*stretch.before));
	if (!stretch.before)
		return LOGIN_UNDEFINED;
	result = stretch_run(&stretch);
	for (i = 0; i < count; i++)
		values_free(&stretch.before[i]);
	free(stretch.before);
	return result;
}
