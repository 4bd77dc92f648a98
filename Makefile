# SPDX-License-Identifier: GPL-2.0
# Everything is built below build/. "make help" tells what there is.

VERSION := 0.1
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
# What is not for one architecture's libraries to lie among: the programs that PAM
# starts, and plug-ins.
LIBEXECDIR ?= $(LIBDIR)/bootstrap
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
SAMPLESDIR ?= $(PREFIX)/share/doc/bootstrap/samples
DESTDIR ?=
# Where Debian's python3 looks: for /usr, that is the same for all its versions.
PYTHON_VERSION = $(shell python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
PYTHONDIR ?= $(PREFIX)/lib/python$(if $(filter /usr,$(PREFIX)),3,$(or $(PYTHON_VERSION),3))/dist-packages
# Where PAM and Debian's pam-auth-update look, whatever PREFIX is.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
PAMDIR ?= $(if $(MULTIARCH),/lib/$(MULTIARCH),/lib)/security
PAMCONFIGDIR ?= /usr/share/pam-configs
CFLAGS ?= -O2 -g
B := build

# The running kernel if its headers are there, else the newest that are.
newest := $(lastword $(shell ls -d /lib/modules/*/build 2>/dev/null | cut -d/ -f4 | sort -V))
KVER ?= $(if $(wildcard /lib/modules/$(shell uname -r)/build),$(shell uname -r),$(newest))
KDIR ?= /lib/modules/$(KVER)/build

export KERNEL ?= 6.1
export TEST CPUS DEBUG BASELINE BENCH

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
USER_CFLAGS := -std=gnu11 $(WARNINGS) -D_GNU_SOURCE -DVERSION='"$(VERSION)"' \
	-DBOOTSTRAPCTL='"$(PREFIX)/bin/bootstrapctl"' \
	-DAGENTS='"$(LIBEXECDIR)/bootstrap-agents"' \
	-DLOGIN_HOST='"$(LIBEXECDIR)/bootstrap-login-host"' \
	-DPLUGIN_HOST='"$(LIBEXECDIR)/bootstrap-plugin-host"' \
	-DPLUGINS='"$(LIBEXECDIR)/plugins"' \
	-Iuserlib/include -Iuapi $(CFLAGS)

.PHONY: all module driver lib tools check samples bench fuzz fuzz-replay seeded coverage matrix packages lint demo vm install clean help FORCE
all: module lib tools samples

## module: the kernel module, for KVER (or KDIR)
module:
	@test -n "$(KVER)" -a -e "$(KDIR)/Makefile" || { \
		echo "no kernel headers; as root: apt-get install linux-headers-amd64" >&2; exit 1; }
	@mkdir -p $(B)/$(KVER)/kmod $(B)/$(KVER)/uapi/linux
	@ln -sf $(CURDIR)/Kbuild $(B)/$(KVER)/
	@ln -sf $(CURDIR)/kmod/*.[ch] $(B)/$(KVER)/kmod/
	@ln -sf $(CURDIR)/uapi/linux/*.h $(B)/$(KVER)/uapi/linux/
	$(MAKE) -C $(KDIR) M=$(abspath $(B)/$(KVER)) $(KBUILD_FLAGS) modules
	@echo "built $(B)/$(KVER)/bootstrap.ko for kernel $(KVER)"

## driver: modules that call it, for tests: a sample driver, and one that calls all
driver: module
	@mkdir -p $(B)/$(KVER)/driver
	@ln -sf $(CURDIR)/selftests/driver/* $(B)/$(KVER)/driver/
	$(MAKE) -C $(KDIR) M=$(abspath $(B)/$(KVER)/driver) \
		KBUILD_EXTRA_SYMBOLS=$(abspath $(B)/$(KVER))/Module.symvers \
		BOOTSTRAP=$(abspath $(B)/$(KVER)) $(KBUILD_FLAGS) modules

CMAKE_FILES := $(patsubst userlib/cmake/%.in,$(B)/%,$(wildcard userlib/cmake/*.in))
## lib: libbootstrap and libbootstrap-login, shared and static
lib: $(B)/libbootstrap.so $(B)/libbootstrap.a $(B)/libbootstrap.pc \
	$(B)/libbootstrap-login.so $(B)/libbootstrap-login.a $(B)/libbootstrap-login.pc \
	$(CMAKE_FILES)

LIB_OBJS := $(patsubst userlib/src/%.c,$(B)/userlib/%.o,$(wildcard userlib/src/*.c userlib/src/*/*.c))
LOGIN_OBJS := $(patsubst userlib/login/%.c,$(B)/login/%.o,$(wildcard userlib/login/*.c))
tool_objs = $(patsubst tools/%.c,$(B)/tools/%.o,$(wildcard $(1:%=tools/%/*.c)))
TOOL_OBJS := $(call tool_objs,bootstrapctl common)
AGENTS_OBJS := $(call tool_objs,agents common)
LOGIN_HOST_OBJS := $(call tool_objs,login-host) $(B)/tools/common/clock.o \
	$(B)/tools/common/own_values.o $(B)/tools/common/plugin_message.o
PLUGIN_HOST_OBJS := $(call tool_objs,plugin-host) $(B)/tools/common/own_values.o \
	$(B)/tools/common/plugin_message.o
PAM_OBJS := $(patsubst tools/pam/%.c,$(B)/pam.o/%.o,$(wildcard tools/pam/*.c))

$(B)/userlib/%.o: userlib/src/%.c $(B)/paths
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -fPIC -fvisibility=hidden -MMD -c $< -o $@

$(B)/libbootstrap.so.0: $(LIB_OBJS) userlib/libbootstrap.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libbootstrap.so.0 \
		-Wl,--version-script=userlib/libbootstrap.map -Wl,-z,defs \
		$(LIB_OBJS) -o $@

$(B)/libbootstrap.so: $(B)/libbootstrap.so.0
	ln -sf libbootstrap.so.0 $@

$(B)/libbootstrap.a: $(LIB_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/login/%.o: userlib/login/%.c $(B)/paths
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) $(shell pkg-config --cflags libplist-2.0) -fPIC \
		-fvisibility=hidden -MMD -c $< -o $@

$(B)/libbootstrap-login.so.0: $(LOGIN_OBJS) userlib/libbootstrap-login.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libbootstrap-login.so.0 \
		-Wl,--version-script=userlib/libbootstrap-login.map -Wl,-z,defs \
		$(LOGIN_OBJS) $(shell pkg-config --libs libplist-2.0) -o $@

$(B)/libbootstrap-login.so: $(B)/libbootstrap-login.so.0
	ln -sf libbootstrap-login.so.0 $@

$(B)/libbootstrap-login.a: $(LOGIN_OBJS)
	rm -f $@
	$(AR) rcs $@ $^

# Made anew each time: PREFIX may be another one at installation.
$(B)/%.pc: userlib/%.pc.in FORCE
	@mkdir -p $(@D)
	sed 's|@PREFIX@|$(PREFIX)|;s|@LIBDIR@|$(LIBDIR)|;s|@VERSION@|$(VERSION)|' $< >$@

$(B)/%.cmake: userlib/cmake/%.cmake.in FORCE
	@mkdir -p $(@D)
	sed 's|@PREFIX@|$(PREFIX)|g;s|@LIBDIR@|$(LIBDIR)|g;s|@VERSION@|$(VERSION)|g' $< >$@

## tools: bootstrapctl, agents, login host, pam_bootstrap, and a unit
tools: $(B)/bootstrapctl $(B)/bootstrap-agents $(B)/bootstrap-login-host \
	$(B)/bootstrap-plugin-host $(B)/pam_bootstrap.so $(B)/bootstrap-console.service

$(B)/%.service: tools/units/%.service.in FORCE
	@mkdir -p $(@D)
	sed 's|@PREFIX@|$(PREFIX)|' $< >$@

$(B)/tools/%.o: tools/%.c $(B)/paths
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) $(shell pkg-config --cflags json-c libplist-2.0) -MMD -c $< -o $@

$(B)/bootstrapctl: $(TOOL_OBJS) $(B)/libbootstrap.so $(B)/libbootstrap-login.so
	$(CC) $(CFLAGS) $(LDFLAGS) $(TOOL_OBJS) -L$(B) -lbootstrap \
		-lbootstrap-login $(shell pkg-config --libs json-c libplist-2.0) -o $@

$(B)/bootstrap-agents: $(AGENTS_OBJS) $(B)/libbootstrap.so
	$(CC) $(CFLAGS) $(LDFLAGS) $(AGENTS_OBJS) -L$(B) -lbootstrap \
		$(shell pkg-config --libs libplist-2.0) -o $@

$(B)/bootstrap-login-host: $(LOGIN_HOST_OBJS) $(B)/libbootstrap.so \
		$(B)/libbootstrap-login.so
	$(CC) $(CFLAGS) $(LDFLAGS) $(LOGIN_HOST_OBJS) -L$(B) -lbootstrap \
		-lbootstrap-login $(shell pkg-config --libs json-c libplist-2.0) -o $@

# It loads others' objects: so it has as little as can be of what they may have, too.
$(B)/bootstrap-plugin-host: $(PLUGIN_HOST_OBJS)
	$(CC) $(CFLAGS) $(LDFLAGS) $(PLUGIN_HOST_OBJS) -o $@

## samples: plug-ins to start from, see tools/samples
SAMPLES := $(patsubst tools/samples/%.c,$(B)/samples/org.example.%.so,$(wildcard tools/samples/*.c))
samples: $(SAMPLES) $(B)/samples/check

# Not with _GNU_SOURCE from here: they are to be built anywhere as they are.
$(B)/samples/org.example.%.so: tools/samples/%.c tools/samples/pair.h \
		$(wildcard userlib/include/*/*.h) $(B)/libbootstrap.so
	@mkdir -p $(@D)
	$(CC) $(filter-out -D_GNU_SOURCE,$(USER_CFLAGS)) $(LDFLAGS) -fPIC -fvisibility=hidden -shared $< \
		-L$(B) -Wl,--as-needed -lbootstrap -lpthread -o $@

$(B)/samples/check: tools/samples/check
	@mkdir -p $(@D)
	install -m 755 $< $@

# Other paths make other objects, as when PREFIX is given at installation only.
$(B)/paths: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX) $(LIBEXECDIR)' | cmp -s - $@ || echo '$(PREFIX) $(LIBEXECDIR)' >$@

$(B)/pam.o/%.o: tools/pam/%.c $(B)/paths
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) -fPIC -fvisibility=hidden -MMD -c $< -o $@

