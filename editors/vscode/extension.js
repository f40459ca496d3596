// Start `arkes-build lsp` for Systemfiles, Containerfiles and arkes.toml, and hand everything to it.
"use strict";

const { commands, window, workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const FILES = [
  { language: "systemfile" },
  { language: "dockerfile", pattern: "**/*{Systemfile,Containerfile}" },
  { scheme: "file", pattern: "**/arkes.toml" },
];

let client;

function start() {
  const settings = workspace.getConfiguration("arkes");
  const [command, ...args] = settings.get("command");
  const server = {
    command,
    args: [...args, "--log-level", settings.get("logLevel")],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient("arkes", "Arkēs", server, { documentSelector: FILES });
  return client.start().catch((error) => {
    window.showErrorMessage(
      `Arkēs: ${command} does not start (${error.message}). The setting arkes.command says which program it is.`,
    );
  });
}

async function stop() {
  const running = client;
  client = undefined;
  if (running && running.isRunning()) {
    await running.stop();
  }
}

async function restart() {
  await stop();
  await start();
}

function activate(context) {
  context.subscriptions.push(
    commands.registerCommand("arkes.restart", restart),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("arkes")) {
        restart();
      }
    }),
  );
  return start();
}

module.exports = { activate, deactivate: stop };
