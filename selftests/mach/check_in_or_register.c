// SPDX-License-Identifier: GPL-2.0
/*
 * A server that is started by hand or on demand: it checks in, and where nobody
 * has declared its name, registers. It answers one client.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mach/mach.h>
#include <mach/mach_error.h>
#include <servers/bootstrap.h>

static name_t service_name = "org.example.check-in-or-register";

static mach_port_t checkin_or_register(void)
{
	kern_return_t kr;
	mach_port_t port;

	kr = bootstrap_check_in2(bootstrap_port, service_name, &port,
				 BOOTSTRAP_STRICT_CHECKIN);
	if (kr == KERN_SUCCESS) {
		printf("checked in\n");
		return port;
	}
	if (kr != BOOTSTRAP_UNKNOWN_SERVICE) {
		fprintf(stderr, "check in: %s\n", bootstrap_strerror(kr));
		exit(1);
	}
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
				&port);
	if (kr == KERN_SUCCESS)
		kr = mach_port_insert_right(mach_task_self(), port, port,
					    MACH_MSG_TYPE_MAKE_SEND);
	if (kr == KERN_SUCCESS)
		kr = bootstrap_register(bootstrap_port, service_name, port);
	if (kr != KERN_SUCCESS) {
		mach_error("register", kr);
		exit(1);
	}
	printf("registered\n");
	return port;
}

int main(void)
{
	mach_port_t port = checkin_or_register();
	int client;

	fflush(stdout);
	/* Where there was mach_msg(). */
	client = accept(port, NULL, NULL);
	if (client < 0 || write(client, "hello\n", 6) != 6)
		return 1;
	close(client);
	return 0;
}
