// Text as it was written, line for line, with addresses that can be tapped. deep-chat would read it as Markdown,
// which loses characters ("3*4*5"), loads pictures and makes links of javascript:. Here only text becomes text.

const ADDRESS = /(https?:\/\/[^\s<>"'()，。；：！？、（）【】「」《》]+)/;
const ITEM = /^\s*(\d{1,2}[.、)）]|[-•·])\s*\S/;

function line(text) {
  const made = document.createElement("p");
  if (ITEM.test(text)) made.className = "item";
  text.split(ADDRESS).forEach((piece, place) => made.append(place % 2 ? link(piece) : piece));
  return made;
}

function link(address) {
  const made = document.createElement("a");
  made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  made.textContent = address;
  return made;
}

export function plain(text) {
  const box = document.createElement("div");
  box.append(...text.trimEnd().split("\n").map(line));
  return box.innerHTML;
}

// deep-chat's own door for those who change how it renders text.
export function installPlainText() {
  window.remarkable_plugins = [{ plugin: (remarkable) => { remarkable.render = plain; } }];
}
