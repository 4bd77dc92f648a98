/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file login.h
 * Native interface of libbootstrap-login to the authorization database: which
 * mechanisms run at a login, in which order. authorization(5) tells what is in it.
 *
 * Databases and definitions are property lists, of libplist: dictionaries, that
 * whoever gets one owns and frees with plist_free().
 *
 * Each function returns 0 or a negative errno, or what its text says; errno itself
 * says nothing. Outputs (`ret_`) are written only on success. @p ret_why may be
 * NULL; else it is written if, and only if, the function fails: a text for people,
 * without a newline at its end, that says what is wrong and where, to be freed; or
 * NULL if there is no memory for it. -ENOMEM is possible with all of them and not
 * repeated below. There are no globals: all functions may be called from any thread.
 */
#ifndef BOOTSTRAP_LOGIN_H
#define BOOTSTRAP_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <plist/plist.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the database is. */
#define BNL_DATABASE		"/etc/authorization"
/** Where the one before the last change is kept. */
#define BNL_DATABASE_PREVIOUS	BNL_DATABASE "-previous"
/** Added to the path of a database: what whoever changes it has locked. */
#define BNL_DATABASE_LOCK	".lock"

/** The right that logins ask for unless they are told another. */
#define BNL_RIGHT_LOGIN		"system.login.console"

/** How often a chain that is denied is run, if its right does not say. */
#define BNL_TRIES		10000

/** The longest name of a plug-in or a mechanism, in bytes. */
#define BNL_NAME_MAX		255

/** Stands for PAM's own authentication. */
#define BNL_AUTHENTICATE	"builtin:authenticate"
/** The plug-in whose mechanisms stand for what makes the home available. */
#define BNL_HOME_PLUGIN		"HomeDirMechanism"

/** A mechanism, as "plugin:mechanism[,privileged]" names it. Since 0.1. */
struct bnl_mechanism {
	char plugin[BNL_NAME_MAX + 1];
	char name[BNL_NAME_MAX + 1];
	bool privileged;
};

/** What a chain has in a place. Since 0.1. */
enum bnl_kind {
	/** a mechanism of a plug-in that is installed */
	BNL_KIND_PLUGIN,
	/** #BNL_AUTHENTICATE, privileged or not */
	BNL_KIND_AUTHENTICATE,
	/** a mechanism of #BNL_HOME_PLUGIN, privileged or not */
	BNL_KIND_HOME,
};

/** A stretch of a chain: what PAM has run in one place. Since 0.1. */
enum bnl_stretch {
	/** before PAM's authentication */
	BNL_STRETCH_BEFORE_AUTH,
	/** behind it, and before the home is there */
	BNL_STRETCH_AFTER_AUTH,
	/** when the home is there, before anything of the user's runs */
	BNL_STRETCH_AFTER_HOME,
};

/** A right, as it is evaluated. Since 0.1. */
struct bnl_right {
	/** the key that it was found under: a beginning of what was asked for */
	char *key;
	/** how often it is tried; 0 for ever */
	uint32_t tries;
	size_t count;			/**< of @p mechanisms */
	struct bnl_mechanism *mechanisms;
};

/**
 * Take a mechanism's text apart. It is a plug-in's name, a colon, and a mechanism's;
 * then, or not, a comma and "privileged", in any case. A name is not empty, "." or
 * "..", does not begin with a dot, and has no slash, colon, comma or control
 * character.
 *
 * @return 0, or -EINVAL. Since 0.1.
 */
int bnl_mechanism_parse(const char *text, struct bnl_mechanism *ret_mechanism,
			char **ret_why);

/** What it stands for in a chain. Since 0.1. */
enum bnl_kind bnl_mechanism_kind(const struct bnl_mechanism *mechanism);

/** What a plug-in is. Since 0.1. */
enum bnl_form {
	/** a directory, with a program for each mechanism */
	BNL_FORM_PROGRAM,
	/** a shared object, see <Security/AuthorizationPlugin.h> */
	BNL_FORM_OBJECT,
};

/** Whom mechanisms run as that are not privileged. */
#define BNL_USER		"bootstrap-login"

/**
 * Find what runs a mechanism of kind #BNL_KIND_PLUGIN: in @p directory the shared
 * object PLUGIN.so, or, if there is none of that name, the file MECHANISM in the
 * directory PLUGIN. Symbolic links are followed, but not out of @p directory. That,
 * each directory on the way, and the file must be root's and writable by nobody else;
 * the file must be regular, and a program be executable. If the mechanism is not
 * privileged, the way must be open to all, and #BNL_USER be known to the system.
 *
 * @param directory where plug-ins are installed; NULL for where the library looks
 * @param ret_path the path without links, to be freed; or NULL, to check only
 * @param ret_form which it is; or NULL
 * @return 0, -ENOENT (it is not installed), -EPERM (somebody other than root could
 * have put it there), -EXDEV (it leads out of the directory), -EACCES (it is no
 * program, or only root gets there), -ESRCH (there is no #BNL_USER), or what the file
 * system says. Since 0.1.
 */
int bnl_mechanism_find(const struct bnl_mechanism *mechanism,
		       const char *directory, char **ret_path,
		       enum bnl_form *ret_form, char **ret_why);

/** Where the library looks for plug-ins. Since 0.1. */
const char *bnl_plugin_directory(void);

