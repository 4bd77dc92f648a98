// SPDX-License-Identifier: GPL-2.0
// <bootstrap/bootstrap.hpp>: that each call does what its C is for, that failures
// are thrown, and that nothing is left open.
#include <cstdio>
#include <stdexcept>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <bootstrap/bootstrap.hpp>

static constexpr std::uint32_t no_session = 4200000;
static constexpr uid_t nobody = 65534;

/* A check that has failed ends its test. */
template <typename Holds>
static void expect_at(int line, const Holds &holds, const char *what)
{
	if (!holds)
		throw std::logic_error("line " + std::to_string(line) + ": " + what);
}

#define EXPECT(condition) expect_at(__LINE__, condition, #condition)
#define FAILS(number, expression) \
	expect_at(__LINE__, thrown_by([&] { (void)(expression); }) == (number), #expression)

/* The errno of what a call throws, or 0. */
template <typename Call> static int thrown_by(Call call)
{
	try {
		call();
	} catch (const std::system_error &e) {
		return e.code().category() == std::generic_category() ?
			e.code().value() : -1;
	}
	return 0;
}

static int open_files()
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static short polled(const bns::descriptor &file, short events)
{
	struct pollfd pollfd = { file.get(), events, 0 };

	poll(&pollfd, 1, 0);
	return pollfd.revents;
}

/* What each test begins with: a namespace of its own. */
struct room {
	bns::port port = bns::port::open();
	bns::name_space names = port.subset();
	bns::descriptor file{ open("/dev/null", O_RDONLY | O_CLOEXEC) };
};

static void descriptors()
{
	bns::descriptor one(dup(0)), two(std::move(one));
	const int fd = two.get();

	EXPECT(one.get() == -1 && !one && two && fd >= 0);
	one = std::move(two);
	EXPECT(one.get() == fd && !two);
	one = bns::descriptor();
	EXPECT(!one && fcntl(fd, F_GETFD) == -1 && errno == EBADF);
	two.reset(dup(0));
	const int mine = two.release();
	EXPECT(!two && fcntl(mine, F_GETFD) >= 0);
	close(mine);
}

static void names()
{
	room at;
	auto info = bootstrap_info();
	const auto generation = at.names.register_name("a", at.file.get());

	info.size = sizeof(info);
	EXPECT(at.names.look_up("a", {}, 0, &info).get() >= 0);
	EXPECT(info.generation == generation && info.pid == std::uint32_t(getpid()));
	FAILS(EBUSY, at.names.register_name("a", at.file.get()));
	FAILS(ENOENT, at.names.look_up("b"));
	FAILS(EINVAL, at.names.look_up(std::string("a\0b", 3)));
	FAILS(ENAMETOOLONG, at.names.look_up(std::string(200, 'n')));
	FAILS(EBADF, bns::port().look_up("a"));
	EXPECT(at.names.open_holder("a", info));
	at.names.take_over("a", {}, generation);
	at.names.unregister("a", {}, generation);
	FAILS(ENOENT, at.names.unregister("a"));
	FAILS(ENOENT, at.names.take_over("a"));
	FAILS(ENOENT, at.names.info("a"));
	FAILS(ESRCH, at.names.open_holder("a", info));
}

static void lists()
{
	room at;

	EXPECT(at.names.names().empty());
	for (int i = 0; i < 200; i++)
		at.names.register_name("org.example." + std::to_string(i), at.file.get());
	const auto all = at.names.names();
	EXPECT(all.size() == 200 && all[0].name == "org.example.0" &&
	       all[199].info.generation > all[0].info.generation);
	EXPECT(at.names.about().names == 200);
	const auto found = at.names.look_up_array({ "org.example.7", "b" });
	EXPECT(found.size() == 2 && found[0] && !found[1]);
	FAILS(EMSGSIZE, at.names.look_up_array(std::vector<std::string>(21, "a")));
}

static void waiting()
{
	room at;
	std::thread other([&] {
		usleep(200000);
		at.names.register_name("a", at.file.get());
	});

	EXPECT(at.names.look_up_until(BOOTSTRAP_DEADLINE_NEVER, "a"));
	other.join();
	FAILS(ETIMEDOUT, at.names.look_up_until(
		bns::deadline_in(std::chrono::milliseconds(50)), "b"));
}

static void services()
{
	room at;
	struct bns_service how = {};

	how.type = SOCK_SEQPACKET;
	const auto right = at.names.check_in("a", how);
	const auto client = at.names.look_up("a");
	const bns::descriptor server(accept4(right.get(), nullptr, nullptr, SOCK_CLOEXEC));
	EXPECT(server && at.port.peer(server.get()).pid == std::uint32_t(getpid()));
	EXPECT(at.names.info("a").generation == right.generation());
	FAILS(EBUSY, at.names.check_in("a"));
	FAILS(EBADF, at.port.peer(at.file.get()));
}

static void declarations()
{
	room at;
	const auto declaration = at.names.declare("a");

	EXPECT(declaration.generation() == at.names.info("a").generation);
	FAILS(EEXIST, at.names.declare("a"));
	FAILS(ESRCH, declaration.take_over());
	const auto client = at.names.look_up("a");
	EXPECT(polled(declaration, POLLIN) == POLLIN);
	const auto right = declaration.check_in();
	EXPECT(right && polled(declaration, POLLIN) == 0);
	declaration.take_over();
	FAILS(EBUSY, declaration.check_in());
}

static void watches()
{
	room at;
	const auto watch = at.names.watch();
	std::string said;
	const auto take = [&](const struct bootstrap_record &record) {
		const auto *about = bns_record_about_name(&record);

		said += std::to_string(record.type);
		said += about ? bns_record_name(about) : "";
	};

	EXPECT(watch.read(take) && said == "2");
	fcntl(watch.get(), F_SETFL, O_NONBLOCK);
	FAILS(EAGAIN, watch.read(take));
	at.names.register_name("a", at.file.get());
	EXPECT(watch.read(take) && said == "23a");
	said = "";
	EXPECT(at.port.watch_sessions().read(take) && said.back() == '2');
}

/* A namespace dies with its requestor, and a watch of it ends. */
static void ends()
{
	room at;
	const pid_t child = fork();

	if (!child) {
		pause();
		_exit(0);
	}
	const bns::descriptor pidfd(syscall(SYS_pidfd_open, child, 0));
	const auto doomed = at.port.subset({}, pidfd.get());
	const auto watch = doomed.watch();
	std::uint32_t last = 0;
	kill(child, SIGKILL);
	EXPECT(waitpid(child, nullptr, 0) == child);
	while (watch.read([&](const auto &record) { last = record.type; }))
		;
	EXPECT(last == BOOTSTRAP_RECORD_DEAD && polled(doomed, 0) & POLLHUP);
	FAILS(ESHUTDOWN, doomed.watch());
	FAILS(EBADF, at.port.subset({}, at.file.get()));
}

static void namespaces()
{
	room at;
	const auto own = at.port.about().namespace_id;
	const auto reader = at.names.open_namespace({}, BOOTSTRAP_RIGHT_LOOK_UP);
	bool seen = false;

	for (const auto &child : at.port.children())
		seen |= child.namespace_id == at.names.id();
	EXPECT(seen && at.names.open_parent().id() == own);
	EXPECT(at.port.open_child(at.names.id()).about().parent_id == own);
	EXPECT(reader.id() == at.names.id());
	FAILS(EACCES, reader.register_name("a", at.file.get()));
	FAILS(EACCES, reader.names());
	FAILS(EACCES, reader.children());
	FAILS(EACCES, reader.subset());
	FAILS(EACCES, reader.declare("a"));
	FAILS(EACCES, reader.open_namespace({}, BOOTSTRAP_RIGHT_REGISTER));
	FAILS(ENOENT, at.port.open_child(1ULL << 60));
	FAILS(ESRCH, at.port.open_parent({ BOOTSTRAP_SCOPE_SESSION_ID, no_session, 0 }));
	FAILS(ESRCH, at.port.about({ BOOTSTRAP_SCOPE_SESSION_ID, no_session, 0 }));
}

static void environment()
{
	room at;
	const auto text = at.names.environment();

	putenv(const_cast<char *>(text.c_str()));
	EXPECT(bns::port::open().about().namespace_id == at.names.id());
	EXPECT(bns::port::open_device().about().namespace_id != at.names.id());
	unsetenv("BOOTSTRAP_NAMESPACE");
	FAILS(EBADF, bns::name_space().environment());
}

static void sessions()
{
	room at;
	const auto own = at.port.session();
	const auto all = at.port.sessions();

	EXPECT(own.session == BOOTSTRAP_SESSION_ID_ROOT);
	EXPECT(at.port.session(own.session).cookie == own.cookie);
	EXPECT(!all.empty() && all.back().session == own.session);
	EXPECT(at.port.session_name("lock") ==
	       "lock-root-" + std::to_string(own.cookie));
	FAILS(EINVAL, at.port.session_name(""));
	FAILS(ESRCH, at.port.session(no_session));
	FAILS(ESRCH, at.port.attributes(no_session, BOOTSTRAP_SESSION_ATTR_CONSOLE, 0));
	FAILS(ESRCH, at.port.signal(no_session, 0));
	FAILS(ESRCH, at.port.logout(no_session));
	FAILS(ESRCH, at.port.deferrals(no_session));
	FAILS(ESRCH, at.port.defer("not in a login"));
	FAILS(EBADF, bns::deferral().cancel_logout());
}

/* Becomes a process of a fresh login session of nobody's. */
static void log_in()
{
	FILE *file = fopen("/proc/self/loginuid", "w");

	EXPECT(file && fprintf(file, "%u", nobody) > 0);
	/* What a login leaves of root, one would not be inside the walls. */
	EXPECT(fclose(file) == 0 && setgroups(0, nullptr) == 0 &&
	       setresgid(nobody, nobody, nobody) == 0 &&
	       setresuid(nobody, nobody, nobody) == 0);
}

static void logout_of_own()
{
	const auto port = bns::port::open();
	const auto own = port.session();

	EXPECT(own.session != BOOTSTRAP_SESSION_ID_ROOT && own.uid == nobody);
	const auto deferral = port.defer("not saved");
	const auto all = port.deferrals(own.session, own.cookie);
	EXPECT(all.size() == 1 && all[0].reason == "not saved" &&
	       all[0].deferral.pid == std::uint32_t(getpid()));
	FAILS(ESRCH, deferral.cancel_logout());
	const auto logout = port.logout(own.session, own.cookie,
					bns::deadline_in(std::chrono::seconds(60)));
	EXPECT(polled(deferral, POLLIN) == POLLIN && polled(logout, POLLIN) == 0);
	deferral.cancel_logout();
	EXPECT(polled(logout, POLLIN) == POLLERR);
	FAILS(EPERM, port.pre_login());
	FAILS(EPERM, port.usage(0));
}

static void logouts()
{
	const pid_t child = fork();
	int status;

	if (!child) {
		try {
			log_in();
			logout_of_own();
		} catch (const std::exception &e) {
			std::printf("# %s\n", e.what());
			fflush(stdout);
			_exit(1);
		}
		_exit(0);
	}
	EXPECT(waitpid(child, &status, 0) == child && status == 0);
}

static void logins()
{
	room at;
	const auto login = at.port.pre_login();
	struct bns_announcement what = {};

	EXPECT(login.about().type == BOOTSTRAP_NAMESPACE_PRE_LOGIN);
	FAILS(EINVAL, at.port.announce(what));
	what.flags = BOOTSTRAP_ANNOUNCE_USER;
	what.session = no_session;
	FAILS(ESRCH, at.port.announce(what));
}

static void limits()
{
	room at;

	EXPECT(at.port.features().name_max == BOOTSTRAP_NAME_MAX);
	EXPECT(at.port.usage().handles >= 1 && at.port.usage(nobody).uid == nobody);
	FAILS(EBADF, bns::port().features());
	FAILS(EBADF, bns::port().usage());
	EXPECT(at.port.statistics().namespaces >= 1);
	FAILS(EBADF, bns::port().statistics());
}

static const struct {
	const char *name;
	void (*run)();
} tests[] = {
	{ "descriptors", descriptors },
	{ "names", names },
	{ "lists", lists },
	{ "waiting", waiting },
	{ "services", services },
	{ "declarations", declarations },
	{ "watches", watches },
	{ "ends", ends },
	{ "namespaces", namespaces },
	{ "environment", environment },
	{ "sessions", sessions },
	{ "logouts", logouts },
	{ "logins", logins },
	{ "limits", limits },
};

/* Whether it passed, and left nothing open. */
static bool passes(void (*run)())
{
	const int files = open_files();

	try {
		run();
		EXPECT(open_files() == files);
	} catch (const std::exception &e) {
		std::printf("# %s\n", e.what());
		return false;
	}
	return true;
}

int main()
{
	int number = 0, failed = 0;

	std::printf("TAP version 13\n1..%zu\n", sizeof(tests) / sizeof(tests[0]));
	for (const auto &test : tests) {
		fflush(stdout);
		const bool passed = passes(test.run);

		failed += !passed;
		std::printf("%sok %d %s\n", passed ? "" : "not ", ++number, test.name);
	}
	return failed != 0;
}
