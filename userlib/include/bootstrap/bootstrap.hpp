/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * @file bootstrap.hpp
 * libbootstrap for C++17: objects that own their descriptors.
 *
 * Each function is one of <bootstrap/bootstrap.h>, where its text stands. What
 * fails there with a negative errno throws std::system_error here, with that
 * errno in the generic category; so e.code() == std::errc::no_such_file_or_directory
 * is a name that is not there. A text with a zero in it is EINVAL.
 *
 * The objects can be moved, not copied. Where a call takes the descriptor of
 * something else, that is an int, which stays the caller's.
 */
#ifndef BOOTSTRAP_BOOTSTRAP_HPP
#define BOOTSTRAP_BOOTSTRAP_HPP

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <bootstrap/bootstrap.h>

namespace bns {

/** What a function of the library returned, unless that is an error. Since 0.1. */
inline int check(int result, const char *what)
{
	if (result < 0)
		throw std::system_error(-result, std::generic_category(), what);
	return result;
}

/** A text as C takes it: what has a zero in it would be cut there. Since 0.1. */
inline const char *c_text(const std::string &text)
{
	if (text.find('\0') != std::string::npos)
		check(-EINVAL, "embedded zero");
	return text.c_str();
}

/** A deadline for look-ups and logouts, so long from now. Since 0.1. */
inline std::uint64_t deadline_in(std::chrono::nanoseconds wait)
{
	/* Which is CLOCK_MONOTONIC, on Linux. */
	const auto now = std::chrono::steady_clock::now().time_since_epoch();

	return std::chrono::nanoseconds(now + wait).count();
}

/** Owns a descriptor. Since 0.1. */
class descriptor {
public:
	/** None. */
	descriptor() noexcept = default;

	/** Owns @p fd from now on. */
	explicit descriptor(int fd) noexcept : fd_(fd) { }

	descriptor(descriptor &&other) noexcept : fd_(other.release()) { }

	descriptor &operator=(descriptor &&other) noexcept
	{
		reset(other.release());
		return *this;
	}

	~descriptor() { reset(); }

	/** The descriptor, or -1. */
	int get() const noexcept { return fd_; }

	/** Is there one? */
	explicit operator bool() const noexcept { return fd_ >= 0; }

