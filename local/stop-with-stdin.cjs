// Loaded into Azurite's process by the local run (node --require). Ends it when its standard input does, so that it never
// outlives the process that started it, and leaves Ctrl+C to that process: it stops the app first, which still writes here.
const once = process.once.bind(process);
process.once = (event, listener) => (event === "SIGINT" ? process : once(event, listener));
process.on("SIGINT", () => {});

process.stdin.on("end", () => {
  process.emit("SIGTERM"); // Azurite saves its state and closes
  setTimeout(() => process.exit(0), 5000).unref();
});
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
