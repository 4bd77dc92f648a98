// SPDX-License-Identifier: GPL-2.0
/* The commands on names: register, lookup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bootstrapctl.h"

/*
 * The name is tied to this process, which becomes the command and keeps the
 * port open: so it ends with the command, and is known to be the command's.
 */
int cmd_register(const struct args *args)
{
	int port = place_open(args), fd = STDIN_FILENO, err;

	if (args->fd >= 0)
		fd = args->fd;
	/* To read alone: what may be written is up to who opens it for that. */
	if (args->file)
		fd = open(args->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fprintf(stderr, "bootstrapctl: %s: %s\n", args->file,
			strerror(errno));
		return EXIT_REFUSED;
	}
	err = bns_register(port, args->operand, fd, NULL, NULL);
	if (err)
		return complain(err, args->operand);
	if (fcntl(port, F_SETFD, 0) < 0)
		return complain(-errno, args->operand);
	return run_command(args->command);
}

static const char *file_type(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		return "regular file";
	case S_IFDIR:
		return "directory";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
		return "character device";
	case S_IFBLK:
		return "block device";
	default:
		return "file of another kind";
	}
}

static const char *access_mode(int fd)
{
	switch (fcntl(fd, F_GETFL) & O_ACCMODE) {
	case O_RDONLY:
		return "read";
	case O_WRONLY:
		return "write";
	default:
		return "read and write";
	}
}

/* What the kernel calls it: a path, or a text such as pipe:[123]. */
static void file_target(int fd, char *target, size_t size)
{
	char link[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, size - 1);
	target[len > 0 ? len : 0] = '\0';
}

static void print_info(const struct bootstrap_info *info)
{
	if (info->pid)
		printf("process     %u\n", info->pid);
	else
		printf("process     gone\n");
	printf("user        %u, group %u%s\n", info->uid, info->gid,
	       info->flags & BOOTSTRAP_INFO_PRIVILEGED ? ", privileged" : "");
	printf("session     %s\n", session_text(info->session));
	if (info->flags & BOOTSTRAP_INFO_GROUP)
		printf("only for    group %u\n", info->group);
	printf("namespace   %llu\n", (unsigned long long)info->namespace_id);
	printf("generation  %llu%s\n", (unsigned long long)info->generation,
	       info->flags & BOOTSTRAP_INFO_STICKY ? ", sticky" : "");
}

static void file_print_json(const char *name, int fd, const struct stat *st,
			    const char *target,
			    const struct bootstrap_info *info)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "name", json_object_new_string(name));
	json_object_object_add(object, "type",
			       json_object_new_string(file_type(st)));
	json_object_object_add(object, "mode",
			       json_object_new_string(access_mode(fd)));
	json_object_object_add(object, "target",
			       json_object_new_string(target));
	json_add_info(object, info);
	json_print_free(object);
}

static int file_print(const char *name, int fd,
		      const struct bootstrap_info *info, bool json)
{
	char target[4096];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return complain(-errno, name);
	file_target(fd, target, sizeof(target));
	if (json) {
		file_print_json(name, fd, &st, target, info);
		return 0;
	}
	printf("name        %s\n", name);
	printf("type        %s, open to %s\n", file_type(&st), access_mode(fd));
	printf("target      %s\n", target);
	print_info(info);
	return 0;
}

static const char *service_text(const struct bootstrap_info *info)
{
	if (!(info->flags & BOOTSTRAP_INFO_DECLARED))
		return "service";
	if (info->flags & BOOTSTRAP_INFO_DEMAND)
		return "declared service, no server, though somebody waits";
	return info->flags & BOOTSTRAP_INFO_ACTIVE ?
		"declared service, active" : "declared service, no server yet";
}

static int service_print(const char *name, const struct bootstrap_info *info,
			 bool json)
{
	struct json_object *object;

	if (json) {
		object = json_object_new_object();
		json_object_object_add(object, "name",
				       json_object_new_string(name));
		json_object_object_add(object, "type",
				       json_object_new_string("service"));
		json_add_info(object, info);
		json_print_free(object);
		return 0;
	}
	printf("name        %s\n", name);
	printf("type        %s, %s\n", service_text(info), socket_text(info));
	print_info(info);
	return 0;
}

int cmd_lookup(const struct args *args)
{
	struct bootstrap_info info = { .size = sizeof(info) };
	int port = place_open(args), fd;

	/* To tell of a service, nobody need be connected to. */
	if (!args->command &&
	    !bns_info(port, args->operand, NULL, &info) &&
	    info.flags & BOOTSTRAP_INFO_SERVICE)
		return service_print(args->operand, &info, args->json);
	info.size = sizeof(info);
	fd = bns_look_up(port, args->operand, NULL, 0, &info);
	if (fd < 0)
		return complain(fd, args->operand);
	/* It has become one since. */
	if (!args->command && info.flags & BOOTSTRAP_INFO_SERVICE)
		return service_print(args->operand, &info, args->json);
	if (!args->command)
		return file_print(args->operand, fd, &info, args->json);
	if (dup2(fd, STDIN_FILENO) < 0)
		return complain(-errno, args->operand);
	return run_command(args->command);
}
