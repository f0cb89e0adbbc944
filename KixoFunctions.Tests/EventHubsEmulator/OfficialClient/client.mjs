// The official Event Hubs client, driven by the tests: node client.mjs <command> <JSON arguments>. What a command returns is
// written as one line of JSON; what fails, as {"error": …} with the client's own code.
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { EventHubConsumerClient, EventHubProducerClient } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { ContainerClient } from "@azure/storage-blob";

const [command, json] = process.argv.slice(2);
const settings = JSON.parse(json);
const retryOptions = { maxRetries: settings.maxRetries ?? 0, retryDelayInMs: 100, timeoutInMs: 20_000 };

const producer = (options) => new EventHubProducerClient(settings.connectionString, settings.hub, { retryOptions, ...options });
const consumer = (store, loadBalancingOptions) => store
  ? new EventHubConsumerClient("$Default", settings.connectionString, settings.hub, store, { retryOptions, loadBalancingOptions })
  : new EventHubConsumerClient("$Default", settings.connectionString, settings.hub, { retryOptions });
const bodies = (events) => events.map((event) => event.body);
const say = (value) => console.log(JSON.stringify(value));

async function using(client, work) {
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Receives so many events, or what there is when no more come for twenty seconds. With a count of 0: what comes within a second. */
function receive(client, { position, count, partitionId = "0" }) {
  const received = [];
  let last = Date.now();
  return new Promise((resolve, reject) => {
    const subscription = client.subscribe(partitionId, {
      processEvents: async (events) => {
        received.push(...events);
        if (events.length > 0) last = Date.now();
        if (received.length >= count || Date.now() - last > 20_000) {
          await subscription.close();
          resolve(received);
        }
      },
      processError: async (error) => reject(error),
    }, { startPosition: position, maxWaitTimeInSeconds: 1 });
  });
}

const commands = {
  properties: () => using(producer(), async (client) => ({
    hub: await client.getEventHubProperties(),
    partition: await client.getPartitionProperties("0"),
  })),

  /** Each of settings.sends is one call: its events, and options such as partitionKey or partitionId. Tells how many each partition has then. */
  send: () => using(producer(), async (client) => {
    for (const { events, options } of settings.sends) await client.sendBatch(events.map((body) => ({ body })), options);
    const partitions = await Promise.all((await client.getPartitionIds()).map((id) => client.getPartitionProperties(id)));
    return { counts: partitions.map((partition) => partition.lastEnqueuedSequenceNumber + 1) };
  }),

  /** One event of each size, and an error for each that is refused. */
  sizes: () => using(producer(), async (client) => {
    const errors = [];
    for (const size of settings.sizes) {
      await client.sendBatch([{ body: Buffer.alloc(size, "x") }], { partitionId: "0" }).catch((error) => errors.push({ size, code: error.code, retryable: error.retryable }));
    }
    return { errors };
  }),

  /** A batch that the client fills up to the size that the emulator allows. */
  batch: () => using(producer(), async (client) => {
    const batch = await client.createBatch({ partitionId: "0" });
    while (batch.tryAdd({ body: "x".repeat(10_000) })) { /* until it is full */ }
    await client.sendBatch(batch);
    return { count: batch.count, maxSizeInBytes: batch.maxSizeInBytes };
  }),

  read: () => using(consumer(), async (client) => ({
    events: (await receive(client, { ...settings, position: { offset: "-1" } })).map(({ body, partitionKey, sequenceNumber }) =>
      ({ body: Buffer.isBuffer(body) ? `${body.length} bytes` : body, partitionKey, sequenceNumber })),
  })),

  /** Sends "0" to "4", and tells what comes from each kind of position. */
  positions: () => using(producer(), (sender) => using(consumer(), async (client) => {
    for (let number = 0; number < 5; number++) {
      await sender.sendBatch([{ body: `${number}` }], { partitionId: "0" });
      await setTimeout(20); // so that their times differ
    }
    const all = await receive(client, { position: { offset: "-1" }, count: 5 });
    const [, , { offset, sequenceNumber, enqueuedTimeUtc }] = all;
    const from = (position, count) => using(consumer(), async (another) => bodies(await receive(another, { position, count })).join(""));
    return Object.fromEntries(await Promise.all(Object.entries({
      earliest: [{ offset: "-1" }, 5],
      latest: [{ offset: "@latest" }, 0],
      offset: [{ offset }, 2],
      offsetInclusive: [{ offset, isInclusive: true }, 3],
      sequenceNumber: [{ sequenceNumber }, 2],
      sequenceNumberInclusive: [{ sequenceNumber, isInclusive: true }, 3],
      enqueuedOn: [{ enqueuedOn: enqueuedTimeUtc }, 2],
    }).map(async ([name, expected]) => [name, await from(...expected)])));
  })),

  /** The partition's end, as a receiver is told it with each event. */
  tracking: () => using(consumer(), (client) => new Promise((resolve, reject) => {
    const subscription = client.subscribe("0", {
      processEvents: async (_, { lastEnqueuedEventProperties }) => {
        await subscription.close();
        resolve(lastEnqueuedEventProperties);
      },
      processError: reject,
    }, { startPosition: { offset: "-1" }, maxBatchSize: 1, trackLastEnqueuedEventProperties: true });
  })),

  /** Two consumers of one partition: the errors of the one whose owner level is lower, before and after, and what the other gets. */
  ownerLevels: () => using(consumer(), async (other) => {
    const consume = (client, ownerLevel, processEvents, processError) =>
      client.subscribe("0", { processEvents, processError }, { ownerLevel, startPosition: { offset: "-1" }, maxWaitTimeInSeconds: 1 });
    const lower = (processEvents) => using(consumer(), (client) => new Promise((resolve) => {
      const subscription = consume(client, 1, processEvents, async ({ code, message }) => {
        await subscription.close();
        resolve({ code, message });
      });
    }));
    let higher;
    let received = 0;
    const count = async (events) => { received += events.length; };
    const disconnected = await lower(async () => { higher ??= consume(other, 2, count, async (error) => say({ error: error.code })); });
    const refused = await lower(async () => {});
    while (received < settings.count) await setTimeout(50);
    await higher.close();
    return { disconnected, refused, received };
  }),

  /** Connects, asks, and closes so many times. There are no retries: one that stalls is an error. */
  connects: async () => {
    let count = 0;
    for (; count < settings.count; count++) await using(producer(), (client) => client.getPartitionIds());
    return { count };
  },

  /** Says each body that comes, and sends each line that it is told. */
  follow: () => using(producer(), (sender) => using(consumer(), async (client) => {
    const subscription = client.subscribe("0", {
      processEvents: async (events) => bodies(events).forEach(say),
      processError: async () => { /* It connects again by itself. */ },
    }, { startPosition: { offset: "-1" }, maxWaitTimeInSeconds: 1 }); // a receiver notices a lost connection when its wait is over
    for await (const line of createInterface({ input: process.stdin })) await sender.sendBatch([{ body: line }], { partitionId: "0" });
    await subscription.close();
  })),

  /** A member of a consumer group with its checkpoints in Blob Storage: takes so many events, checkpoints each, and leaves. */
  member: async () => {
    const container = new ContainerClient(settings.storage, "checkpoints");
    await container.createIfNotExists();
    return using(consumer(new BlobCheckpointStore(container), { strategy: "greedy", updateIntervalInMs: 500 }), async (client) => {
      const received = [];
      await new Promise((resolve, reject) => client.subscribe({
        processEvents: async (events, context) => {
          for (const event of events.slice(0, settings.count - received.length)) {
            received.push(event.body);
            await context.updateCheckpoint(event);
          }
          if (received.length === settings.count) resolve();
        },
        processError: async (error) => reject(error),
      }, { startPosition: { offset: "-1" } }));
      return { received };
    });
  },
};

try {
  say((await commands[command]()) ?? {});
} catch (error) {
  say({ error: { code: error.code, name: error.name, message: error.message, retryable: error.retryable } });
}
process.exit(); // whatever a client that failed still waits for
