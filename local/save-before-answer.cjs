// Loaded into Azurite's process (node --require) by tests that kill it. Azurite keeps what is where in memory and saves it every
// five seconds, so that a kill takes back what it has acknowledged; Azure Storage never does. Here no answer leaves before all
// that had changed until then is in the files: one save serves every answer that waits. Reads wait too, for what they saw must
// not be taken back either. The price is that of writing all of it again each time, so this is for small accounts.
const { rename, writeFile } = require("node:fs/promises");
const { ServerResponse } = require("node:http");
const Loki = require("lokijs");

const databases = [];
let saving = Promise.resolve(); // the save that runs, or ran last
let next = null; // the one that begins when that has ended

// In place of the timer. Still marked as saving by itself, so that it saves what is left when it closes.
Loki.prototype.autosaveEnable = function () {
  this.autosave = true;
  databases.push(this);
};

async function save() {
  // All copies are of one moment. Extents come first: the others refer to them.
  const copies = databases
    .filter((database) => database.autosaveDirty())
    .sort((a, b) => b.filename.includes("extent") - a.filename.includes("extent"))
    .map((database) => {
      database.autosaveClearFlags();
      return [database.filename, database.serialize()];
    });
  for (const [file, copy] of copies) {
    await writeFile(`${file}.new`, copy);
    await rename(`${file}.new`, file);
  }
}

function saved() {
  if (!next && databases.some((database) => database.autosaveDirty())) {
    next = saving.then(() => {
      next = null;
      return (saving = save());
    });
  }
  return next ?? saving;
}

const { write, end } = ServerResponse.prototype;
const held = new WeakMap();

ServerResponse.prototype.write = function (...body) {
  if (!held.has(this)) {
    held.set(this, []);
  }
  held.get(this).push(body);
  return true;
};

ServerResponse.prototype.end = function (...last) {
  saved().then(
    () => {
      for (const body of held.get(this) ?? []) {
        write.apply(this, body);
      }
      held.delete(this);
      end.apply(this, last);
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
  return this;
};
