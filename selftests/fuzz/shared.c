// SPDX-License-Identifier: GPL-2.0
/*
 * What all workers share: counters, the corpus, and a log of the last programs.
 * Workers are killed at any instruction, so there are no locks.
 *
 * The guest's memory is a file of the host's. Each page of the log says by
 * itself what it is, and so can be found there when the guest is dead.
 */
#include "fuzz.h"

#define SHARED_MAGIC	"bootstrap-fuzz-1"
#define LOG_MAGIC	"bootstrap-log-1"

struct log_page {
	char magic[16];
	uint64_t sequence;
	uint64_t sum;
	struct program program;
};

_Static_assert(sizeof(struct log_page) <= FUZZ_PAGE, "a page of the log");
_Static_assert(sizeof(SHARED_MAGIC) - 1 == 16, "magic");

struct shared *shared;
static char *log_pages;

static void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

void shared_init(void)
{
	int sockets[2];

	shared = share(sizeof(*shared));
	memcpy(shared->magic, SHARED_MAGIC, sizeof(shared->magic));
	log_pages = share(LOG_PAGES * FUZZ_PAGE);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		       sockets))
		abort();
	shared->socket[0] = sockets[0];
	shared->socket[1] = sockets[1];
}

bool shared_edge(uint32_t edge)
{
	unsigned char *seen = &shared->edges[edge % EDGES];

	if (*seen || __atomic_exchange_n(seen, 1, __ATOMIC_RELAXED))
		return false;
	__atomic_fetch_add(&shared->edge_count, 1, __ATOMIC_RELAXED);
	return true;
}

void corpus_add(const struct program *program, unsigned int count)
{
	uint32_t at = __atomic_fetch_add(&shared->corpus_next, 1,
					 __ATOMIC_RELAXED);
	struct corpus_entry *entry;

	if (at >= CORPUS_MAX)
		return;
	entry = &shared->corpus[at];
	entry->program = *program;
	entry->program.count = count;
	__atomic_store_n(&entry->ready, 1, __ATOMIC_RELEASE);
}

const struct program *corpus_pick(struct random *random)
{
	uint32_t count = __atomic_load_n(&shared->corpus_next, __ATOMIC_RELAXED);
	struct corpus_entry *entry;

	if (!count)
		return NULL;
	if (count > CORPUS_MAX)
		count = CORPUS_MAX;
	entry = &shared->corpus[random_below(random, count)];
	if (!__atomic_load_n(&entry->ready, __ATOMIC_ACQUIRE))
		return NULL;
	return &entry->program;
}

static uint64_t sum_of(const struct log_page *page)
{
	const unsigned char *byte = (const unsigned char *)&page->program;
	uint64_t sum = page->sequence * 0x9e3779b97f4a7c15;
	size_t i;

	for (i = 0; i < sizeof(page->program); i++)
		sum = (sum ^ byte[i]) * 0x100000001b3;
	return sum;
}

void log_program(const struct program *program)
{
	uint64_t sequence = __atomic_fetch_add(&shared->log_next, 1,
					       __ATOMIC_RELAXED);
	struct log_page *page;

	page = (void *)(log_pages + sequence % LOG_PAGES * FUZZ_PAGE);
	memset(page->magic, 0, sizeof(page->magic));
	page->sequence = sequence;
	page->program = *program;
	page->sum = sum_of(page);
	memcpy(page->magic, LOG_MAGIC, sizeof(LOG_MAGIC));
}

static int by_sequence(const void *a, const void *b)
{
	const struct log_page *const *x = a, *const *y = b;

	return (*x)->sequence < (*y)->sequence ? -1 :
	       (*x)->sequence > (*y)->sequence;
}

int salvage(const char *memory, const char *reproducer)
{
	const struct log_page *pages[LOG_PAGES], *page;
	const struct shared *last = NULL;
	unsigned int count = 0, i;
	int fd = open(memory, O_RDONLY | O_CLOEXEC);
	struct stat status;
	const char *start, *at;
	FILE *out;

	if (fd < 0 || fstat(fd, &status))
		return perror(memory), 1;
	start = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	out = fopen(reproducer, "we");
	if (start == MAP_FAILED || !out)
		return perror(reproducer), 1;
	for (at = start; at < start + status.st_size; at += FUZZ_PAGE) {
		page = (const void *)at;
		if (!memcmp(at, SHARED_MAGIC, sizeof(last->magic)))
			last = (const void *)at;
		else if (count < LOG_PAGES &&
			 !memcmp(at, LOG_MAGIC, sizeof(LOG_MAGIC)) &&
			 page->sum == sum_of(page))
			pages[count++] = page;
	}
	qsort(pages, count, sizeof(pages[0]), by_sequence);
	for (i = 0; i < count; i++)
		program_print(&pages[i]->program, out);
	fclose(out);
	printf("fuzz: %llu calls, %llu edges, 1 crashes\n",
	       last ? (unsigned long long)last->calls : 0,
	       last ? (unsigned long long)last->edge_count : 0);
	return !count;
}
