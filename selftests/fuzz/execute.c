// SPDX-License-Identifier: GPL-2.0
/*
 * Runs programs: makes what the abstract values stand for, and looks at what
 * came of each operation: edges that nobody reached before, and errors that no
 * command may return.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "fuzz.h"

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_ENTRIES	4096
#define THREADS_MAX	4

#define X16		"xxxxxxxxxxxxxxxx"
#define LONGEST_NAME	X16 X16 X16 X16 X16 X16 X16 "xxxxxxxxxxxxxxx"

/* Each thread has its own. */
struct context {
	const struct program *program;
	unsigned int at, end;		/* operations still to be run */
	unsigned int depth;		/* of forks */
	unsigned long *kcov;		/* count, then addresses */
	int fail;			/* /proc/thread-self/fail-nth */
	timer_t timer;			/* ends what waits */
	bool has_timer;
	char *args, *args_read_only;	/* one page, mapped twice */
	pthread_t threads[THREADS_MAX];
	unsigned int thread_count;
};

/* Of the process: threads of a program fight over them. */
static int slots[SLOTS];
static unsigned int next_found, next_space;
static uint64_t last_generation, last_cookie, last_namespace;
static char *page, *page_end, *read_only, *nowhere;
static int file = -1;	/* to be registered; programs have it in slot 1 */