# With the library in it: programs that log people in depend on no other file of
# ours then, and see no names of it. All that it calls is bound when it is loaded:
# in what it forks off a program with threads the linker could not do it.
$(B)/pam_bootstrap.so: $(PAM_OBJS) $(B)/libbootstrap.a
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-z,defs,-z,now -Wl,--exclude-libs,ALL \
		$(PAM_OBJS) $(B)/libbootstrap.a -lpam -o $@

## check: all tests, in QEMU (KERNEL=6.1 DEBUG=0|1 CPUS=1|2 TEST=name)
check:
	@bash selftests/vm/check.sh

## bench: what operations cost, here and elsewhere (BASELINE=check BENCH=time)
bench:
	@bash selftests/vm/bench.sh

## fuzz: the fuzzer on the debug kernel (SECONDS=60)
fuzz:
	@FUZZ_SECONDS=$(or $(SECONDS),60) FUZZ_REPLAY= bash selftests/vm/fuzz.sh

## fuzz-replay: what a crash of it left (REPRODUCER=build/fuzz/reproducer SECONDS=60)
fuzz-replay:
	@FUZZ_SECONDS=$(or $(SECONDS),60) \
		FUZZ_REPLAY=$(or $(REPRODUCER),$(B)/fuzz/reproducer) bash selftests/vm/fuzz.sh

