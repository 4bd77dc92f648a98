// SPDX-License-Identifier: GPL-2.0
/*
 * A parent and its child meet under a name that has the parent's number, after
 * the child has executed a program: this one.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach/mach.h>
#include <servers/bootstrap.h>

static void name_of(pid_t pid, name_t name)
{
	snprintf(name, sizeof(name_t), "org.example.rendezvous.%d", (int)pid);
}

static int meet_parent(void)
{
	kern_return_t kr;
	mach_port_t port;
	name_t name;

	name_of(getppid(), name);
	kr = bootstrap_look_up(bootstrap_port, name, &port);
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "child: %s\n", bootstrap_strerror(kr));
		return 1;
	}
	return write(port, "here", 4) != 4;
}

int main(int argc, char **argv)
{
	char text[8] = "";
	kern_return_t kr;
	mach_port_t port;
	name_t name;
	int client;
	pid_t pid;

	if (argc > 1)
		return meet_parent();
	name_of(getpid(), name);
	kr = bootstrap_check_in(bootstrap_port, name, &port);
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "parent: %s\n", bootstrap_strerror(kr));
		return 1;
	}
	pid = fork();
	if (pid == 0) {
		execl(argv[0], argv[0], "child", (char *)NULL);
		_exit(127);
	}
	client = accept(port, NULL, NULL);
	if (client < 0 || read(client, text, sizeof(text) - 1) < 0)
		return 1;
	waitpid(pid, NULL, 0);
	mach_port_mod_refs(mach_task_self(), port, MACH_PORT_RIGHT_RECEIVE, -1);
	kr = bootstrap_look_up(bootstrap_port, name, &port);
	printf("the child said: %s; then: %s\n", text, bootstrap_strerror(kr));
	return strcmp(text, "here") != 0;
}
