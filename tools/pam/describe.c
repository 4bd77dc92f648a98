// SPDX-License-Identifier: GPL-2.0
/* What kind of login it is, on which terminal, and from where. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "pam_bootstrap.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The last virtual terminal there can be. */
#define VT_MAX 63

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
	while (count--)
		if (!strcmp(text, list[count]))
			return true;
	return false;
}

/* An item that is a text; empty if there is none. */
static const char *item(pam_handle_t *pamh, int which)
{
	const void *text = NULL;

	if (pam_get_item(pamh, which, &text) != PAM_SUCCESS || !text)
		return "";
	return text;
}

/*
 * A variable of the session to be, else of the application, unless that has
 * more rights than whoever started it and could set it; empty if there is none.
 */
static const char *variable(pam_handle_t *pamh, const char *name)
{
	const char *text = pam_getenv(pamh, name);

	if (!text)
		text = secure_getenv(name);
	return text ? text : "";
}

/* By name only: an address, be it 127.0.0.1, is that of a connection. */
static const char *host_find(pam_handle_t *pamh)
{
	const char *host = item(pamh, PAM_RHOST);

	if (!*host || !strcasecmp(host, "localhost") ||
	    !strcasecmp(host, "localhost.localdomain"))
		return NULL;
	return host;
}

/*
 * A variable that is about the machine's own screen. Who comes over the network
 * is not at that, whatever a file of his says to pam_env.
 */
static const char *local_variable(pam_handle_t *pamh, const char *name)
{
	return host_find(pamh) ? "" : variable(pamh, name);
}

static bool is_greeter(pam_handle_t *pamh, const char *service)
{
	static const char end[] = "-greeter";
	size_t len = strlen(service);

	return !strcmp(local_variable(pamh, "XDG_SESSION_CLASS"), "greeter") ||
	       (len >= strlen(end) &&
		!strcmp(service + len - strlen(end), end));
}

static bool is_graphic(pam_handle_t *pamh)
{
	static const char *const types[] = { "x11", "wayland", "mir" };

	return is_one_of(variable(pamh, "XDG_SESSION_TYPE"), types,
			 ARRAY_SIZE(types)) ||
	       *item(pamh, PAM_TTY) == ':' || *item(pamh, PAM_XDISPLAY);
}

static uint32_t type_find(pam_handle_t *pamh)
{
	static const char *const background[] = {
		"systemd-user", "cron", "crond", "atd", "anacron"
	};
	const char *service = item(pamh, PAM_SERVICE);

	if (is_one_of(service, background, ARRAY_SIZE(background)))
		return BOOTSTRAP_SESSION_TYPE_BACKGROUND;
	if (is_greeter(pamh, service))
		return BOOTSTRAP_SESSION_TYPE_LOGIN_WINDOW;
	if (is_graphic(pamh))
		return BOOTSTRAP_SESSION_TYPE_GUI;
	return BOOTSTRAP_SESSION_TYPE_NON_GUI;
}

/*
 * The terminal that an item names, without /dev/, or NULL. Some applications
 * write their own name there. A terminal is not opened: that may take as long as
 * it likes.
 */
static const char *terminal_find(const char *text)
{
	static const char dev[] = "/dev/";
	char path[PATH_MAX];
	struct stat st;
	int len;

	if (!strncmp(text, dev, strlen(dev)))
		text += strlen(dev);
	if (!*text || *text == '/' || strstr(text, ".."))
		return NULL;
	len = snprintf(path, sizeof(path), "%s%s", dev, text);
	if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &st) ||
	    !S_ISCHR(st.st_mode))
		return NULL;
	return text;
}

/* The virtual terminal that a display is on, by its number. */
static bool vt_find(pam_handle_t *pamh, char *buffer, size_t size)
{
	const char *text = local_variable(pamh, "XDG_VTNR");
	unsigned int number = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		number = number * 10 + *text - '0';
		if (number > VT_MAX)
			return false;
	}
	if (number)
		snprintf(buffer, size, "tty%u", number);
	return number;
}

/*
 * A graphic login may have a virtual terminal, by which it is told when the
 * screen is its. Its programs are not on it: the attribute is not for those.
 */
static void tty_find(struct description *description, pam_handle_t *pamh)
{
	description->tty = terminal_find(item(pamh, PAM_TTY));
	if (description->type != BOOTSTRAP_SESSION_TYPE_GUI) {
		if (description->tty)
			description->attributes |= BOOTSTRAP_SESSION_ATTR_TTY;
		return;
	}
	if (!description->tty &&
	    vt_find(pamh, description->vt, sizeof(description->vt)))
		description->tty = description->vt;
}

static bool decide(enum answer asked, bool found)
{
	return asked == FIND_OUT ? found : asked == YES;
}

void description_find(struct description *description,
		      const struct login *login)
{
	const struct options *options = login->options;
	pam_handle_t *pamh = login->pamh;

	*description = (struct description){ .type = options->type };
	if (!description->type)
		description->type = type_find(pamh);
	tty_find(description, pamh);
	description->host = host_find(pamh);
	if (decide(options->graphic,
		   description->type == BOOTSTRAP_SESSION_TYPE_GUI))
		description->attributes |= BOOTSTRAP_SESSION_ATTR_GRAPHIC_ACCESS;
	if (decide(options->remote, description->host))
		description->attributes |= BOOTSTRAP_SESSION_ATTR_REMOTE;
	else
		description->host = NULL;
}

/* What /sys has under the same name: "MAJOR:MINOR" and a newline. */
static bool is_terminal_of_kernel(const char *terminal, dev_t number)
{
	char path[PATH_MAX], text[32] = "", expected[32];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/tty/%s/dev", terminal);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		*text = '\0';
	fclose(file);
	snprintf(expected, sizeof(expected), "%u:%u\n", major(number),
		 minor(number));
	return !strcmp(text, expected);
}

/*
 * Those that are near or far ends of pseudo terminals, old and new, and those that
 * stand for another.
 */
static bool is_pseudo(dev_t number)
{
	const unsigned int n = major(number);

	return n == 2 || n == 3 || (n >= 128 && n < 144) ||
	       number == makedev(5, 0) || number == makedev(5, 2);
}

bool is_on_console(pam_handle_t *pamh)
{
	const char *terminal = terminal_find(item(pamh, PAM_TTY));
	char path[PATH_MAX];
	struct stat st;

	/* A set-user-id program tells of a terminal that its caller chose. */
	if (!terminal || *item(pamh, PAM_RHOST) || getauxval(AT_SECURE))
		return false;
	snprintf(path, sizeof(path), "/dev/%s", terminal);
	return !stat(path, &st) && S_ISCHR(st.st_mode) &&
	       !is_pseudo(st.st_rdev) &&
	       is_terminal_of_kernel(terminal, st.st_rdev);
}
