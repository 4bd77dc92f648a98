// SPDX-License-Identifier: GPL-2.0
/*
 * What a look-up takes on D-Bus: a client asks the bus, by GetNameOwner, whose a
 * name is, on a connection that it keeps, and has the answer as a string. What it
 * does with that, which is more messages, is not in the figure.
 *
 * The client is sd-bus, which takes fewer instructions for this than libdbus.
 */
#include <systemd/sd-bus.h>

#include "peers.h"

#define BUS_PATH	"/tmp/bus"
#define CONFIG_PATH	"/tmp/bus.conf"

#define DRIVER		"org.freedesktop.DBus"
#define DRIVER_PATH	"/org/freedesktop/DBus"

#define BROKER		"org.bus1.DBus.Broker"
#define BROKER_PATH	"/org/bus1/DBus/Broker"
#define LISTENER_PATH	"/org/bus1/DBus/Listener/0"
/* The broker does not care which, but wants one. */
#define MACHINE_ID	"00000000000000000000000000000001"

/*
 * What the broker takes for a policy: rules for users, for groups, and for
 * SELinux's contexts; whether AppArmor is asked; and the kind of bus. The rules
 * for somebody are whether he may connect; what he may own; send; and receive.
 */
#define RULES		"(bta(btbs)a(btssssuutt)a(btssssuutt))"
#define POLICY		"(a(u" RULES ")a(buu" RULES ")a(ss)bs)"

#define EVERYBODY	UINT32_MAX
#define PRIORITY	UINT64_C(1)

static const char config[] =
	"<busconfig>\n"
	" <listen>unix:path=" BUS_PATH "</listen>\n"
	" <auth>EXTERNAL</auth>\n"
	" <policy context=\"default\">\n"
	"  <allow user=\"*\"/>\n"
	"  <allow own=\"*\"/>\n"
	"  <allow send_destination=\"*\"/>\n"
	"  <allow receive_sender=\"*\"/>\n"
	" </policy>\n"
	"</busconfig>\n";

/* As long as the names that other benchmarks look up; none begins with a digit. */
static const char *bus_name_of(int number)
{
	static char name[32];

	snprintf(name, sizeof(name), "org.example.service.n%04x", number);
	return name;
}

static void write_config(void)
{
	int fd = open(CONFIG_PATH, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	REQUIRE(write(fd, config, strlen(config)) == (ssize_t)strlen(config));
	close(fd);
}

/* Starts a bus that is given this descriptor as number 3. */
static pid_t start(int fd, char *const argv[])
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Were it 3 already, dup2() would leave it to be closed. */
		REQUIRE(dup2(fcntl(fd, F_DUPFD_CLOEXEC, 4), 3) == 3);
		execvp(argv[0], argv);
		REQUIRE(!"there is such a program");
	}
	return pid;
}

static void stop(pid_t pid)
{
	REQUIRE(!kill(pid, SIGKILL));
	wait_for(pid);
	unlink(BUS_PATH);
}

static sd_bus *connect_bus(void)
{
	sd_bus *bus;

	REQUIRE(sd_bus_new(&bus) >= 0);
	REQUIRE(sd_bus_set_address(bus, "unix:path=" BUS_PATH) >= 0);
	REQUIRE(sd_bus_set_bus_client(bus, true) >= 0);
	REQUIRE(sd_bus_start(bus) >= 0);
	return bus;
}

/* The answer is good for as long as the reply is. */
static const char *look_up(sd_bus *bus, const char *name, sd_bus_message **reply)
{
	const char *owner;

	REQUIRE(sd_bus_call_method(bus, DRIVER, DRIVER_PATH, DRIVER,
				   "GetNameOwner", NULL, reply, "s", name) >= 0);
	REQUIRE(sd_bus_message_read(*reply, "s", &owner) > 0);
	return owner;
}

static void measure(const char *key)
{
	sd_bus *server = connect_bus(), *client = connect_bus();
	sd_bus_message *reply;
	const char *unique;
	int i;

	for (i = 0; i < PEER_NAMES; i++)
		REQUIRE(sd_bus_request_name(server, bus_name_of(i), 0) >= 0);
	REQUIRE(sd_bus_get_unique_name(server, &unique) >= 0);
	REQUIRE(!strcmp(look_up(client, bus_name_of(0), &reply), unique));
	sd_bus_message_unref(reply);
	MEASURE(key, 300, {
		look_up(client, bus_name_of(0), &reply);
		sd_bus_message_unref(reply);
	});
	sd_bus_close_unref(client);
	sd_bus_close_unref(server);
}

/*
 * Gives the broker a socket to listen at, where everybody may do everything: own
 * names that begin with nothing in particular; send, and receive, what has any
 * name, path, interface, member, type, and number of descriptors.
 */
static sd_bus *control(int socket_fd)
{
	int listen_fd = listen_at(BUS_PATH, SOCK_STREAM | SOCK_NONBLOCK);
	sd_bus *controller;

	REQUIRE(sd_bus_new(&controller) >= 0);
	REQUIRE(sd_bus_set_fd(controller, socket_fd, socket_fd) >= 0);
	REQUIRE(sd_bus_start(controller) >= 0);
	REQUIRE(sd_bus_call_method(controller, NULL, BROKER_PATH, BROKER,
				   "AddListener", NULL, NULL, "ohv",
				   LISTENER_PATH, listen_fd, POLICY,
				   1, EVERYBODY, true, PRIORITY,
				   1, true, PRIORITY, true, "",
				   1, true, PRIORITY, "", "", "", "",
				   0, 0, UINT64_C(0), UINT64_MAX,
				   1, true, PRIORITY, "", "", "", "",
				   0, 0, UINT64_C(0), UINT64_MAX,
				   0, 0, false, "session") >= 0);
	close(listen_fd);
	return controller;
}

/*
 * What Debian starts, dbus-broker-launch, wants systemd; the broker itself wants
 * only to be told what to do, over a socket.
 */
void bench_dbus_broker(void)
{
	static char *const argv[] = {
		"dbus-broker", "--controller", "3", "--machine-id", MACHINE_ID,
		NULL
	};
	sd_bus *controller;
	int pair[2];
	pid_t pid;

	/* Client and bus, which inherits this, take turns on one processor. */
	stay_on(0);
	REQUIRE(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			    0, pair));
	pid = start(pair[1], argv);
	close(pair[1]);
	controller = control(pair[0]);
	measure("dbus_broker_look_up");
	stop(pid);
	sd_bus_close_unref(controller);
}

/* It says where it listens as soon as it does. */
void bench_dbus_daemon(void)
{
	static char *const argv[] = {
		"dbus-daemon", "--nofork", "--print-address=3",
		"--config-file=" CONFIG_PATH, NULL
	};
	int pipes[2];
	pid_t pid;
	char c;

	/* Client and bus, which inherits this, take turns on one processor. */
	stay_on(0);
	write_config();
	REQUIRE(!pipe2(pipes, O_CLOEXEC));
	pid = start(pipes[1], argv);
	close(pipes[1]);
	REQUIRE(read(pipes[0], &c, 1) == 1);
	measure("dbus_daemon_look_up");
	stop(pid);
	close(pipes[0]);
	unlink(CONFIG_PATH);
}
