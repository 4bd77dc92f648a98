#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which the examples of the manual pages and of the README are run, as
# selftests/documents/plan.py has it. What they speak of and is not ours stands there.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/usr/local/lib/bootstrap
export LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/documents
WHERE=$DIR/here

# shellcheck source=facts.sh
. $PARTS/facts.sh

# put FILE: a program, from standard input.
put() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
	chmod 755 "$1"
}

# Programs of others, as far as the examples need them.
put_programs() {
	put /usr/local/bin/make <<<$'#!/bin/sh\nsleep 5'
	put /usr/local/bin/tar <<<$'#!/bin/sh\nsleep 5'
	put /usr/local/bin/vi <<<$'#!/bin/sh\nsleep 2'
	put "$WHERE/web-server" <<-END
		#!/bin/sh
		exec python3 $PARTS/asyncio_server.py
	END
	put "$WHERE/agent" <<<$'#!/bin/sh\nexec bootstrapctl info org.example.agent'
	cp "$WHERE/web-server" /usr/local/bin/
	install $PARTS/capitals "$WHERE/"
	cp -r $PARTS/samples/*.so /usr/local/lib/bootstrap/plugins/
}

# Who logs in by ssh, and what is told of it.
put_logins() {
	mkdir -p /run/sshd /usr/local/lib/bootstrap/plugins /etc/bootstrap
	install -o alice -g alice -m 600 /root/.ssh/id_ed25519 /home/alice/.ssh/
	python3 $PARTS/log_server.py >"$DIR/syslog.log" 2>&1 </dev/null &
	/usr/sbin/sshd
}

begin
mkdir -p "$WHERE"
chmod 1777 "$WHERE"
put_logins
put_programs
cd "$WHERE" || give_up "there is no place"
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
heading "Examples, as they stand in the documents"
fact "each does what it says" timeout 1500 \
	python3 -B -W error $PARTS/documents/run.py $PARTS/documents/texts "$WHERE"
fact "the kernel has nothing to complain about" taint_is_clean
verdict
