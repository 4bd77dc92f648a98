// SPDX-License-Identifier: GPL-2.0
/* What the line in the PAM configuration asks for. */
#include <string.h>
#include <syslog.h>

#include <bootstrap/login.h>
#include <security/pam_ext.h>

#include "pam_bootstrap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Seconds: what a mechanism may take, and what it may be given. */
#define TIMEOUT 30
#define TIMEOUT_MAX 3600

static const char *const phases[] = {
	[PHASE_BEFORE_AUTH] = "before-auth",
	[PHASE_AFTER_AUTH] = "after-auth",
	[PHASE_AFTER_HOME] = "after-home",
};

static const char *const types[] = {
	[BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW] = "login-window",
	[BOOTSTRAP_SESSION_TYPE_GUI] = "gui",
	[BOOTSTRAP_SESSION_TYPE_NON_GUI] = "non-gui",
	[BOOTSTRAP_SESSION_TYPE_BACKGROUND] = "background",
};

const char *type_text(uint32_t type)
{
	return type < ARRAY_SIZE(types) && types[type] ? types[type] : "unknown";
}

static bool type_parse(const char *text, uint32_t *ret_type)
{
	uint32_t type;

	for (type = 0; type < ARRAY_SIZE(types); type++)
		if (types[type] && !strcmp(text, types[type])) {
			*ret_type = type;
			return true;
		}
	return false;
}

static bool answer_parse(const char *text, enum answer *ret_answer)
{
	if (!strcmp(text, "yes"))
		*ret_answer = YES;
	else if (!strcmp(text, "no"))
		*ret_answer = NO;
	else
		return false;
	return true;
}

static bool phase_parse(const char *text, enum phase *ret_phase)
{
	unsigned int phase;

	for (phase = 0; phase < ARRAY_SIZE(phases); phase++)
		if (phases[phase] && !strcmp(text, phases[phase])) {
			*ret_phase = phase;
			return true;
		}
	*ret_phase = PHASE_INVALID;
	return false;
}

static bool seconds_parse(const char *text, uint32_t *ret_seconds)
{
	uint32_t seconds = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		seconds = seconds * 10 + *text - '0';
		if (seconds > TIMEOUT_MAX)
			return false;
	}
	if (seconds)
		*ret_seconds = seconds;
	return seconds;
}

/* What follows on @name= in a text, or NULL. */
static const char *value_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(text, name, len) && text[len] == '=' ? text + len + 1 :
							       NULL;
}

static bool option_parse(struct options *options, const char *text)
{
	enum answer agents = FIND_OUT;
	const char *value;

	if (!strcmp(text, "debug")) {
		options->debug = true;
		return true;
	}
	if (!strcmp(text, "logout=terminate")) {
		options->terminate = true;
		return true;
	}
	value = value_of(text, "phase");
	if (value)
		return phase_parse(value, &options->phase);
	value = value_of(text, "right");
	if (value) {
		if (*value)
			options->right = value;
		return *value;
	}
	value = value_of(text, "timeout");
	if (value)
		return seconds_parse(value, &options->timeout);
	value = value_of(text, "type");
	if (value)
		return type_parse(value, &options->type);
	value = value_of(text, "graphic");
	if (value)
		return answer_parse(value, &options->graphic);
	value = value_of(text, "remote");
	if (value)
		return answer_parse(value, &options->remote);
	value = value_of(text, "agents");
	if (!value || !answer_parse(value, &agents))
		return false;
	options->agents = agents == YES;
	return true;
}

void options_parse(struct options *options, pam_handle_t *pamh, int argc,
		   const char **argv)
{
	bool known = true;
	int i;

	*options = (struct options){
		.right = BNL_RIGHT_LOGIN,
		.timeout = TIMEOUT,
		.agents = true,
	};
	for (i = 0; i < argc; i++) {
		if (option_parse(options, argv[i]))
			continue;
		known = false;
		if (pamh)
			pam_syslog(pamh, LOG_ERR,
				   "option %s is not known, and ignored",
				   argv[i]);
	}
	/* Nobody gets past mechanisms because of a typing error. */
	if (options->phase && !known)
		options->phase = PHASE_INVALID;
}