static char *pages_of(int fd, size_t size, int protection)
{
	char *memory = mmap(NULL, size, protection, MAP_SHARED | MAP_POPULATE,
			    fd, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

static void context_init(struct context *context)
{
	int fd = memfd_create("args", MFD_CLOEXEC);

	memset(context, 0, sizeof(*context));
	if (fd < 0 || ftruncate(fd, 2 * FUZZ_PAGE))
		abort();
	context->args = pages_of(fd, 2 * FUZZ_PAGE, PROT_READ | PROT_WRITE);
	context->args_read_only = pages_of(fd, 2 * FUZZ_PAGE, PROT_READ);
	close(fd);
	context->fail = -1;
}

static void context_free(struct context *context)
{
	munmap(context->args, 2 * FUZZ_PAGE);
	munmap(context->args_read_only, 2 * FUZZ_PAGE);
}

/* The thread's own means: a child inherits what is its parent's. */
static void context_trace(struct context *context)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	size_t size = KCOV_ENTRIES * sizeof(long);

	context->kcov = NULL;
	if (fd >= 0 && !ioctl(fd, KCOV_INIT_TRACE, KCOV_ENTRIES)) {
		context->kcov = (void *)pages_of(fd, size,
						 PROT_READ | PROT_WRITE);
		if (ioctl(fd, KCOV_ENABLE, 0))
			context->kcov = NULL;
	}
	if (fd >= 0)
		close(fd);
	context->fail = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

static void nothing(int sig)
{
	(void)sig;
}

/* The thread's own, too. */
static void context_timer(struct context *context)
{
	struct sigaction action = { .sa_handler = nothing };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1,
	};

	event._sigev_un._tid = syscall(SYS_gettid);
	sigaction(SIGUSR1, &action, NULL);
	context->has_timer = !timer_create(CLOCK_MONOTONIC, &event,
					   &context->timer);
}

/* Again and again, in case the first comes too early; never with 0. */
static void context_alarm(struct context *context, long ms)
{
	const struct itimerspec often = {
		{ .tv_nsec = ms * 1000000 }, { .tv_nsec = ms * 1000000 },
	};

	if (context->has_timer)
		timer_settime(context->timer, 0, &often, NULL);
}

static struct context own;

void execute_init(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		slots[i] = -1;
	page = mmap(NULL, 3 * FUZZ_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (page == MAP_FAILED)
		abort();
	read_only = page + FUZZ_PAGE;
	page_end = page + 2 * FUZZ_PAGE;
	nowhere = page_end;
	mprotect(nowhere, FUZZ_PAGE, PROT_NONE);
	file = memfd_create("fuzz", MFD_CLOEXEC);
	context_init(&own);
	context_trace(&own);
	context_timer(&own);
}

static void slot_set(uint64_t slot, int fd)
{
	int old = __atomic_exchange_n(&slots[slot % SLOTS], fd,
				      __ATOMIC_RELAXED);

	if (old >= 0)
		close(old);
}

static int slot(uint64_t slot)
{
	return slots[slot % SLOTS];
}

/* Values of fields */

static const char *text_of(uint64_t value)
{
	static const char *const texts[] = {
		"fuzz.0", "fuzz.1", "fuzz.2", "fuzz.3", "fuzz.4",
		LONGEST_NAME,
		"n\xc3\xa4me", "\xe2\x82\xac", "\xf0\x9f\x90\xa7",
		"\xc3(", "\x07", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80",
		"\xe2\x82", "\xff", "a\x7f", "\xc2\x80",
	};

	return value < ARRAY_SIZE(texts) ? texts[value] : NULL;
}

static uint64_t address_of(uint64_t value)
{
	switch (value) {
	case 0:
		return (uintptr_t)page;
	case 1:
		return 0;
	case 2:
		return (uintptr_t)nowhere;
	case 3:
		return (uintptr_t)read_only;
	case 4:
		return (uintptr_t)page_end - 8;
	default:
		return value;
	}
}

/* A name that ends with its page, or leaves it. */
static uint64_t text_address(uint64_t value)
{
	if (text_of(value))
		return (uintptr_t)text_of(value);
	if (value == 18 || value == 19) {
		memcpy(page_end - 6, "fuzz.0", 6);
		return (uintptr_t)page_end - (value == 18 ? 6 : 3);
	}
	return address_of(value - 20);
}

static uint64_t text_length(const struct command *command,
			    const struct op *op, uint64_t value)
{
	const struct field *field = field_of(command, FIELD_TEXT);
	const char *text = text_of(op->values[field - command->fields]);

	if (value)
		return value - 1;
	return text ? strlen(text) : 6;
}

static uint64_t info_address(uint64_t value)
{
	struct bootstrap_info *info = (void *)page;

	info->size = value == 2 ? 0 : value == 3 ? 4097 : sizeof(*info);
	return value == 0 ? 0 : value < 4 ? (uintptr_t)info :
	       address_of(value - 2);
}

/* In the same page as an info, which the last of the entries has in common. */
static uint64_t entries_address(uint64_t value)
{
	struct bootstrap_look_up_entry *entries =
		(void *)(page + sizeof(struct bootstrap_info));
	unsigned int i;

	if (value >= 4)
		return address_of(value - 4);
	for (i = 0; i < BOOTSTRAP_LOOK_UP_ARRAY_MAX; i++) {
		entries[i].name = text_address((value + i) % 5);
		entries[i].name_len = 6;
		entries[i].info = value & 1 ? info_address(1) : 0;
		entries[i].result = -1;
	}
	return (uintptr_t)entries;
}

static uint64_t session_of(uint64_t value)
{
	if (value == 1)
		return proc_number("self/sessionid");
	if (value == 2)
		return ROOT_ID;
	/* The latest logins. */
	return value > 2 && value < 32 ? shared->last_session - (value - 3) :
					 value;
}

static uint64_t id_of(uint64_t value)
{
	static const uint32_t ids[] = { 0, ALICE, BOB, ~0u, 65534 };

	return value < ARRAY_SIZE(ids) ? ids[value] : value;
}

static uint64_t field_value(const struct command *command, const struct op *op,
			    unsigned int at)
{
	uint64_t value = op->values[at];

	switch (command->fields[at].kind) {
	case FIELD_TEXT:
	case FIELD_TTY:
	case FIELD_HOST:
		return text_address(value);
	case FIELD_TEXT_LEN:
		return text_length(command, op, value);
	case FIELD_SESSION:
		return session_of(value);
	case FIELD_COOKIE:
		return value == 1 ? last_cookie : value;
	case FIELD_GENERATION:
		return value == 1 ? last_generation :
		       value == 2 ? last_generation - 1 : value;
	case FIELD_NAMESPACE:
		return value == 1 ? last_namespace : value;
	case FIELD_FD:
	case FIELD_HANDLE:
		return value < SLOTS ? (uint64_t)slots[value] : value;
	case FIELD_PIDFD:
		return value < SLOTS ? (uint64_t)slots[value] : 0;
	case FIELD_ID:
		return id_of(value);
	case FIELD_INFO:
		return info_address(value);
	case FIELD_BUFFER:
		return address_of(value);
	case FIELD_ENTRIES:
		return entries_address(value);
	default:
		return value;
	}
}

/* The header's table of errors, and nothing else. */
static bool error_is_documented(int error)
{
	switch (error) {
	case EPERM: case EACCES: case ENOENT: case EBUSY: case EMSGSIZE: case ENOMEM:
	case EDQUOT: case EMFILE: case ENFILE: case ESRCH: case ENAMETOOLONG:
	case EILSEQ: case EINVAL: case E2BIG: case EOPNOTSUPP: case ENOTTY:
	case EINTR: case ESHUTDOWN: case ELOOP: case EBADF: case EFAULT:
	case EEXIST: case ECONNREFUSED: case EAGAIN: case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

/* A child shares the page of its parent's arguments, and may have changed it. */
static void array_learn(const struct bootstrap_look_up_array *args)
{
	uintptr_t start = args->entries;
	unsigned int count = args->count, i;
	const struct bootstrap_look_up_entry *entries = (void *)start;

	if (start < (uintptr_t)page || start >= (uintptr_t)page_end ||
	    count > ((uintptr_t)page_end - start) / sizeof(*entries))
		return;
	for (i = 0; i < count; i++)
		if (entries[i].result >= 0)
			slot_set(SLOTS - 1 - next_found++ % 4,
				 entries[i].result);
}

static void command_learn(const struct command *command, const char *args,
			  int ret)
{
	const union bootstrap_args *result = (const void *)args;

	switch (command->number) {
	case BOOTSTRAP_IOC_REGISTER:
		last_generation = result->reg.generation;
		break;
	case BOOTSTRAP_IOC_SESSION:
		last_cookie = result->session.cookie;
		break;
	case BOOTSTRAP_IOC_LOOK_UP:
		if (result->look_up.flags & BOOTSTRAP_LOOK_UP_QUERY)
			break;
		slot_set(SLOTS - 1 - next_found++ % 4, ret);
		break;
	case BOOTSTRAP_IOC_WATCH:
	case BOOTSTRAP_IOC_LOGOUT:
		slot_set(SLOTS - 1 - next_found++ % 4, ret);
		break;
	case BOOTSTRAP_IOC_DEFER:
		slot_set(SLOT_DEFERRAL, ret);
		break;
	case BOOTSTRAP_IOC_OPEN:
		last_namespace = result->open.namespace_id;
		slot_set(SLOT_SPACE + next_space++ % 2, ret);
		break;
	case BOOTSTRAP_IOC_SUBSET:
		last_namespace = result->subset.namespace_id;
		slot_set(SLOT_SPACE + next_space++ % 2, ret);
		break;
	case BOOTSTRAP_IOC_PRE_LOGIN:
		slot_set(SLOT_SPACE + next_space++ % 2, ret);
		break;
	case BOOTSTRAP_IOC_ANNOUNCE:
		last_cookie = result->announce.cookie;
		break;
	case BOOTSTRAP_IOC_LOOK_UP_ARRAY:
		array_learn(&result->array);
		break;
	case BOOTSTRAP_IOC_CHECK_IN:
		last_generation = result->check_in.generation;
		slot_set(SLOT_RIGHT, ret);
		break;
	case BOOTSTRAP_IOC_DECLARE:
		last_generation = result->declare.generation;
		slot_set(SLOT_HANDLE, ret);
		break;
	}
}

/* From SLOTS on, a port is that slot with arguments that cannot be written. */
static void op_command(struct context *context, const struct op *op)
{
	const struct command *command = &commands[op->command];
	char *args = context->args, *passed = args;
	unsigned int i;
	uint64_t value;
	bool waits;
	int ret;

	memset(args, 0, sizeof(union bootstrap_args) + 64);
	for (i = 0; command->fields[i].kind != FIELD_END; i++) {
		value = field_value(command, op, i);
		memcpy(args + command->fields[i].offset, &value,
		       command->fields[i].size);
	}
	if (op->port >= SLOTS)
		passed = op->port & 1 ? context->args_read_only : nowhere;
	waits = field_of(command, FIELD_DEADLINE);
	if (waits)
		context_alarm(context, 5);
	ret = ioctl(slot(op->port), command->number, passed);
	if (waits) {
		i = errno;
		context_alarm(context, 0);
		errno = i;
	}
	__atomic_fetch_add(&shared->calls, 1, __ATOMIC_RELAXED);
	if (ret >= 0) {
		command_learn(command, args, ret);
	} else if (!error_is_documented(errno)) {
		__atomic_fetch_add(&shared->faults, 1, __ATOMIC_RELAXED);
		printf("# %s returns undocumented error %d\n", command->name,
		       errno);
		program_print(context->program, stdout);
		fflush(stdout);
	}
}

/* Other operations */

static int file_new(uint64_t at, uint64_t kind)
{
	static char params[120];
	int pair[2];

	switch (kind % 10) {
	case 0:
		return memfd_create("fuzz", MFD_CLOEXEC);
	case 1:
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	case 2:
		if (pipe2(pair, O_CLOEXEC))
			return -1;
		slot_set(at + 1, pair[1]);
		return pair[0];
	case 3:
		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
			return -1;
		slot_set(at + 1, pair[1]);
		return pair[0];
	case 4:
		return epoll_create1(EPOLL_CLOEXEC);
	case 5:
		return eventfd(0, EFD_CLOEXEC);
	case 6:
		return open(DEVICE, O_PATH | O_CLOEXEC);
	case 7:
		memset(params, 0, sizeof(params));
		return syscall(SYS_io_uring_setup, 1, params);
	case 8:
		return syscall(SYS_pidfd_open, at & 1 ? getppid() : getpid(), 0);
	default:
		return open("/", O_RDONLY | O_CLOEXEC);
	}
}

static void send_file(int socket, int fd)
{
	struct peer_message nothing = { 0 };

	if (fd >= 0)
		peer_send(socket, &nothing, fd);
}

/* From a socket that does not block. */
static void op_receive(uint64_t at, int socket)
{
	struct peer_message message;
	int fd = -1;

	peer_receive(socket, &message, &fd);
	if (fd >= 0)
		slot_set(at, fd);
}

static void op_listen(int fd, uint64_t backlog)
{
	listen(fd, backlog % 8);
}

/* To what a right says that it is bound to, which it is not. */
static void op_connect(int right)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	int fd;

	if (getsockname(right, (struct sockaddr *)&address, &size))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (!connect(fd, (struct sockaddr *)&address, size)) {
		__atomic_fetch_add(&shared->faults, 1, __ATOMIC_RELAXED);
		printf("# an address leads to a right\n");
	}
	close(fd);
}

static void op_socket(const struct op *op)
{
	const uint64_t *values = op->values;
	int fd = slot(values[op->kind == OP_ACCEPT || op->kind == OP_TAKE]);

	/* Nobody is to wait for what may never come. */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	switch (op->kind) {
	case OP_ACCEPT:
		fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			slot_set(values[0], fd);
		break;
	case OP_TAKE:
		op_receive(values[0], fd);
		break;
	case OP_READ:
		read(fd, page, 8);
		break;
	case OP_LISTEN:
		op_listen(fd, values[1]);
		break;
	case OP_SHUTDOWN:
		shutdown(fd, values[1] % 3);
		break;
	case OP_CONNECT:
		op_connect(fd);
		break;
	}
}

static void op_poll(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };

	poll(&pfd, 1, 0);
}

static void run(struct context *context);

static void op_fork(struct context *context, unsigned int count)
{
	if (context->depth || fork())
		return;
	context->depth++;
	context->end = context->at + count;
	context->thread_count = 0;
	context_trace(context);
	context_timer(context);
	run(context);
	_exit(0);
}

static void *thread_main(void *arg)
{
	struct context *context = arg;

	context_timer(context);
	run(context);
	if (context->has_timer)
		timer_delete(context->timer);
	context_free(context);
	free(context);
	return NULL;
}

static void op_thread(struct context *context, unsigned int count)
{
	struct context *new;

	if (context->thread_count == THREADS_MAX || context != &own)
		return;
	new = malloc(sizeof(*new));
	if (!new)
		return;
	context_init(new);
	new->program = context->program;
	new->at = context->at;
	new->end = context->at + count;
	new->depth = context->depth;
	if (!pthread_create(&context->threads[context->thread_count], NULL,
			    thread_main, new)) {
		context->thread_count++;
		return;
	}
	context_free(new);
	free(new);
}

/* What cannot be taken back, children alone do. */
static void op_child(struct context *context, const struct op *op)
{
	static const uid_t uids[] = { 0, ALICE, BOB };
	uid_t uid = uids[op->values[0] % 3];

	if (!context->depth || context != &own)
		return;
	switch (op->kind) {
	case OP_LOGIN:
		if (!set_login_uid(uid))
			shared->last_session = proc_number("self/sessionid");
		break;
	case OP_BECOME:
		if (!setresgid(uid, uid, uid) && !setresuid(uid, uid, uid))
			prctl(PR_SET_DUMPABLE, 1);
		break;
	case OP_USERNS:
		unshare(CLONE_NEWUSER);
		break;
	default:
		kill(getpid(), SIGKILL);
	}
}

static void op_file(const struct op *op)
{
	const uint64_t *values = op->values;

	switch (op->kind) {
	case OP_OPEN:
		slot_set(values[0], port_open());
		break;
	case OP_FILE:
		slot_set(values[0], file_new(values[0], values[1]));
		break;
	case OP_CLOSE:
		slot_set(values[0], -1);
		break;
	case OP_DUP:
		slot_set(values[0], dup(slot(values[1])));
		break;
	case OP_SEND:
		send_file(shared->socket[0], slot(values[0]));
		break;
	case OP_RECEIVE:
		op_receive(values[0], shared->socket[1]);
		break;
	case OP_QUEUE:
		send_file(slot(values[0]), slot(values[1]));
		break;
	case OP_POLL:
		op_poll(slot(values[0]));
		break;
	case OP_YIELD:
		sched_yield();
		break;
	default:
		op_socket(op);
	}
}

/* How many of the operations that follow are somebody else's. */
static unsigned int run_op(struct context *context, const struct op *op)
{
	unsigned int count = op->values[0] % OPS_MAX;

	if (count > context->end - context->at)
		count = context->end - context->at;
	switch (op->kind) {
	case OP_COMMAND:
		op_command(context, op);
		break;
	case OP_FORK:
		op_fork(context, count);
		return count;
	case OP_THREAD:
		op_thread(context, count);
		return count;
	case OP_LOGIN:
	case OP_BECOME:
	case OP_USERNS:
	case OP_KILL:
		op_child(context, op);
		break;
	default:
		op_file(op);
	}
	return 0;
}

/* May it fail on order? Not fork and the like, of which the kernel complains. */
static bool may_fail(const struct op *op)
{
	switch (op->kind) {
	case OP_COMMAND:
	case OP_OPEN:
	case OP_CLOSE:
	case OP_DUP:
	case OP_SEND:
	case OP_RECEIVE:
	case OP_QUEUE:
	case OP_POLL:
	case OP_ACCEPT:
	case OP_TAKE:
	case OP_READ:
	case OP_LISTEN:
	case OP_SHUTDOWN:
		return true;
	default:
		return false;
	}
}

static void fail_set(struct context *context, const char *nth)
{
	if (context->fail >= 0 &&
	    pwrite(context->fail, nth, strlen(nth), 0) < 0)
		return;
}

/* Did the last operation reach what nobody had reached? */
static bool new_edges(struct context *context)
{
	unsigned long *kcov = context->kcov, count, i;
	uint32_t from = 0, to;
	bool new = false;

	if (!kcov)
		return false;
	count = __atomic_load_n(&kcov[0], __ATOMIC_RELAXED);
	for (i = 1; i <= count; i++) {
		to = kcov[i];
		new |= shared_edge((to ^ from * 31) * 0x9e3779b1u >> 16);
		from = to;
	}
	__atomic_store_n(&kcov[0], 0, __ATOMIC_RELAXED);
	return new;
}

static void run(struct context *context)
{
	const struct op *op;
	char nth[8] = "";

	while (context->at < context->end) {
		op = &context->program->ops[context->at++];
		if (!may_fail(op))
			nth[0] = '\0';
		if (nth[0])
			fail_set(context, nth);
		context->at += run_op(context, op);
		if (nth[0])
			fail_set(context, "0");
		nth[0] = '\0';
		if (op->kind == OP_FAIL)
			snprintf(nth, sizeof(nth), "%u",
				 (unsigned int)(op->values[0] % 100));
		if (new_edges(context))
			corpus_add(context->program, context->at);
	}
}

void execute(const struct program *program)
{
	unsigned int i;

	slot_set(0, port_open());
	slot_set(1, dup(file));
	own.program = program;
	own.at = 0;
	own.end = program->count;
	run(&own);
	while (own.thread_count)
		pthread_join(own.threads[--own.thread_count], NULL);
	for (i = 0; i < SLOTS; i++)
		slot_set(i, -1);
	/* Those that ended; others may go on. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}
