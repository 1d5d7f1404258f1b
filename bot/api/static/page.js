// The chat page: shows the conversation so far, sends what the visitor types, shows the answer as it streams in.
// Whatever was said enters the page through textContent.

import "./vendor/deep-chat/deepChat.bundle.js";
import { forget, keep, unanswered } from "./pending.js";
import { installPlainText } from "./plain.js";
import { dress } from "./theme.js";

const TRIES = 10;
const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

async function fetchJson(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

function element(kind, classes, text = "") {
  const made = document.createElement(kind);
  made.className = classes;
  made.textContent = text;
  return made;
}

function offer(questions, hint = "") {
  const list = element("div", "offer");
  if (hint) list.append(element("span", "hint", hint));
  for (const question of questions) {
    const button = element("button", "question", question);
    button.type = "button";
    list.append(button);
  }
  return { role: "ai", html: list.outerHTML };
}

// Where an answer comes from, and what the visitor thinks of it.
function source(reply, labels, id) {
  const label = labels.sources[reply.source];
  if (!label) return null;
  const documents = (reply.documents ?? []).join(" · ");
  const line = element("div", "source", documents ? `${label} · ${documents}` : label);
  for (const [rating, words] of Object.entries(labels.ratings)) {
    const button = element("button", "rating", words);
    button.type = "button";
    Object.assign(button.dataset, { rating, id });
    line.append(button);
  }
  return { role: "ai", html: line.outerHTML };
}

// The questions are shown as buttons, so their numbered lines need not be read twice.
function spoken(reply, hints) {
  const numbered = reply.suggestions.map((question, place) => `${place + 1}. ${question}`);
  if (!numbered.length) return reply.text;
  return reply.text.split("\n").filter((line) => !numbered.includes(line) && !hints.includes(line)).join("\n");
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part.slice("data: ".length));
  }
}

class Refusal extends Error {
  constructor(status) {
    super(String(status));
    this.busy = status === 429;
  }
}

async function send(question, address = "chat/messages") {
  const response = await fetch(address, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  if (!response.ok) throw new Refusal(response.status);
  return response;
}

class Conversation {
  constructor(chat, phrases, labels) {
    this.chat = chat;
    this.phrases = phrases[language] ?? Object.values(phrases)[0];
    this.hints = Object.values(phrases).map((said) => said.suggest_hint);
    this.labels = labels;
    this.answered = Promise.resolve();
  }

  // deep-chat drops what is sent while an answer is on its way; a tapped question waits for it.
  listen() {
    this.chat.shadowRoot.addEventListener("click", async ({ target }) => {
      const rating = target.closest(".rating");
      if (rating) await rate(rating);
      const question = target.closest(".question");
      if (!question) return;
      await this.answered;
      this.chat.submitUserMessage({ text: question.textContent });
    });
  }

  // The page was reloaded while an answer was on its way: ask for it again, under the same name.
  async resume(question) {
    await this.answered;
    this.chat.submitUserMessage({ text: question.text });
  }

  history(turns) {
    const shown = [{ role: "ai", text: this.phrases.greeting }];
    for (const turn of turns) {
      shown.push({ role: "user", text: turn.question }, { role: "ai", text: spoken(turn, this.hints) });
      shown.push(...this.after(turn, turn.id));
    }
    const starters = (this.phrases.starters ?? "").split("\n").filter(Boolean);
    if (!turns.length && starters.length) shown.push(offer(starters, this.labels.starters));
    return shown;
  }

  after(reply, id) {
    return [source(reply, this.labels, id), reply.suggestions.length ? offer(reply.suggestions) : null].filter(Boolean);
  }

  // A connection that breaks within an answer is made again; the server says all of it once more.
  async answer(body, signals) {
    const question = keep(body.messages.at(-1).text);
    this.begun = false;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.hear(await send(question), signals, question.id);
        return forget();
      } catch (error) {
        console.warn(error);
        if (error instanceof Refusal) return this.fail(signals, error.busy ? this.phrases.busy : this.phrases.apology);
        if (!this.begun || tries === TRIES) return this.fail(signals, this.labels.offline);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }

  fail(signals, told) {
    forget();
    signals.onClose(); // takes the dots of waiting away
    this.chat.addMessage({ error: told });
  }

  async hear(response, signals, id) {
    let shown = "";
    const again = this.begun;
    if (!again) signals.onOpen();
    this.begun = true;
    for await (const { delta, reply } of events(response)) {
      if (delta) {
        await signals.onResponse({ text: delta, overwrite: again && !shown });
        shown += delta;
      } else if (reply) {
        const text = spoken(reply, this.hints);
        if (text !== shown) await signals.onResponse({ text, overwrite: true });
        signals.onClose();
        this.after(reply, id).forEach((message) => this.chat.addMessage(message));
        return;
      }
    }
    throw new Error("the stream ended without a reply");
  }
}

async function rate(button) {
  try {
    await send({ id: button.dataset.id, rating: button.dataset.rating }, "chat/feedback");
    for (const one of button.parentElement.querySelectorAll(".rating")) one.ariaPressed = String(one === button);
  } catch (error) {
    console.warn(error);
  }
}

// deep-chat names neither its list nor its button for those who listen to the page, and may draw itself anew.
function describe(chat, labels) {
  const root = chat.shadowRoot;
  const name = () => {
    const attributes = { role: "log", "aria-live": "polite", "aria-label": labels.conversation };
    for (const [key, value] of Object.entries(attributes)) root.getElementById("messages")?.setAttribute(key, value);
    root.querySelector(".input-button")?.setAttribute("aria-label", labels.send);
  };
  new MutationObserver(name).observe(root.getElementById("container"), { childList: true });
  name();
}

// deep-chat may draw itself several times at first, and forgets what it was told in between.
function afterwards(chat, act) {
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      chat.removeEventListener("render", wait);
      act();
    }, 200);
  };
  chat.addEventListener("render", wait);
}

function title(name, subtitle) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = name;
  document.getElementById("title").textContent = name;
  document.getElementById("subtitle").textContent = subtitle;
}

async function start() {
  const talk = document.getElementById("talk");
  const labels = (await fetchJson("static/labels.json"))[language];
  title(labels.title, labels.subtitle);
  try {
    const { phrases, turns } = await fetchJson("chat/session");
    title((phrases[language] ?? Object.values(phrases)[0]).name, labels.subtitle);
    installPlainText();
    const question = unanswered(turns);
    const chat = document.createElement("deep-chat");
    const conversation = new Conversation(chat, phrases, labels);
    dress(chat, labels);
    chat.history = conversation.history(turns);
    chat.connect = { stream: true, handler: (body, signals) => (conversation.answered = conversation.answer(body, signals)) };
    chat.errorMessages = { displayServiceErrorMessages: true };
    describe(chat, labels);
    conversation.listen();
    if (question) afterwards(chat, () => conversation.resume(question));
    talk.replaceChildren(chat);
  } catch (error) {
    console.warn(error);
    document.body.classList.add("away");
    talk.replaceChildren(element("p", "notice", labels.offline));
  }
  talk.ariaBusy = "false";
}

start();
