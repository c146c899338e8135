#!/usr/bin/env python3
"""One table of what plangate costs: CPU time and peak memory of whole runs of `plangate check`, and of one pass in which
serde_json only skips over the same file, in the same run.

    cargo build --release && benches/table.py                 # plans of 30 to 100 000 changes, made here
    benches/table.py --million                                # and one of 1 000 000: takes 3 GB of disk
    benches/table.py plan.json more.json                      # and files of yours

CPU is user + system; of several runs the least is shown. Anonymous memory is what the program itself took, without the
file, which large plans are mapped from. Linux only: it reads /proc.
"""
import argparse, json, os, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def plan(changes, path):
    """Writes a plan of at least so many changes: testdata/fargate, put many times into modules."""
    with open(os.path.join(ROOT, "testdata/fargate/plan.json")) as file:
        stack = json.load(file)
    module = json.dumps(stack["configuration"]["root_module"], separators=(",", ":"))
    own = [json.dumps(one, separators=(",", ":")) for one in stack["resource_changes"]]
    addresses = [(json.dumps(one["address"]), json.dumps("module.@." + one["address"])) for one in stack["resource_changes"]]
    made = [
        text.replace('"address":' + old, '"address":' + new + ',"module_address":"module.@"', 1)
        for text, (old, new) in zip(own, addresses)
    ]
    stacks = -(-changes // len(own))
    names = [f"stack_{at:06}" for at in range(stacks)]
    with open(path, "w") as file:
        file.write('{"format_version":"1.2","resource_changes":[')
        for at, name in enumerate(names):
            file.write(("," if at else "") + ",".join(text.replace("module.@", "module." + name) for text in made))
        file.write('],"configuration":{"root_module":{"module_calls":{')
        for at, name in enumerate(names):
            file.write(("," if at else "") + json.dumps(name) + ':{"module":' + module + "}")
        file.write('}}},"complete":true}')
    return stacks * len(own)


def run(command):
    """CPU seconds, wall seconds, peak anonymous MB and peak MB of one run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    anonymous = 0
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        try:
            with open(f"/proc/{process.pid}/status") as status:
                found = [line.split()[1] for line in status if line.startswith("RssAnon")]
            anonymous = max([anonymous] + [int(one) for one in found])
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.002)
    process.returncode = 0
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began, anonymous / 1024, usage.ru_maxrss / 1024


def least(command, times):
    return tuple(min(column) for column in zip(*(run(command) for _ in range(times))))


def yardstick():
    """The program that only skips."""
    built = subprocess.run(
        ["cargo", "bench", "--bench", "skip", "--no-run", "--message-format=json"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )
    for line in built.stdout.splitlines():
        told = json.loads(line)
        if told.get("executable") and told.get("target", {}).get("name") == "skip":
            return told["executable"]
    sys.exit("cargo built no yardstick")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--program", default=os.path.join(ROOT, "target/release/plangate"))
    parser.add_argument("--skip", help="the yardstick, when it is built already")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    skip = asked.skip or yardstick()
    sizes = [30, 1_000, 10_000, 100_000] + ([1_000_000] if asked.million else [])
    print("| plan | MB | plangate CPU s | wall s | anonymous MB | peak MB | skipping CPU s | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")

    def row(name, path):
        cpu, wall, anonymous, peak = least([asked.program, "check", path], asked.times)
        skipping = least([skip, path], asked.times)[0]
        ratio = f"{cpu / skipping:.1f}" if skipping >= 0.01 else "-"
        size = os.path.getsize(path) / 1e6
        print(f"| {name} | {size:.1f} | {cpu:.3f} | {wall:.3f} | {anonymous:.0f} | {peak:.0f} | {skipping:.3f} | {ratio} |", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = os.path.join(folder, "plan.json")
            row(f"{plan(size, path):,} changes", path)
    for path in asked.files:
        row(os.path.basename(path), path)


if __name__ == "__main__":
    main()
