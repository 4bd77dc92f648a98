// SPDX-License-Identifier: GPL-2.0
/*
 * A program that has a namespace of its own for its children: they find what it
 * registers there, others do not, and the system's services are found by all.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mach/mach.h>
#include <servers/bootstrap.h>

static name_t name = "org.example.subset";

static int run(char **argv)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
	mach_port_t saved = bootstrap_port, subset, port;
	kern_return_t kr;

	if (argc < 2)
		return 2;
	kr = bootstrap_subset(bootstrap_port, mach_task_self(), &subset);
	if (kr == KERN_SUCCESS)
		kr = task_set_bootstrap_port(mach_task_self(), subset);
	if (kr != KERN_SUCCESS) {
		mach_error("subset", kr);
		return 1;
	}
	bootstrap_port = subset;
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				&port);
	if (kr == KERN_SUCCESS)
		kr = mach_port_insert_right(mach_task_self(), port, port,
					    MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = bootstrap_register(bootstrap_port, name, port);
	printf("register: %s\n", bootstrap_strerror(kr));
	printf("inside: %d\n", run(argv + 1));

	task_set_bootstrap_port(mach_task_self(), saved);
	bootstrap_port = saved;
	printf("outside: %d\n", run(argv + 1));
	mach_port_deallocate(mach_task_self(), subset);
	return 0;
}
