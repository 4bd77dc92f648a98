// SPDX-License-Identifier: GPL-2.0
/*
 * A login climbs to the root, which is where the parent is the same port, and
 * goes down from there to the namespace of a user.
 */
#include <stdio.h>
#include <unistd.h>

#include <mach/mach.h>
#include <servers/bootstrap.h>

int main(void)
{
	mach_port_t parent = bootstrap_port, root = MACH_PORT_NULL, user;
	kern_return_t kr;
	int levels = -1;

	do {
		if (root != MACH_PORT_NULL)
			mach_port_deallocate(mach_task_self(), root);
		root = parent;
		kr = bootstrap_parent(root, &parent);
		levels++;
	} while (kr == KERN_SUCCESS && parent != root);
	if (kr != KERN_SUCCESS) {
		mach_error("bootstrap_parent", kr);
		return 1;
	}
	mach_port_deallocate(mach_task_self(), parent);
	printf("levels: %d\n", levels);
	kr = bootstrap_look_up_per_user(root, NULL, geteuid(), &user);
	printf("user: %s\n", bootstrap_strerror(kr));
	kr = bootstrap_parent(user, &parent);
	printf("parent: %s\n", bootstrap_strerror(kr));
	mach_port_deallocate(mach_task_self(), root);
	return 0;
}
