// Shows what /live/stream sends. What clients sent is only ever set as text.

const MAX_EVENTS = 500, MAX_REFUSED = 100, SECONDS = 60;

const $ = selector => document.querySelector(selector);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const count = number => number.toLocaleString("en");
const clock = instant => new Date(instant).toISOString().slice(11, 23);

let hello = { apps: [], project: "", key: "" };
let paused = false, skipped = 0;

const stream = new EventSource("/live/stream");
const on = (type, show) => stream.addEventListener(type, message => show(JSON.parse(message.data)));

stream.onerror = () => state("lost", "the local run has stopped: waiting for it …");
on("hello", data => {
  hello = data;
  state("live", "live");
  $("#endpoint").textContent = data.apps.length ? data.apps.map(app => `POST ${app}/v1/batch`).join("  ")
    : "The app was started otherwise: events are shown, answers and rates are not.";
  if (!$("textarea").value) $("textarea").value = example();
  $("[type=submit]").disabled = !data.apps.length;
});
on("broken", data => state("lost", data.message));
on("events", showEvents);
on("answer", showAnswer);
on("counters", showCounters);

function state(name, text) {
  $("#state").className = name;
  $("#state").textContent = text;
}

// Events

function showEvents({ events, skipped: more }) {
  skipped += more + (paused ? events.length : 0);
  $("#skipped").textContent = skipped ? `${count(skipped)} more not shown` : "";
  if (paused) return;
  const body = $("tbody");
  body.prepend(...events.reverse().map(row));
  while (body.rows.length > MAX_EVENTS) body.lastElementChild.remove();
}

function row(event) {
  const cells = [clock(event.received_at), event.event_type, event.event_name, event.platform, event.device_id, event.session_id, event.project_id];
  const row = make("tr", { className: "event", tabIndex: 0 }, ...cells.map(text => make("td", { textContent: text, title: text })));
  row.json = JSON.stringify(event, null, 2);
  row.hidden = !matches(row);
  return row;
}

const matches = row => row.textContent.toLowerCase().includes($("#filter").value.trim().toLowerCase());

function toggle(row) {
  if (row.nextElementSibling?.className === "detail") row.nextElementSibling.remove();
  else row.after(make("tr", { className: "detail" }, make("td", { colSpan: 7 }, make("pre", { textContent: row.json }))));
}

$("tbody").addEventListener("click", click => { const row = click.target.closest("tr.event"); if (row) toggle(row); });
$("tbody").addEventListener("keydown", key => { if (key.key === "Enter" && key.target.matches("tr.event")) toggle(key.target); });
$("#filter").addEventListener("input", () => {
  document.querySelectorAll("tr.detail").forEach(row => row.remove());
  document.querySelectorAll("tr.event").forEach(row => { row.hidden = !matches(row); });
});
$("#pause").addEventListener("click", click => {
  paused = !paused;
  click.target.setAttribute("aria-pressed", paused);
  click.target.textContent = paused ? "Go on" : "Pause";
});
$("#clear").addEventListener("click", () => {
  $("tbody").replaceChildren();
  $("ol").replaceChildren();
  $("#skipped").textContent = "";
  skipped = 0;
});

// Answers

function showAnswer(answer) {
  const body = parse(answer.body);
  if (answer.method !== "POST" || (answer.status === 200 && !body?.rejected)) return;
  const what = answer.status === 200 ? `${count(body.rejected)} of ${count(body.accepted + body.rejected)} events rejected` : body?.message ?? "";
  const reasons = (body?.errors ?? []).map(error => make("li", {},
    error.index === undefined ? "" : `event ${error.index}: `, make("code", { textContent: error.code }), ` ${error.message}`));
  const list = $("ol");
  list.prepend(make("li", {},
    make("small", { textContent: `${clock(answer.at)} ` }), make("b", { textContent: `${answer.status} ${body?.code ?? ""} ` }), what,
    make("ul", {}, ...reasons)));
  while (list.children.length > MAX_REFUSED) list.lastElementChild.remove();
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

// Rates: totals come each second, a chart has the last minute's differences.

let totals = null;
const history = {};

function showCounters(now) {
  for (const figure of document.querySelectorAll("figure")) {
    const name = figure.dataset.counter;
    const rate = totals ? Math.max(0, now[name] - totals[name]) : 0;
    const points = history[name] = [...(history[name] ?? Array(SECONDS).fill(0)), rate].slice(-SECONDS);
    figure.querySelector("output").replaceChildren(count(rate), make("small", { textContent: ` /s · ${count(now[name])} in all` }));
    draw(figure.querySelector("svg"), points);
  }
  totals = now;
}

function draw(svg, points) {
  const most = Math.max(1, ...points), last = points.length - 1;
  svg.setAttribute("viewBox", `0 0 ${last} 1`);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M0 1 ${points.map((point, i) => `L${i} ${1 - point / most}`).join(" ")} L${last} 1 Z`);
  svg.replaceChildren(path);
}

// Sending

const batch = events => JSON.stringify({
  project_id: hello.project, api_key: hello.key, bundle_id: "com.example.app", platform: "web",
  sent_at: new Date().toISOString(), batch: events,
}, null, 2);

const event = (name, more = {}) => ({
  event_type: "page_view", event_name: name, device_id: "d_001", session_id: "s_001", timestamp: new Date().toISOString(), ...more,
});

const example = () => batch([event("/pricing", { properties: { referrer: "https://google.com" } })]);

const mistake = () => batch([event("/good"), event("/when?", { timestamp: "yesterday" }), event("/who?", { device_id: undefined })]);

$("#example").addEventListener("click", () => { $("textarea").value = example(); });
$("#mistake").addEventListener("click", () => { $("textarea").value = mistake(); });
$("form").addEventListener("submit", async submit => {
  submit.preventDefault();
  const shown = $("#answer"), start = performance.now();
  try {
    const answer = await fetch(`${hello.apps[0]}/v1/batch`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: $("textarea").value,
    });
    const text = await answer.text();
    shown.className = answer.ok ? "good" : "bad";
    shown.textContent = `${answer.status} after ${Math.round(performance.now() - start)} ms\n${JSON.stringify(parse(text) ?? text, null, 2)}`;
  } catch (error) {
    shown.className = "bad";
    shown.textContent = `No answer: ${error.message}`;
  }
});
