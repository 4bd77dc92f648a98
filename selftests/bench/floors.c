// SPDX-License-Identifier: GPL-2.0
/* Floors: what the kernel takes for what every way to a descriptor has in it. */
#include "own.h"

#define FILE_PATH	"/tmp/file"
#define SOCKET_PATH	"/tmp/socket"

static void bench_ioctl(void)
{
	char args[BOOTSTRAP_LOOK_UP_SIZE_MIN] = {};
	int fd = open("/dev/bench_floor", O_RDWR | O_CLOEXEC);

	REQUIRE(fd >= 0);
	REQUIRE(ioctl(fd, _IOWR('f', 0, args), args) == 0);
	MEASURE("ioctl_floor", 5000, ioctl(fd, _IOWR('f', 0, args), args));
	close(fd);
}

static void bench_path_connect(void)
{
	struct sockaddr_un address = socket_address(SOCKET_PATH);
	int listener = listen_at(SOCKET_PATH, SOCK_STREAM);

	MEASURE("unix_path_connect", 300, {
		int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		int server;

		REQUIRE(!connect(client, (void *)&address, sizeof(address)));
		server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		close(client);
		close(server);
	});
	close(listener);
	unlink(SOCKET_PATH);
}

static void bench_tmpfs(void)
{
	MEASURE("tmpfs_create_unlink", 300, {
		close(open(FILE_PATH, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC,
			   0600));
		unlink(FILE_PATH);
	});
	REQUIRE(!close(open(FILE_PATH, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
	MEASURE("tmpfs_open_close", 1000, {
		close(open(FILE_PATH, O_RDONLY | O_CLOEXEC));
	});
	unlink(FILE_PATH);
}

void bench_floors(void)
{
	int fd = tag_new(0), pair[2];

	MEASURE("getppid", 10000, syscall(SYS_getppid));
	MEASURE("dup_close", 5000, close(dup(fd)));
	bench_ioctl();
	MEASURE("socketpair_close", 300, {
		REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    pair));
		close(pair[0]);
		close(pair[1]);
	});
	bench_path_connect();
	bench_tmpfs();
}