## seeded: does the debug kernel find a bug of each class?
seeded:
	@bash selftests/vm/seeded.sh

## coverage: which lines of the module the tests reach
coverage:
	@bash selftests/vm/coverage.sh

## matrix: the suite on the stock kernels 6.1, 6.12 and sid's (KERNELS=)
matrix:
	@bash selftests/vm/matrix.sh

## packages: Debian's, built, installed, upgraded, purged; KERNELS="6.1 6.12 sid"
packages:
	@bash selftests/packages.sh
	@bash selftests/vm/demo.sh packages

## lint: what checkers say about the source
lint:
	@bash selftests/lint.sh

## demo: login sessions, from login to logout, in QEMU
demo:
	@bash selftests/vm/demo.sh

## vm: a shell in a guest with the module loaded
vm:
	@bash selftests/vm/shell.sh

# Manual pages tell where plug-ins and samples are, so it is put into them.
## install: into DESTDIR, below PREFIX; the module for KVER if it was built
install: lib tools
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(LIBDIR)/cmake/Bootstrap \
		$(DESTDIR)$(PYTHONDIR)/bootstrap \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(LIBEXECDIR)/plugins \
		$(DESTDIR)$(PREFIX)/include/bootstrap $(DESTDIR)$(PREFIX)/include/linux \
		$(DESTDIR)$(PREFIX)/include/mach $(DESTDIR)$(PREFIX)/include/servers \
		$(DESTDIR)$(PREFIX)/include/Security $(DESTDIR)$(PREFIX)/include/bsm \
		$(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR) $(DESTDIR)$(UDEVDIR) \
		$(DESTDIR)$(SAMPLESDIR) \
		$(DESTDIR)$(PREFIX)/share/man/man3 \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man4 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/man/man8 \
		$(DESTDIR)$(PREFIX)/share/man/man9 \
		$(DESTDIR)$(PREFIX)/src/bootstrap/kmod \
		$(DESTDIR)$(PREFIX)/src/bootstrap/uapi/linux \
		$(DESTDIR)$(PAMDIR) $(DESTDIR)$(PAMCONFIGDIR)
	install -m 755 $(B)/bootstrapctl $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/bootstrap-agents $(B)/bootstrap-login-host \
		$(B)/bootstrap-plugin-host $(DESTDIR)$(LIBEXECDIR)/
	install -m 644 $(B)/pam_bootstrap.so $(DESTDIR)$(PAMDIR)/
	install -m 644 tools/pam/bootstrap $(DESTDIR)$(PAMCONFIGDIR)/
	install -m 644 $(B)/bootstrap-console.service $(DESTDIR)$(UNITDIR)/
	install -m 644 tools/units/bootstrap-login.sysusers \
		$(DESTDIR)$(SYSUSERSDIR)/bootstrap-login.conf
	install -m 644 tools/units/bootstrap.rules $(DESTDIR)$(UDEVDIR)/60-bootstrap.rules
	install -m 644 $(B)/libbootstrap.so.0 $(B)/libbootstrap.a \
		$(B)/libbootstrap-login.so.0 $(B)/libbootstrap-login.a $(DESTDIR)$(LIBDIR)/
	ln -sf libbootstrap.so.0 $(DESTDIR)$(LIBDIR)/libbootstrap.so
	ln -sf libbootstrap-login.so.0 $(DESTDIR)$(LIBDIR)/libbootstrap-login.so
	install -m 644 $(B)/libbootstrap.pc $(B)/libbootstrap-login.pc \
		$(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 $(CMAKE_FILES) $(DESTDIR)$(LIBDIR)/cmake/Bootstrap/
	install -m 644 userlib/python/bootstrap/*.py userlib/python/bootstrap/py.typed \
		$(DESTDIR)$(PYTHONDIR)/bootstrap/
	install -m 644 tools/bootstrapctl/completion \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/bootstrapctl
	install -m 644 userlib/include/bootstrap/*.h userlib/include/bootstrap/*.hpp \
		$(DESTDIR)$(PREFIX)/include/bootstrap/
	install -m 644 userlib/include/mach/*.h $(DESTDIR)$(PREFIX)/include/mach/
	install -m 644 userlib/include/servers/*.h $(DESTDIR)$(PREFIX)/include/servers/
	install -m 644 userlib/include/Security/*.h $(DESTDIR)$(PREFIX)/include/Security/
	install -m 644 userlib/include/bsm/*.h $(DESTDIR)$(PREFIX)/include/bsm/
	install -m 644 userlib/include/*.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 uapi/linux/bootstrap.h $(DESTDIR)$(PREFIX)/include/linux/
	install -m 644 tools/man/bootstrapctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 tools/man/bootstrap-agents.8 tools/man/bootstrap-login-host.8 \
		$(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 userlib/man/*.3 $(DESTDIR)$(PREFIX)/share/man/man3/
	install -m 644 userlib/man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 tools/man/bootstrap-login-mechanisms.7 kmod/man/*.7 \
		$(DESTDIR)$(PREFIX)/share/man/man7/
	install -m 644 tools/man/pam_bootstrap.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 kmod/man/bootstrap.4 $(DESTDIR)$(PREFIX)/share/man/man4/
	install -m 644 tools/samples/*.[ch] $(DESTDIR)$(SAMPLESDIR)/
	install -m 755 tools/samples/check $(DESTDIR)$(SAMPLESDIR)/
	install -m 644 kmod/man/bootstrap.9 $(DESTDIR)$(PREFIX)/share/man/man9/
	install -m 644 kmod/bootstrap_api.h $(DESTDIR)$(PREFIX)/src/bootstrap/kmod/
	install -m 644 uapi/linux/bootstrap.h \
		$(DESTDIR)$(PREFIX)/src/bootstrap/uapi/linux/
	sed -i 's|/usr/local/lib/bootstrap|$(LIBEXECDIR)|g; s|/usr/local/share/doc/bootstrap/samples|$(SAMPLESDIR)|' \
		$(DESTDIR)$(PREFIX)/share/man/man1/bootstrapctl.1 \
		$(DESTDIR)$(PREFIX)/share/man/man5/authorization.5 \
		$(DESTDIR)$(PREFIX)/share/man/man7/bootstrap-login-mechanisms.7 \
		$(DESTDIR)$(PREFIX)/share/man/man8/bootstrap-login-host.8
	if [ -e $(B)/$(KVER)/bootstrap.ko ]; then \
		install -D -m 644 tools/units/bootstrap.modules-load \
			$(DESTDIR)$(MODULESLOADDIR)/bootstrap.conf; \
		install -D -m 644 $(B)/$(KVER)/bootstrap.ko \
			$(DESTDIR)/lib/modules/$(KVER)/updates/bootstrap.ko && \
		install -D -m 644 $(B)/$(KVER)/Module.symvers \
			$(DESTDIR)$(PREFIX)/src/bootstrap/$(KVER)/Module.symvers; fi
	if [ -z "$(DESTDIR)" ]; then ldconfig; \
		[ ! -e $(B)/$(KVER)/bootstrap.ko ] || depmod $(KVER); fi

## clean: remove build/
clean:
	rm -rf $(B)

## help: this text
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

-include $(LIB_OBJS:.o=.d) $(LOGIN_OBJS:.o=.d) $(LOGIN_HOST_OBJS:.o=.d) $(PLUGIN_HOST_OBJS:.o=.d) $(TOOL_OBJS:.o=.d) $(AGENTS_OBJS:.o=.d) $(PAM_OBJS:.o=.d)
