#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The guest in which programs that know nothing of names serve some: their
# listeners are receive rights. They run outside of all logins; alice, who uses
# them, is logged in.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
PARTS=/usr/lib/bootstrap
DIR=/run/programs

# shellcheck source=facts.sh
. $PARTS/facts.sh

# as_alice COMMAND...: in a login session.
as_alice() {
	bootstrapctl login alice -- "$@"
}

# fetch NAME: what is served there by HTTP.
fetch() {
	# shellcheck disable=SC2016 # the inner shell expands it
	as_alice sh -c 'printf "GET /page HTTP/1.0\r\n\r\n" |
		timeout 30 bootstrapctl connect "$1"' sh "$1" | tail -n 1
}

# launch LOG COMMAND...: in the background, until the end.
launch() {
	"${@:2}" >"$DIR/$1.log" 2>&1 </dev/null &
}

# declared NAME: waits until it can be looked up.
declared() {
	bootstrapctl wait "$1" --timeout 30
}

show_nginx() {
	heading "nginx, which takes listeners by its variable NGINX"
	cat >"$DIR/nginx.conf" <<-END
		error_log stderr;
		pid $DIR/nginx.pid;
		daemon off;
		worker_processes 2;
		events { }
		http {
			access_log off;
			server {
				listen unix:/bootstrap/org.example.web;
				root /srv;
			}
		}
	END
	launch nginx bootstrapctl activate --env 'NGINX=3;' org.example.web -- \
		nginx -c "$DIR/nginx.conf"
	declared org.example.web
	fact "it does not run before somebody asks" says "" pgrep nginx
	fact "alice gets the page" says "the page" fetch org.example.web
	fact "it runs now" pgrep -x nginx
	fact "and again" says "the page" fetch org.example.web
}

show_python() {
	heading "Python's http.server and asyncio, on descriptor 3"
	launch http bootstrapctl activate org.example.http -- \
		python3 $PARTS/http_server.py
	launch asyncio bootstrapctl activate org.example.lines -- \
		python3 $PARTS/asyncio_server.py
	declared org.example.http
	declared org.example.lines
	fact "alice gets the page of http.server" says "the page" \
		fetch org.example.http
	fact "alice gets an answer of asyncio's" as_alice sh -c \
		'echo hello | timeout 30 bootstrapctl connect org.example.lines |
			grep -q "^[0-9]* hello$"'
}

# tested LOG COMMAND...: says why not, if it fails.
tested() {
	"${@:2}" >"$DIR/$1.log" 2>&1 || { cat "$DIR/$1.log"; return 1; }
}

show_bindings() {
	heading "The Python package"
	fact "each call, and each error" tested device \
		timeout 300 python3 -B -W error $PARTS/python/test_device.py
	fact "inside a login: deferrals and logouts" tested inside \
		as_alice timeout 300 python3 -B -W error $PARTS/python/test_session.py
}

show_sshd() {
	heading "sshd -i, started for each connection"
	mkdir -p /run/sshd
	launch sshd bootstrapctl serve org.example.ssh -- /usr/sbin/sshd -i
	declared org.example.ssh
	fact "a login by way of the name" says alice ssh -o BatchMode=yes \
		-o ProxyCommand="bootstrapctl connect org.example.ssh" \
		alice@localhost id -un
}

show_end() {
	heading "All end, the module is unloaded"
	# shellcheck disable=SC2046 # words are meant
	kill $(jobs -p)
	wait
	fact "nginx ended with its launcher" says "" pgrep nginx
	fact "the module can be unloaded" unload
	fact "the kernel has nothing to complain about" taint_is_clean
}

begin
mkdir -p /srv
echo "the page" >/srv/page
show_nginx
show_python
show_bindings
show_sshd
show_end
verdict
