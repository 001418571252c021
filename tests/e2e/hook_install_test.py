#!/usr/bin/python3
"""`eventlog hook install` and `uninstall` with an agent's real files: what is installed is run as an agent runs it."""

import json
import os
import re
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEST_SRCDIR"], "eventlog/tests/support/harness"))
from hooks import Hooks, payload_of  # noqa: E402
from log_client import LogClient  # noqa: E402
from processes import ProcessTest  # noqa: E402
from services import EventLogService  # noqa: E402
from terminal import Terminal  # noqa: E402

HOOKS = ["PreToolUse", "PostToolUse", "Stop", "SubagentStop", "SessionStart", "SessionEnd", "UserPromptSubmit",
         "PermissionRequest", "Notification", "PreCompact"]
USERS = """{
\t"$schema": "https://example.org/settings.json",
\t"permissions": {"allow": ["Bash(ls:*)"], "n": 1.0},
\t"hooks": {
\t\t"Stop": [
\t\t\t{"hooks": [{"type": "command", "command": "say \\u0022done\\u0022"}]}
\t\t]
\t},
\t"model": "large"
}
"""
DONE, REFUSED, WRONG_COMMAND_LINE = 0, 1, 2


class HookInstallTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = EventLogService(self)
        self.hooks = Hooks(self, self.log.grpc)
        self.settings = os.path.join(self.folder, ".claude/settings.json")

    def call(self, *arguments, code=DONE, cwd=None):
        result = subprocess.run(self.hooks.command(*arguments), capture_output=True, text=True, check=False,
                                env=self.hooks.environment, cwd=cwd or self.folder)
        self.assertEqual(code, result.returncode, result.stderr)
        return result.stdout if code == DONE else result.stderr

    def write(self, text, path=None):
        os.makedirs(os.path.dirname(path or self.settings), exist_ok=True)
        with open(path or self.settings, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def read(self, path=None):
        with open(path or self.settings, encoding="utf-8", newline="") as file:
            return file.read()

    def test_what_is_installed_is_what_an_agent_runs(self):
        self.assertEqual({"settings": self.settings, "changed": True}, json.loads(self.call("install")))
        hooks = json.loads(self.read())["hooks"]
        self.assertEqual(HOOKS, list(hooks))
        for name, groups in hooks.items():
            (entry,) = groups[0]["hooks"]
            self.assertEqual(("command", 10), (entry["type"], entry["timeout"]))
            # In any folder, and with nothing of ours in the environment but the place of the spool.
            environment = {key: self.hooks.environment[key] for key in self.hooks.environment
                           if key.startswith("EVENTLOG_SPOOL")}
            ran = subprocess.run(["sh", "-c", entry["command"]], input=payload_of(name), capture_output=True, cwd="/",
                                 env={**environment, "PATH": os.environ["PATH"]}, check=False)
            self.assertEqual((0, b"", b""), (ran.returncode, ran.stdout, ran.stderr))
        self.hooks.flush()
        sent = [record.event for record in LogClient(self.log.grpc).read_from(0)]
        self.assertEqual(HOOKS, [json.loads(event.text)["hook_event_name"] for event in sent])

    def test_users_settings_are_there_again_after_uninstall(self):
        self.write(USERS)
        os.chmod(self.settings, 0o640)
        before = os.stat(self.settings)
        self.call("install")
        installed = self.read()
        self.assertEqual({"settings": self.settings, "changed": False}, json.loads(self.call("install")))
        self.assertEqual(installed, self.read())
        parsed, users = json.loads(installed), json.loads(USERS)
        self.assertEqual(list(users), list(parsed))
        self.assertEqual(users["hooks"]["Stop"], parsed["hooks"]["Stop"][:1])
        self.assertIn("\n\t\t\t{\n\t\t\t\t\"hooks\": [", installed)
        self.call("uninstall")
        self.assertEqual(USERS, self.read())
        after = os.stat(self.settings)
        self.assertEqual((0o640, before.st_uid, before.st_gid),
                         (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid))
        self.assertEqual(["settings.json"], os.listdir(os.path.dirname(self.settings)))

    def test_link_stays_a_link(self):
        real = os.path.join(self.folder, "dotfiles/claude.json")
        self.write(USERS, real)
        os.makedirs(os.path.dirname(self.settings))
        os.symlink("../dotfiles/claude.json", self.settings)
        self.call("install")
        self.assertTrue(os.path.islink(self.settings))
        self.assertIn("PreToolUse", self.read(real))
        self.call("uninstall")
        self.assertEqual(USERS, self.read(real))

    def test_project_and_named_file(self):
        project = os.path.join(self.folder, "project")
        os.makedirs(project)
        self.call("install", "--project", "--log=mine", "--timeout_s=3", cwd=project)
        mine = os.path.join(project, ".claude/settings.json")
        entry = json.loads(self.read(mine))["hooks"]["Stop"][0]["hooks"][0]
        self.assertEqual(3, entry["timeout"])
        self.assertTrue(entry["command"].endswith(f" hook --server={self.log.grpc} --log=mine"), entry)
        self.assertFalse(os.path.exists(self.settings))
        self.call("uninstall", f"--settings={mine}")
        self.assertEqual("{}\n", self.read(mine))

    def test_another_server_takes_the_place_of_the_old_one(self):
        self.write(USERS)
        self.call("install", "--server=old:1")
        self.call("install")
        installed = self.read()
        self.assertNotIn("old:1", installed)
        self.assertEqual(10, installed.count("eventlog hook"))

    def test_the_configuration_file_that_is_named_is_the_hooks_own(self):
        mine = os.path.join(self.folder, "mine")
        self.write("color = never\n", mine)
        self.call("install", "--config=mine")
        (entry,) = json.loads(self.read())["hooks"]["Stop"][0]["hooks"]
        self.assertTrue(entry["command"].endswith(f" hook --server={self.log.grpc} --config={mine}"), entry)
        self.call("uninstall")
        self.assertEqual({}, json.loads(self.read()))

    def test_a_wrong_configuration_file_is_told_and_hinders_neither(self):
        self.write("sevrer = a:1\n", os.path.join(self.folder, ".config/eventlog/config"))
        installed = subprocess.run(self.hooks.command("install"), capture_output=True, text=True, check=False,
                                   timeout=120, env=self.hooks.environment, cwd=self.folder)
        self.assertEqual(DONE, installed.returncode, installed.stderr)
        self.assertRegex(installed.stderr, r"^eventlog hook install: warning: left out: .*/config:1: \"sevrer\" is not "
                                           r"known.*\n$")
        (entry,) = json.loads(self.read())["hooks"]["Stop"][0]["hooks"]
        self.assertTrue(entry["command"].endswith(f" hook --server={self.log.grpc}"), entry)
        self.call("uninstall")
        self.assertEqual({}, json.loads(self.read()))

    def test_malformed_settings_are_left_as_they_are(self):
        for text, words in ((USERS[:-3] + ",\n}\n", "line 10, column 1"), ("[]", "no JSON object"),
                            ("// mine\n{}", "line 1, column 1")):
            self.write(text)
            for command in ("install", "uninstall"):
                error = self.call(command, code=REFUSED)
                self.assertIn(words, error)
                self.assertIn(self.settings, error)
                self.assertEqual(1, error.count("\n"))
                self.assertEqual(text, self.read())

    def test_dry_run_shows_what_would_change(self):
        self.write(USERS)
        diff = json.loads(self.call("install", "--dry_run"))["diff"]
        self.assertEqual(USERS, self.read())
        self.assertIn("\n+\t\t\"PreToolUse\": [\n", diff)
        added = [line[1:] for line in diff.splitlines() if line.startswith("+")]
        self.call("install")
        self.assertLess(set(added), set(self.read().splitlines()))

    def test_the_users_settings_command_no_terminal(self):
        self.write('{"model": "x\x9b31m\x7f"}\n')
        for flags in ((), ("--json",)):
            terminal = Terminal(self, self.hooks.command("install", "--dry_run", *flags), env=self.hooks.environment,
                                cwd=self.folder, rows=200, columns=200)
            self.assertEqual(DONE, terminal.wait(), terminal.screen())
            text = bytes(terminal.raw).decode()
            self.assertEqual(set(), set(re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)))
            self.assertIn(r"x\u009b31m\u007f", text)

    def test_folder_that_cannot_be_written_is_said(self):
        self.write("", os.path.join(self.folder, "file"))
        self.assertIn("file", self.call("install", f"--settings={self.folder}/file/settings.json", code=REFUSED))
        self.assertIn("right is", self.call("install", "--settings=x", "--project", code=WRONG_COMMAND_LINE))


if __name__ == "__main__":
    unittest.main()