	/** The descriptor, which from now on is the caller's to close. */
	[[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

	/** Close it, and own another one. */
	void reset(int fd = -1) noexcept
	{
		const int old = std::exchange(fd_, fd);

		if (old >= 0)
			::close(old);
	}

private:
	int fd_ = -1;
};

/** A receive right: a listening socket. Since 0.1. */
class receive_right : public descriptor {
public:
	receive_right() noexcept = default;
	receive_right(int fd, std::uint64_t generation) noexcept
		: descriptor(fd), generation_(generation) { }

	/** Number of the name. */
	std::uint64_t generation() const noexcept { return generation_; }

private:
	std::uint64_t generation_ = 0;
};

/** The check-in handle of a declared service. Since 0.1. */
class declaration : public descriptor {
public:
	declaration() noexcept = default;
	declaration(int fd, std::uint64_t generation) noexcept
		: descriptor(fd), generation_(generation) { }

	/** Number of the name. */
	std::uint64_t generation() const noexcept { return generation_; }

	/** bns_check_in_handle() */
	receive_right check_in(unsigned int flags = 0) const
	{
		std::uint64_t generation;
		const int fd = check(bns_check_in_handle(get(), flags, &generation),
				     "bns_check_in_handle");

		return receive_right(fd, generation);
	}

	/** bns_take_over_handle() */
	void take_over() const
	{
		check(bns_take_over_handle(get()), "bns_take_over_handle");
	}

private:
	std::uint64_t generation_ = 0;
};

/** A deferral of logouts. Since 0.1. */
class deferral : public descriptor {
public:
	using descriptor::descriptor;

	/** bns_cancel_logout() */
	void cancel_logout() const
	{
		check(bns_cancel_logout(get()), "bns_cancel_logout");
	}
};

/** A watch of names or of sessions. Since 0.1. */
class watch : public descriptor {
public:
	using descriptor::descriptor;

	/**
	 * Wait for records unless there are some, and have each taken.
	 *
	 * @param take called with a const struct bootstrap_record &, see
	 * bns_record_about_name(), bns_record_session(), bns_record_deferral()
	 * @return false: the namespace is dead, and there will be no more. Of a
	 * descriptor that does not block, EAGAIN is that there are none now.
	 */
	template <typename Take> bool read(Take take) const
	{
		alignas(8) char page[8 * BOOTSTRAP_RECORD_MAX];
		ssize_t left = ::read(get(), page, sizeof(page));
		const auto *record = bns_record_first(page);

		if (left <= 0) {
			check(left ? -errno : 0, "read");
			return false;
		}
		for (; left > 0; record = bns_record_next(record)) {
			left -= record->length;
			take(*record);
		}
		return true;
	}
};

/** A name in a list, and who has it. Since 0.1. */
struct entry {
	std::string name;
	struct bootstrap_info info;
};

/** Who asks to be waited for at a logout, and why. Since 0.1. */
struct deferral_entry {
	std::string reason;
	struct bootstrap_deferral deferral;
};

class name_space;

/** A bootstrap port: the device, or a handle for a namespace. Since 0.1. */
class port : public descriptor {
public:
	using descriptor::descriptor;

	/** bns_open() */
	static port open() { return port(check(bns_open(), "bns_open")); }

	/** bns_open_device() */
	static port open_device()
	{
		return port(check(bns_open_device(), "bns_open_device"));
	}

	/** bns_register(); the generation */
	std::uint64_t register_name(const std::string &name, int fd,
				    const struct bns_registration &how = {}) const
	{
		std::uint64_t generation;

		check(bns_register(get(), c_text(name), fd, &how, &generation),
		      "bns_register");
		return generation;
	}

	/** bns_unregister() */
	void unregister(const std::string &name, const struct bns_scope &scope = {},
			std::uint64_t generation = 0) const
	{
		check(bns_unregister(get(), c_text(name), &scope, generation),
		      "bns_unregister");
	}

	/** bns_take_over() */
	void take_over(const std::string &name, const struct bns_scope &scope = {},
		       std::uint64_t generation = 0) const
	{
		check(bns_take_over(get(), c_text(name), &scope, generation),
		      "bns_take_over");
	}

	/** bns_look_up() */
	descriptor look_up(const std::string &name, const struct bns_scope &scope = {},
			   unsigned int flags = 0,
			   struct bootstrap_info *ret_info = nullptr) const
	{
		return descriptor(check(bns_look_up(get(), c_text(name), &scope,
						    flags, ret_info),
					"bns_look_up"));
	}

	/** bns_look_up_until(); see deadline_in() */
	descriptor look_up_until(std::uint64_t deadline, const std::string &name,
				 const struct bns_scope &scope = {},
				 unsigned int flags = 0,
				 struct bootstrap_info *ret_info = nullptr) const
	{
		return descriptor(check(bns_look_up_until(get(), c_text(name), &scope,
							  flags, deadline, ret_info),
					"bns_look_up_until"));
	}

	/** bns_look_up_array(); in the place of each name that failed is none. */
	std::vector<descriptor> look_up_array(const std::vector<std::string> &names,
					      const struct bns_scope &scope = {},
					      unsigned int flags = 0,
					      std::uint64_t deadline = 0) const
	{
		std::vector<struct bootstrap_look_up_entry> entries;
		std::vector<descriptor> found(names.size());

		for (const auto &name : names)
			entries.push_back(bns_look_up_entry(c_text(name), nullptr));
		check(bns_look_up_array(get(), entries.data(), entries.size(), &scope,
					flags, deadline), "bns_look_up_array");
		for (std::size_t i = 0; i < entries.size(); i++)
			if (entries[i].result >= 0)
				found[i].reset(entries[i].result);
		return found;
	}

	/** bns_info() */
	struct bootstrap_info info(const std::string &name,
				   const struct bns_scope &scope = {}) const
	{
		auto info = sized<struct bootstrap_info>();

		check(bns_info(get(), c_text(name), &scope, &info), "bns_info");
		return info;
	}

	/** bns_open_holder(); a pidfd */
	descriptor open_holder(const std::string &name,
			       const struct bootstrap_info &info,
			       const struct bns_scope &scope = {}) const
	{
		return descriptor(check(bns_open_holder(get(), c_text(name), &scope,
							&info), "bns_open_holder"));
	}

	/** bns_check_in() */
	receive_right check_in(const std::string &name,
			       const struct bns_service &how = {}) const
	{
		std::uint64_t generation;
		const int fd = check(bns_check_in(get(), c_text(name), &how,
						  &generation), "bns_check_in");

		return receive_right(fd, generation);
	}

	/** bns_declare() */
	declaration declare(const std::string &name,
			    const struct bns_service &how = {}) const
	{
		std::uint64_t generation;
		const int fd = check(bns_declare(get(), c_text(name), &how,
						 &generation), "bns_declare");

		return declaration(fd, generation);
	}

	/** bns_peer() */
	struct bootstrap_peer peer(int connection) const
	{
		auto peer = sized<struct bootstrap_peer>();

		check(bns_peer(get(), connection, &peer), "bns_peer");
		return peer;
	}

	/** bns_list(), to its end */
	std::vector<entry> names(const struct bns_scope &scope = {}) const
	{
		std::vector<entry> all;
		const auto fetch = [&](std::uint64_t *cursor, char *page, size_t size) {
			return check(bns_list(get(), &scope, cursor, page, size,
					      nullptr), "bns_list");
		};

		each<struct bootstrap_list_entry>(fetch, [&](const auto *found) {
			all.push_back({ bns_list_name(found), found->info });
		});
		return all;
	}

	/** bns_watch() */
	bns::watch watch(const struct bns_scope &scope = {}) const
	{
		return bns::watch(check(bns_watch(get(), &scope, nullptr), "bns_watch"));
	}

	/** bns_watch_sessions() */
	bns::watch watch_sessions() const
	{
		return bns::watch(check(bns_watch_sessions(get()), "bns_watch_sessions"));
	}

	/** bns_open_namespace() */
	name_space open_namespace(const struct bns_scope &scope = {},
				  std::uint32_t rights = 0) const;

	/** bns_open_parent() */
	name_space open_parent(const struct bns_scope &scope = {},
			       std::uint32_t rights = 0) const;

	/** bns_open_child() */
	name_space open_child(std::uint64_t id, const struct bns_scope &scope = {},
			      std::uint32_t rights = 0) const;

	/** bns_subset() */
	name_space subset(const struct bns_scope &scope = {}, int requestor = -1,
			  std::uint32_t rights = 0) const;

	/** bns_pre_login() */
	name_space pre_login(std::uint32_t rights = 0) const;

	/** bns_namespace() */
	struct bootstrap_namespace about(const struct bns_scope &scope = {}) const
	{
		auto ns = sized<struct bootstrap_namespace>();

		check(bns_namespace(get(), &scope, &ns), "bns_namespace");
		return ns;
	}

	/** bns_children(), to its end */
	std::vector<struct bootstrap_child>
	children(const struct bns_scope &scope = {}) const
	{
		std::vector<struct bootstrap_child> all;
		const auto fetch = [&](std::uint64_t *cursor, char *page, size_t size) {
			return check(bns_children(get(), &scope, cursor, page, size),
				     "bns_children");
		};

		each<struct bootstrap_child>(fetch, [&](const auto *child) {
			all.push_back(*child);
		});
		return all;
	}

	/** bns_announce(); the session's cookie */
	std::uint64_t announce(const struct bns_announcement &what) const
	{
		std::uint64_t cookie;

		check(bns_announce(get(), &what, &cookie, nullptr), "bns_announce");
		return cookie;
	}

	/** bns_session() */
	struct bootstrap_session session() const
	{
		auto session = sized<struct bootstrap_session>();

		check(bns_session(get(), &session), "bns_session");
		return session;
	}

	/** bns_session_by_id() */
	struct bootstrap_session session(std::uint32_t id, std::uint64_t cookie = 0) const
	{
		auto session = sized<struct bootstrap_session>();

		check(bns_session_by_id(get(), id, cookie, &session),
		      "bns_session_by_id");
		return session;
	}

	/** bns_session_next(), to the root session, which is the last */
	std::vector<struct bootstrap_session> sessions() const
	{
		std::vector<struct bootstrap_session> all;
		std::uint32_t id = 0;

		do {
			auto session = sized<struct bootstrap_session>();

			check(bns_session_next(get(), id, &session),
			      "bns_session_next");
			all.push_back(session);
			id = session.session + 1;
		} while (all.back().session != BOOTSTRAP_SESSION_ID_ROOT);
		return all;
	}

	/** bns_session_name() */
	std::string session_name(const std::string &base) const
	{
		std::string name(base.size() + BNS_SESSION_NAME_MORE, '\0');

		check(bns_session_name(get(), c_text(base), name.data(), name.size()),
		      "bns_session_name");
		name.resize(std::strlen(name.c_str()));
		return name;
	}

	/** bns_attributes() */
	void attributes(std::uint32_t id, std::uint32_t set, std::uint32_t clear,
			std::uint64_t cookie = 0) const
	{
		check(bns_attributes(get(), id, cookie, set, clear), "bns_attributes");
	}

	/** bns_signal(); how many processes it was sent to */
	unsigned int signal(std::uint32_t id, int signal, std::uint64_t cookie = 0) const
	{
		return check(bns_signal(get(), id, cookie, signal, nullptr),
			     "bns_signal");
	}

	/** bns_logout() */
	descriptor logout(std::uint32_t id, std::uint64_t cookie = 0,
			  std::uint64_t deadline = 0) const
	{
		return descriptor(check(bns_logout(get(), id, cookie, deadline),
					"bns_logout"));
	}

	/** bns_defer() */
	deferral defer(const std::string &reason) const
	{
		return deferral(check(bns_defer(get(), c_text(reason)), "bns_defer"));
	}

	/** bns_deferrals(), to its end */
	std::vector<deferral_entry> deferrals(std::uint32_t id,
					      std::uint64_t cookie = 0) const
	{
		std::vector<deferral_entry> all;
		const auto fetch = [&](std::uint64_t *cursor, char *page, size_t size) {
			return check(bns_deferrals(get(), id, cookie, cursor, page,
						   size), "bns_deferrals");
		};

		each<struct bootstrap_deferral>(fetch, [&](const auto *found) {
			all.push_back({ bns_deferral_reason(found), *found });
		});
		return all;
	}

	/** bns_features() */
	struct bootstrap_features features() const
	{
		auto features = sized<struct bootstrap_features>();

		check(bns_features(get(), &features), "bns_features");
		return features;
	}

	/** bns_usage() */
	struct bootstrap_usage usage() const
	{
		auto usage = sized<struct bootstrap_usage>();

		check(bns_usage(get(), &usage), "bns_usage");
		return usage;
	}

	/** bns_usage_by_uid() */
	struct bootstrap_usage usage(uid_t uid) const
	{
		auto usage = sized<struct bootstrap_usage>();

		check(bns_usage_by_uid(get(), uid, &usage), "bns_usage_by_uid");
		return usage;
	}

	/** bns_statistics() */
	struct bootstrap_statistics statistics() const
	{
		auto statistics = sized<struct bootstrap_statistics>();

		check(bns_statistics(get(), &statistics), "bns_statistics");
		return statistics;
	}

private:
	template <typename Struct> static Struct sized()
	{
		Struct all_zero = {};

		all_zero.size = sizeof(all_zero);
		return all_zero;
	}

	/* What is told a page at a time; entries begin with their length. */
	template <typename Entry, typename Fetch, typename Take>
	static void each(Fetch fetch, Take take)
	{
		alignas(8) char page[4096];
		std::uint64_t cursor = 0;

		while (int n = fetch(&cursor, page, sizeof(page))) {
			const char *at = page;

			for (; n--; at += reinterpret_cast<const Entry *>(at)->length)
				take(reinterpret_cast<const Entry *>(at));
		}
	}
};

/** A handle for a namespace. Since 0.1. */
class name_space : public port {
public:
	name_space() noexcept = default;
	name_space(int fd, std::uint64_t id) noexcept : port(fd), id_(id) { }

	/** The namespace's id. */
	std::uint64_t id() const noexcept { return id_; }

	/** bns_environment() */
	std::string environment() const
	{
		char text[BNS_ENVIRONMENT_MAX];

		check(bns_environment(get(), text, sizeof(text)), "bns_environment");
		return text;
	}

private:
	std::uint64_t id_ = 0;
};

inline name_space port::open_namespace(const struct bns_scope &scope,
				       std::uint32_t rights) const
{
	std::uint64_t id;
	const int fd = check(bns_open_namespace(get(), &scope, rights, &id),
			     "bns_open_namespace");

	return name_space(fd, id);
}

inline name_space port::open_parent(const struct bns_scope &scope,
				    std::uint32_t rights) const
{
	std::uint64_t id;
	const int fd = check(bns_open_parent(get(), &scope, rights, &id),
			     "bns_open_parent");

	return name_space(fd, id);
}

inline name_space port::open_child(std::uint64_t id, const struct bns_scope &scope,
				   std::uint32_t rights) const
{
	return name_space(check(bns_open_child(get(), &scope, id, rights),
				"bns_open_child"), id);
}

inline name_space port::subset(const struct bns_scope &scope, int requestor,
			       std::uint32_t rights) const
{
	std::uint64_t id;
	const int fd = check(bns_subset(get(), &scope, requestor, rights, &id),
			     "bns_subset");

	return name_space(fd, id);
}

inline name_space port::pre_login(std::uint32_t rights) const
{
	std::uint64_t id;
	const int fd = check(bns_pre_login(get(), rights, &id), "bns_pre_login");

	return name_space(fd, id);
}

} /* namespace bns */

#endif /* BOOTSTRAP_BOOTSTRAP_HPP */
