#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tables, a plot, bench.json and the comparison with the baseline of what
benchmarks print: lines "KEY FIGURE SPREAD"."""
import argparse
import json
import os
import subprocess
import sys

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "baseline.json")
TOLERANCE = 1.03
CONTROL = 1.8

# What is compared with what, and what the ratio may be at most.
TARGETS = [
    ("look-up + close ÷ dup + close", "look_up_close", "dup_close", 1.9),
    ("the same through three levels", "look_up_close_3_levels", "dup_close",
     2.3),
    ("look-up + close ÷ AF_UNIX broker", "look_up_close", "broker_look_up",
     1 / 10),
    ("÷ binder", "look_up_close", "binder_look_up", 1 / 12),
    ("÷ s6-fdholderd", "look_up_close", "s6_look_up", 1 / 18),
    ("÷ dbus-broker", "look_up_close", "dbus_broker_look_up", 1 / 33),
    ("÷ dbus-daemon", "look_up_close", "dbus_daemon_look_up", 1 / 70),
    ("÷ open + close of a file in tmpfs", "look_up_close", "tmpfs_open_close",
     1 / 3.5),
    ("connection to a service ÷ socketpair", "service_connect",
     "socketpair_close", 1.35),
    ("÷ connect and accept by path", "service_connect", "unix_path_connect",
     1.10),
    ("register + unregister ÷ tmpfs create + unlink", "register_unregister",
     "tmpfs_create_unlink", 1 / 4),
    ("÷ AF_UNIX broker", "register_unregister", "broker_register", 1 / 8),
    ("look-up at 1,000,000 names ÷ at 10", "look_up_close_1000000_names",
     "look_up_close", 1.05),
    ("at 1,000 sessions ÷ at 1", "look_up_close_1000_sessions",
     "look_up_close", 1.05),
    ("look-up of 20 in one call ÷ in 20", "look_up_array_20",
     "look_up_20_times", 0.65),
    ("fork + exit + wait with the module ÷ without", "fork_exit_module",
     "fork_exit", 1.01),
]
# A figure by itself, and whether it is to be at most or at least that.
LIMITS = [
    ("memory for a name, at 1,000,000 of 25 bytes", "bytes_per_name", 192, -1),
    ("timers and work items in an idle minute", "idle_wakeups", 0, -1),
    ("two processors, one name: times as many look-ups",
     "scale_look_up_same", CONTROL, 1),
    ("two processors, two names", "scale_look_up_different", CONTROL, 1),
    ("a reader beside a writer takes times as long", "writer_slowdown", 1.10,
     -1),
]
# What the figure is where it is neither instructions nor time.
UNITS = {
    "bytes_per_name": "bytes",
    "idle_wakeups": "times",
    "scale_control": "factor",
    "scale_look_up_same": "factor",
    "scale_look_up_different": "factor",
    "writer_slowdown": "factor",
}
# What the short comparison looks at, and the floor that it is seen against.
FLOORS = {
    "look_up_close": "dup_close",
    "look_up_close_3_levels": "dup_close",
    "look_up_close_1000_names": "dup_close",
    "look_up_miss": "dup_close",
    "look_up_array_20": "dup_close",
    "look_up_20_times": "dup_close",
    "library_look_up_close": "dup_close",
    "register_unregister": "dup_close",
    "watch_event": "dup_close",
    "session_query": "dup_close",
    "list_1000": "dup_close",
    "service_connect": "socketpair_close",
    "check_in_close": "socketpair_close",
}
GROWTH = [(10, "look_up_close"), (1000, "look_up_close_1000_names"),
          (100000, "look_up_close_100000_names"),
          (1000000, "look_up_close_1000000_names")]


def read(paths):
    figures = {}
    for path in paths:
        with open(path, encoding="ascii") as file:
            for line in file:
                key, figure, spread = line.split()
                figures[key] = (float(figure), float(spread))
    del figures["done"]
    return figures


def print_figures(figures, unit):
    print(f"| figure | {unit} | spread, % |")
    print("|---|---:|---:|")
    for key, (figure, spread) in figures.items():
        if key in UNITS:
            print(f"| {key} ({UNITS[key]}) | {figure:.4g} | {spread:.1f} |")
        else:
            print(f"| {key} | {figure:,.0f} | {spread:.1f} |")


def fraction(value):
    return f"1/{1 / value:.3g}" if value < 0.5 else f"{value:.3g}"


def print_row(title, figure, limit, sense):
    met = figure * sense >= limit * sense
    bound = "at least" if sense > 0 else "at most"
    shown = fraction(figure) if figure else "0"
    print(f"| {title} | **{shown}** | {bound} "
          f"{fraction(limit) if limit else 0} | {'yes' if met else 'NO'} |")
    return met


def print_targets(figures):
    missed = 0
    print("| measure | figure | target | met |")
    print("|---|---|---|---|")
    for title, key, base, limit in TARGETS:
        if key in figures and base in figures:
            ratio = figures[key][0] / figures[base][0]
            missed += not print_row(title, ratio, limit, -1)
    valid = figures.get("scale_control", (0,))[0] >= CONTROL
    for title, key, limit, sense in LIMITS:
        if key in figures and (valid or UNITS[key] != "factor"):
            missed += not print_row(title, figures[key][0], limit, sense)
    if "scale_control" in figures and not valid:
        print(f"\nTwo processors do {figures['scale_control'][0]:.2f} times "
              f"what one does here, not {CONTROL}: what was measured with two "
              "says nothing.")
    return missed


def write_json(path, figures, unit):
    result = {}
    for key, (figure, spread) in figures.items():
        if UNITS.get(key) == "bytes":
            result[key] = {"bytes": figure}
        else:
            result[key] = {"instructions": figure, "spread": spread}
            if key in UNITS or unit != "instructions":
                result[key]["unit"] = UNITS.get(key, unit)
    with open(path, "w", encoding="ascii") as file:
        json.dump(result, file, indent="\t")
        file.write("\n")


def plot(name, figures, unit):
    with open(f"{name}.dat", "w", encoding="ascii") as file:
        for names, key in GROWTH:
            file.write(f"{names} {figures[key][0]}\n")
    script = f"""
        set terminal svg size 640,400
        set output "{name}.svg"
        set logscale x
        set yrange [0:*]
        set xlabel "names"
        set ylabel "{unit}"
        set key bottom
        plot "{name}.dat" with linespoints title "look-up + close", \\
            {figures["dup_close"][0]} title "dup + close", \\
            {figures["tmpfs_open_close"][0]} title "open + close in tmpfs"
    """
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def ratios(figures):
    return {key: round(figures[key][0] / figures[base][0], 4)
            for key, base in FLOORS.items()}


def baseline(how, kernel, figures):
    with open(BASELINE, encoding="ascii") as file:
        kept = json.load(file)
    now = ratios(figures)
    if how == "write":
        kept[kernel] = now
        with open(BASELINE, "w", encoding="ascii") as file:
            json.dump(kept, file, indent="\t", sort_keys=True)
            file.write("\n")
        return 0
    if kernel not in kept:
        print(f"there is no baseline for kernel {kernel}")
        return 2
    regressions = 0
    for key, ratio in now.items():
        before = kept[kernel][key]
        worse = ratio > before * TOLERANCE
        regressions += worse
        print(f"{key} ÷ {FLOORS[key]}: {ratio}, the baseline {before}"
              f"{': a regression' if worse else ''}")
    print(f"bench: {len(now)} ratios, {regressions} regressions")
    return 1 if regressions else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("results", nargs="+")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--baseline", choices=("check", "write"))
    parser.add_argument("--unit", default="instructions")
    parser.add_argument("--json")
    parser.add_argument("--plot")
    args = parser.parse_args()
    figures = read(args.results)
    if args.baseline:
        return baseline(args.baseline, args.kernel, figures)
    write_json(args.json, figures, args.unit)
    plot(args.plot, figures, args.unit)
    print_figures(figures, args.unit)
    print()
    missed = print_targets(figures)
    print(f"\n{missed} targets missed" if missed else "\nall targets met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