/**
 * Read a database. The file must be regular, no symbolic link, root's, and writable
 * by nobody else; and have a dictionary "rights", and "rules" if anything.
 *
 * @param path NULL for #BNL_DATABASE
 * @return 0, -ENOENT (there is none), -EPERM (somebody other than root could have
 * written it), -EINVAL (it is no database), -EFBIG (it is beyond all reason, a
 * mebibyte), or what the file system says. Since 0.1.
 */
int bnl_database_read(const char *path, plist_t *ret_database, char **ret_why);

/**
 * Would logins that ask the database go on? All its rights must be what
 * bnl_right_find() takes, all plug-ins there; in each right #BNL_AUTHENTICATE may
 * stand once, and not behind a mechanism of #BNL_HOME_PLUGIN; no mechanism may stand
 * twice.
 *
 * @param directory as for bnl_mechanism_find()
 * @return 0, or -EINVAL; @p ret_why has all that is wrong, a line each. Since 0.1.
 */
int bnl_database_check(plist_t database, const char *directory, char **ret_why);

/**
 * What changes a database; it returns 0, 1 (nothing is to be written), or a negative
 * errno, with a text for @p ret_why.
 */
typedef int (*bnl_change)(plist_t database, void *context, char **ret_why);

/**
 * Change a database: read it, have it changed, check it, and put the new one in its
 * place, while nobody else does. At no moment there is half a database, or none where
 * there was one; on the disk neither. What was there is kept beside it, with
 * "-previous" added to its name. If there is none, it begins with no rights.
 *
 * @param path NULL for #BNL_DATABASE
 * @param directory as for bnl_mechanism_find()
 * @return 0, what @p change or bnl_database_check() returned, or an error of
 * bnl_database_read() (of what is there, or would be) or the file system; nothing has
 * been changed then, unless it is -EIO. -EPERM also if the new one would not be
 * root's. Since 0.1.
 */
int bnl_database_change(const char *path, const char *directory,
			bnl_change change, void *context, char **ret_why);

/**
 * Copy a database, as it is between two changes, to another file, which is replaced
 * as a whole, or made.
 *
 * @param path NULL for #BNL_DATABASE
 * @return 0, or an error of bnl_database_read() or the file system; the file has not
 * been changed then. Since 0.1.
 */
int bnl_database_backup(const char *path, const char *to, char **ret_why);

/**
 * Put a copy in the place of a database, as bnl_database_change() does; but of what is
 * there nothing is asked, so that it may be broken.
 *
 * @param path NULL for #BNL_DATABASE
 * @param directory as for bnl_mechanism_find()
 * @return 0, what bnl_database_read() or bnl_database_check() say of the copy, or an
 * error of the file system; nothing has been changed then. Since 0.1.
 */
int bnl_database_restore(const char *path, const char *directory,
			 const char *from, char **ret_why);

/**
 * The definition of a right, by its own name alone.
 *
 * @return 0, or -ENOENT. Since 0.1.
 */
int bnl_right_get(plist_t database, const char *name, plist_t *ret_definition);

/**
 * Put a definition in the place of a right's, or add it. The definition is copied. It
 * must be one that bnl_right_find() takes.
 *
 * @return 0, or -EINVAL. Since 0.1.
 */
int bnl_right_set(plist_t database, const char *name, plist_t definition,
		  char **ret_why);

/**
 * Remove a right.
 *
 * @return 0, or -ENOENT. Since 0.1.
 */
int bnl_right_remove(plist_t database, const char *name);

/**
 * Find what is evaluated for a right: that of this name; else that whose name is the
 * longest beginning of it that ends in a dot; else that whose name is empty. The
 * definition must be a dictionary with "class" "evaluate-mechanisms", an array
 * "mechanisms" of texts that bnl_mechanism_parse() takes, and, if anything, "tries",
 * a number that fits.
 *
 * @return 0, -ENOENT, -ENOTSUP (it has another class), or -EINVAL. Since 0.1.
 */
int bnl_right_find(plist_t database, const char *name,
		   struct bnl_right **ret_right, char **ret_why);

/** Takes NULL, too. Since 0.1. */
void bnl_right_free(struct bnl_right *right);

/**
 * Which of a right's mechanisms a stretch has: those before #BNL_AUTHENTICATE; those
 * from there to the first of #BNL_HOME_PLUGIN; those from there on. Where there is no
 * #BNL_AUTHENTICATE, nothing is before it; where there is none of #BNL_HOME_PLUGIN,
 * all that is not before it is behind the home. The mechanisms that stand for PAM's
 * own doing are counted with what follows.
 *
 * @param ret_first index of the first
 * @return how many there are. Since 0.1.
 */
size_t bnl_right_stretch(const struct bnl_right *right,
			 enum bnl_stretch stretch, size_t *ret_first);

/**
 * Insert a mechanism into a definition, as installers do: before the first, or behind
 * the last, of those of a plug-in; at the end if there is none of it. One that is
 * there already, whatever its place, stays there.
 *
 * @return 1, 0 (it is there already), -ENOTSUP or -EINVAL (as for
 * bnl_right_find(), or the mechanism is not one). Since 0.1.
 */
int bnl_mechanism_insert(plist_t definition, const char *mechanism,
			 const char *plugin, bool before, char **ret_why);

#ifdef __cplusplus
}
#endif

#endif
