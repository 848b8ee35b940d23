"use strict";
// What the pages share: elements by their ids, the log of requests and answers, and the message to the player.
const $ = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Adds an entry to the log: a title, and what was sent or has come.
function logged(title, value) {
  if (!$("log").querySelector("details")) $("log").replaceChildren();
  const entry = document.createElement("details");
  const summary = document.createElement("summary");
  const add = (value) => {
    const text = document.createElement("pre");
    text.textContent = readable(value);
    entry.append(text);
  };
  summary.textContent = title;
  entry.append(summary);
  add(value);
  $("log").prepend(entry);
  while ($("log").childElementCount > 50) $("log").lastChild.remove();
  return { summary, add };
}

// Adds a request to the log, and returns how to add its answer.
function log(title, request) {
  const { summary, add } = logged(`${title} …`, request);
  return (status, answer, ms) => {
    const note = answer?.error?.code ?? answer?.Outcome ?? answer?.Status ?? "";
    summary.textContent = `${title} → ${status} ${note} (${ms.toFixed(0)} ms)`;
    summary.className = status < 300 ? "" : "bad";
    add(answer);
  };
}

// Offers and answers are JSON in a string; here their lines stand below each other.
function readable(value) {
  if (value === undefined || typeof value === "string") return value ?? "";
  return JSON.stringify(value, hidden, 2).replace(/\\\\r|\\r/g, "").replace(/\\\\n|\\n/g, "\n      ").replace(/\\"/g, '"');
}

// Tokens and secrets are shown nowhere: pictures of the page get around. The address of a socket has a token in it.
function hidden(name, value) {
  if (typeof value !== "string") return value;
  return /token|secret/i.test(name) ? "…" : value.replace(/([?&]token=)[^&]+/, "$1…");
}

function say(text, colour = "") {
  $("message").textContent = text;
  $("message").className = colour;
}
