#!/usr/bin/env python3
"""Makes the corpora that fuzzing begins with, and a dictionary for each target, out of what the tests already hold.

    fuzz/seed.py                                # writes fuzz/corpus/, which is not committed

Texts come from testdata/, policies/ and the literals of tests/it/. A plan comes without the parts plangate does not read,
since small inputs are tried more often.
"""
import json, os, re, collections, hashlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CORPUS = os.path.join(ROOT, "fuzz", "corpus")
# By the reader of a server: the letter fuzz_targets/server.rs knows it by, and the tests whose literals are for it.
SERVERS = {
    "nginx": "n", "apache": "a", "javascript": "j", "headers": "j", "python": "p", "framework": "p", "puma": "ul",
    "spring": "rs", "other_formats": "yuehctvkmf", "folders": "0123456789BCD", "files_beside": "0123456789BCD",
}
PARTS = ("format_version", "terraform_version", "resource_changes", "prior_state", "configuration", "values", "variables")


def texts(folder, *endings):
    for at, folders, files in sorted(os.walk(os.path.join(ROOT, folder))):
        folders.sort()
        for name in sorted(files):
            if name.endswith(endings):
                with open(os.path.join(at, name), encoding="utf-8") as file:
                    yield os.path.relpath(os.path.join(at, name), ROOT), file.read()


def literals(path):
    """Each literal of a Rust file with the function it stands in."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = file.read()
    escape = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", '"': '"', "'": "'", "\\": "\\"}
    for function in re.split(r"^(?:pub(?:\(crate\))? )?fn ", text, flags=re.M)[1:]:
        name = re.match(r"\w+", function).group()
        for raw, plain in re.findall(r'r#"(.*?)"#|"((?:[^"\\]|\\.)*)"', function, flags=re.S):
            plain = re.sub(r"\\\n\s*", "", plain)
            plain = re.sub(r"\\u\{(\w+)\}", lambda found: chr(int(found[1], 16)), plain)
            yield name, raw or re.sub(r"\\(.)", lambda found: escape.get(found[1], ""), plain)


def smaller(plan):
    plan = {key: plan[key] for key in PARTS if key in plan}
    plan.get("configuration", {}).pop("provider_config", None)
    return json.dumps(plan, separators=(",", ":"))


class Target:
    def __init__(self, name):
        self.name, self.words = name, collections.Counter()
        self.folder = os.path.join(CORPUS, name)
        os.makedirs(self.folder, exist_ok=True)

    def add(self, text):
        data = text.encode()
        with open(os.path.join(self.folder, hashlib.sha1(data).hexdigest()), "wb") as file:
            file.write(data)
        self.words.update(set(re.findall(r"[A-Za-z_][A-Za-z0-9_:.-]{2,40}", text)))

    def finish(self):
        words = sorted(word for word, _ in self.words.most_common(400))
        with open(os.path.join(CORPUS, self.name + ".dict"), "w") as file:
            file.writelines(f'"{word}"\n' for word in words)
        print(f"{self.name}: {len(os.listdir(self.folder))} texts, {len(words)} words")


def main():
    names = "plan configuration template fix policy expression server settings exemptions user_data shell".split()
    targets = {name: Target(name) for name in names}
    configurations = [text for _, text in texts("testdata", ".tf")]
    templates = [text for _, text in texts("testdata", "template.yaml", "template.json", "change-set.json")]
    templates += [text for path, text in texts("testdata/templates", ".yaml")]
    for _, text in texts("testdata", "plan.json"):
        targets["plan"].add(smaller(json.loads(text)))
    for path, text in texts("policies", ".yaml"):
        targets["policy"].add(text)
        for block in re.findall(r"^    (terraform|cloudformation): \|\n((?:      .*\n|\n)+)", text, flags=re.M):
            example = re.sub(r"^      ", "", block[1], flags=re.M)
            (configurations if block[0] == "terraform" else templates).append(
                example if block[0] == "terraform" else "Resources:\n" + re.sub(r"^", "  ", example, flags=re.M)
            )
        for expression in re.findall(r"(?:expression|when): (.*)", text):
            targets["expression"].add("\x07" + expression.strip("'\""))
    for text in configurations:
        targets["configuration"].add(text)
        targets["fix"].add("t" + text)
    for text in templates:
        targets["template"].add(text)
        targets["fix"].add("c" + text)
    for path in ("tests/it/policy_language.rs", "tests/it/policy_truth.rs"):
        for _, text in literals(path):
            targets["expression"].add("\x07" + text)
    for path in ("tests/it/server_said.rs", "tests/it/server_backend.rs"):
        for function, text in literals(path):
            letters = next((letters for key, letters in SERVERS.items() if key in function), "")
            for letter in letters:
                targets["server"].add(letter + text)
    for function, text in literals("tests/it/server_machine.rs"):
        targets["user_data"].add(text)
        targets["shell"].add(text)
    for function, text in literals("tests/it/configuration_texts.rs"):
        targets["user_data"].add(text)
    for _, text in literals("tests/it/config_file.rs"):
        targets["settings"].add("c" + text)
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        targets["settings"].add("c" + re.search(r"```yaml\n(# plangate.yaml\n.*?)```", file.read(), re.S)[1])
    targets["settings"].add('b{"schema": "plangate/baseline/1", "findings": [{"policy": "a", "subject": "b", "verdict": "fail", "fingerprint": "0"}]}')
    for text in ('{"Parameters": {"Seconds": "5"}}', '[{"ParameterKey": "Names", "ParameterValue": "a,b"}]', '["Seconds=5"]'):
        targets["settings"].add("p" + text)
    for _, text in literals("tests/it/exemptions.rs"):
        for words in re.findall(r"plangate:ignore(.*)", text):
            targets["exemptions"].add(words)
    for target in targets.values():
        target.finish()


main()
