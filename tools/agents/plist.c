// SPDX-License-Identifier: GPL-2.0
/* What a property list says of an agent, with the keys of launchd's. */
#include <string.h>
#include <strings.h>

#include <plist/plist.h>

#include "agents.h"

#define THROTTLE_SECONDS 10
#define EXIT_SECONDS 20

/* Each returns whether the value is one for the key. */
typedef bool (*take_value)(void *to, plist_t node);

struct key {
	const char *name;
	take_value take;
	size_t offset;		/* of what it is taken to */
};

static bool take_bool(void *to, plist_t node)
{
	bool *value = to;

	if (!PLIST_IS_BOOLEAN(node))
		return false;
	*value = plist_bool_val_is_true(node);
	return true;
}

/* Not for ever, which no number is, nor at once, which a 0 was never for. */
static bool take_seconds(void *to, plist_t node)
{
	int64_t *ms = to;
	uint64_t seconds = 0;

	if (PLIST_IS_UINT(node))
		plist_get_uint_val(node, &seconds);
	if (!seconds || seconds > INT32_MAX)
		return false;
	*ms = seconds * 1000;
	return true;
}

/* The text of a string that is not empty; else NULL. */
static const char *text_of(plist_t node)
{
	const char *text = PLIST_IS_STRING(node) ?
			   plist_get_string_ptr(node, NULL) : NULL;

	return text && *text ? text : NULL;
}

static bool take_string(void *to, plist_t node)
{
	const char *text = text_of(node);
	char **value = to;

	if (!text)
		return false;
	free(*value);
	*value = must(strdup(text));
	return true;
}

static void strings_free(char **strings)
{
	char **at;

	for (at = strings; at && *at; at++)
		free(*at);
	free(strings);
}

/* Arguments may be empty, but not the first of them. */
static bool take_strings(void *to, plist_t node)
{
	uint32_t count = PLIST_IS_ARRAY(node) ? plist_array_get_size(node) : 0;
	char ***value = to, **strings;
	plist_t item;
	uint32_t i;

	if (!count || !text_of(plist_array_get_item(node, 0)))
		return false;
	for (i = 1; i < count; i++) {
		item = plist_array_get_item(node, i);
		if (!PLIST_IS_STRING(item))
			return false;
	}
	strings = must(calloc(count + 1, sizeof(*strings)));
	for (i = 0; i < count; i++) {
		item = plist_array_get_item(node, i);
		strings[i] = must(strdup(plist_get_string_ptr(item, NULL)));
	}
	strings_free(*value);
	*value = strings;
	return true;
}

/* The next entry of a dictionary, with a key to be freed; NULL at its end. */
static plist_t entry_next(plist_t dict, plist_dict_iter iter, char **ret_key)
{
	plist_t value = NULL;

	*ret_key = NULL;
	plist_dict_next_item(dict, iter, ret_key, &value);
	return *ret_key ? value : NULL;
}

static char *assignment(const char *variable, plist_t value)
{
	char *text;

	if (!*variable || strchr(variable, '=') || !PLIST_IS_STRING(value))
		return NULL;
	if (asprintf(&text, "%s=%s", variable,
		     plist_get_string_ptr(value, NULL)) < 0)
		must(NULL);
	return text;
}

static bool take_environment(void *to, plist_t node)
{
	char ***value = to, **strings, *key;
	plist_dict_iter iter = NULL;
	unsigned int count = 0;
	bool good = true;
	plist_t item;

	if (!PLIST_IS_DICT(node))
		return false;
	strings = must(calloc(plist_dict_get_size(node) + 1,
			      sizeof(*strings)));
	plist_dict_new_iter(node, &iter);
	while ((item = entry_next(node, iter, &key))) {
		strings[count] = assignment(key, item);
		if (strings[count])
			count++;
		else
			good = false;
		free(key);
	}
	free(iter);
	strings_free(*value);
	*value = strings;
	return good;
}

static bool take_type(uint32_t *types, plist_t node)
{
	static const struct {
		const char *name;
		uint32_t type;
	} known[] = {
		{ "Aqua", BOOTSTRAP_SESSION_TYPE_GUI },
		{ "StandardIO", BOOTSTRAP_SESSION_TYPE_NON_GUI },
		{ "Background", BOOTSTRAP_SESSION_TYPE_BACKGROUND },
		{ "LoginWindow", BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW },
		{ "System", BOOTSTRAP_SESSION_TYPE_ROOT },
	};
	const char *text = text_of(node);
	size_t i;

	for (i = 0; text && i < ARRAY_SIZE(known); i++)
		if (!strcasecmp(text, known[i].name)) {
			*types |= 1U << known[i].type;
			return true;
		}
	return false;
}

