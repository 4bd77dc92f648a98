// SPDX-License-Identifier: GPL-2.0
/*
 * For agents_test.sh: "login_fd COMMAND..." is a login process until it is killed.
 * The command is started by it, as a login starts bootstrap-agents: descriptor 3
 * is a pidfd of it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	pid_t login = getpid();
	int fd;

	if (argc > 1 && !fork()) {
		fd = syscall(SYS_pidfd_open, login, 0);
		/* Not close-on-exec, as it is by itself. */
		if (fd < 0 || (fd == 3 ? fcntl(3, F_SETFD, 0) : dup2(fd, 3)) < 0)
			return 1;
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		return 1;
	}
	pause();
	return 0;
}
