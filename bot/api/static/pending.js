// The question whose answer is on its way: kept in this tab, so that the page finds it again after a reload.

const KEY = "zhida-question";
let leaving = false;
addEventListener("pagehide", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });

function stored(use) {
  try {
    return use(sessionStorage);
  } catch {
    return null; // a browser that keeps nothing: a reload shows what was answered
  }
}

function pending() {
  return stored((storage) => JSON.parse(storage.getItem(KEY)));
}

// What the page was asked before it was loaded again, if the turns of the conversation do not tell its answer.
export function unanswered(turns) {
  const question = pending();
  if (!turns.some((turn) => turn.id === question?.id)) return question;
  forget();
  return null;
}

// The server answers a question of one name once, however often it is sent.
export function keep(text) {
  const question = pending()?.text === text ? pending() : { id: newName(), text };
  stored((storage) => storage.setItem(KEY, JSON.stringify(question)));
  return question;
}

export function forget() {
  if (!leaving) stored((storage) => storage.removeItem(KEY)); // what a reload breaks off has not failed
}

function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