/* Of what is wrong here it does not follow that all sessions are meant. */
static bool take_types(void *to, plist_t node)
{
	uint32_t *types = to, i;
	bool good = true;

	*types = 0;
	if (!PLIST_IS_ARRAY(node))
		return take_type(types, node);
	for (i = 0; i < plist_array_get_size(node); i++)
		if (!take_type(types, plist_array_get_item(node, i)))
			good = false;
	return good;
}

/* Takes what @keys know of a dictionary, and tells of the rest. */
static void take_dict(const char *what, plist_t dict, const struct key *keys,
		      size_t count, void *to)
{
	plist_dict_iter iter = NULL;
	plist_t item;
	char *name;
	size_t i;

	plist_dict_new_iter(dict, &iter);
	while ((item = entry_next(dict, iter, &name))) {
		for (i = 0; i < count && strcmp(name, keys[i].name); i++)
			;
		if (i == count)
			syslog(LOG_NOTICE, "%s: %s: ignored, not a key known here",
			       what, name);
		else if (!keys[i].take((char *)to + keys[i].offset, item))
			syslog(LOG_WARNING, "%s: %s: ignored, not a value for it",
			       what, name);
		free(name);
	}
	free(iter);
}

static const struct key service_keys[] = {
	{ "HideUntilCheckIn", take_bool, offsetof(struct job_service, hidden) },
	{ "CheckInByName", take_bool, offsetof(struct job_service, by_name) },
};

static bool take_services(void *to, plist_t node)
{
	struct job *job = to;
	struct job_service *service;
	plist_dict_iter iter = NULL;
	bool good = true;
	plist_t item;
	char *name;

	if (!PLIST_IS_DICT(node) || job->services)
		return false;
	job->services = must(calloc(plist_dict_get_size(node) + 1,
				    sizeof(*job->services)));
	plist_dict_new_iter(node, &iter);
	while ((item = entry_next(node, iter, &name))) {
		service = &job->services[job->service_count];
		if (PLIST_IS_DICT(item)) {
			take_dict(name, item, service_keys,
				  ARRAY_SIZE(service_keys), service);
		} else if (!PLIST_IS_BOOLEAN(item) ||
			   !plist_bool_val_is_true(item)) {
			good = false;
			free(name);
			continue;
		}
		service->name = name;
		job->service_count++;
	}
	free(iter);
	return good;
}

static const struct key job_keys[] = {
	{ "Label", take_string, offsetof(struct job, label) },
	{ "Disabled", take_bool, offsetof(struct job, disabled) },
	{ "Program", take_string, offsetof(struct job, program) },
	{ "ProgramArguments", take_strings, offsetof(struct job, arguments) },
	{ "EnvironmentVariables", take_environment,
	  offsetof(struct job, environment) },
	{ "WorkingDirectory", take_string, offsetof(struct job, directory) },
	{ "LimitLoadToSessionType", take_types, offsetof(struct job, types) },
	{ "RunAtLoad", take_bool, offsetof(struct job, run_at_load) },
	{ "KeepAlive", take_bool, offsetof(struct job, keep_alive) },
	{ "ThrottleInterval", take_seconds, offsetof(struct job, throttle) },
	{ "ExitTimeOut", take_seconds, offsetof(struct job, exit_time) },
	{ "MachServices", take_services, 0 },
};

/* A program of which nothing else is said is called by its path. */
static void job_complete(struct job *job)
{
	if (job->arguments || !job->program)
		return;
	job->arguments = must(calloc(2, sizeof(*job->arguments)));
	job->arguments[0] = must(strdup(job->program));
}

static plist_t parse(const char *data, size_t size)
{
	plist_t plist = NULL;

	if (plist_is_binary(data, size))
		plist_from_bin(data, size, &plist);
	else
		plist_from_xml(data, size, &plist);
	return plist;
}

bool job_read(struct job *job, const char *file, const char *data, size_t size)
{
	plist_t plist = parse(data, size);

	*job = (struct job){
		.types = 1U << BOOTSTRAP_SESSION_TYPE_GUI,
		.throttle = THROTTLE_SECONDS * 1000,
		.exit_time = EXIT_SECONDS * 1000,
	};
	if (!PLIST_IS_DICT(plist)) {
		syslog(LOG_ERR, "%s: refused: not a property list, or not of a dictionary",
		       file);
		plist_free(plist);
		return false;
	}
	take_dict(file, plist, job_keys, ARRAY_SIZE(job_keys), job);
	plist_free(plist);
	job_complete(job);
	if (!job->label)
		syslog(LOG_ERR, "%s: refused: no Label", file);
	else if (!job->arguments)
		syslog(LOG_ERR, "%s: refused: neither Program nor ProgramArguments",
		       file);
	return job->label && job->arguments;
}

void job_free(struct job *job)
{
	while (job->service_count)
		free(job->services[--job->service_count].name);
	free(job->services);
	strings_free(job->arguments);
	strings_free(job->environment);
	free(job->label);
	free(job->program);
	free(job->directory);
}
