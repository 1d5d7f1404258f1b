// How deep-chat looks here. The colours are page.css's variables, so light and dark need no code.

const font = "var(--font)";
const plain = { backgroundColor: "transparent", padding: "0", border: "none", boxShadow: "none", maxWidth: "100%" };

export function dress(chat, labels) {
  chat.style.fontFamily = font; // also keeps deep-chat from asking Google for a font
  chat.chatStyle = {
    width: "100%", height: "100%", borderRadius: "0", backgroundColor: "transparent",
    fontFamily: font,
    fontSize: "15px", color: "var(--ink)",
  };
  chat.messageStyles = {
    default: {
      shared: {
        bubble: { maxWidth: "min(82%, 560px)", padding: "11px 15px", lineHeight: "1.65", fontSize: "15px", marginTop: "6px" },
        outerContainer: { marginTop: "2px", marginBottom: "2px" },
      },
      user: {
        bubble: {
          background: "linear-gradient(135deg, #119184, #0f766e)", color: "#fff", borderRadius: "18px 18px 5px 18px",
        },
      },
      ai: {
        bubble: {
          backgroundColor: "var(--bubble)", color: "var(--ink)", borderRadius: "5px 18px 18px 18px",
          border: "1px solid var(--line)", boxShadow: "var(--bubble-shadow)",
        },
      },
    },
    html: { ai: { bubble: plain } },
    error: { bubble: { backgroundColor: "var(--danger-back)", color: "var(--danger)", fontSize: "14px", borderRadius: "12px", padding: "8px 16px" } },
    loading: { message: { styles: { bubble: { backgroundColor: "var(--bubble)", color: "var(--accent)", padding: "14px 20px" } } } },
  };
  chat.avatars = {
    ai: { src: "static/avatar.svg", styles: { avatar: { width: "32px", height: "32px", borderRadius: "50%" }, container: { marginRight: "9px" } } },
    user: { styles: { container: { display: "none" } } },
  };
  chat.inputAreaStyle = { backgroundColor: "transparent", padding: "6px 0 max(12px, env(safe-area-inset-bottom))" };
  chat.textInput = {
    characterLimit: 2000,
    placeholder: { text: labels.placeholder, style: { color: "var(--soft)" } },
    styles: {
      container: {
        width: "calc(100% - 32px)", margin: "0", backgroundColor: "var(--field)", border: "1px solid var(--line)",
        borderRadius: "24px", boxShadow: "var(--bubble-shadow)",
      },
      text: { padding: "13px 56px 13px 18px", fontSize: "16px", lineHeight: "1.45", color: "var(--ink)" },
      focus: { border: "1px solid var(--accent)" },
    },
  };
  const round = { backgroundColor: "#0f766e", borderRadius: "50%", width: "36px", height: "36px", bottom: "5px", right: "6px" };
  const icon = { svg: { content: ARROW, styles: { default: { width: "20px", height: "20px", filter: "none", marginTop: "8px" } } } };
  chat.submitButtonStyles = {
    position: "inside-end",
    submit: { ...icon, container: { default: round, hover: { backgroundColor: "#119184" }, click: { backgroundColor: "#0b5d57" } } },
    disabled: { ...icon, container: { default: { ...round, backgroundColor: "var(--tint-strong)" } } },
    loading: { container: { default: { ...round, backgroundColor: "var(--tint-strong)" } } },
    stop: { container: { default: { ...round, backgroundColor: "var(--tint-strong)" } } },
  };
  chat.auxiliaryStyle = SHADOW_CSS;
}

const ARROW =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="white" stroke-width="2.2" ' +
  'stroke-linecap="round" stroke-linejoin="round"><path d="M12 19V5M5.5 11.5 12 5l6.5 6.5"/></svg>';

const SHADOW_CSS = `
  /* the avatar stands beside the first bubble of an answer, not the last */
  .deep-chat-top-message .avatar-container { visibility: visible !important; }
  :not(.deep-chat-top-message) > * > .avatar-container { visibility: hidden !important; }
  #messages { padding: 14px 6px 4px; scrollbar-width: thin; scrollbar-color: var(--tint-strong) transparent; }
  p { margin: 0; min-height: .8em; white-space: pre-wrap; overflow-wrap: anywhere; }
  p.item { padding-inline-start: 1.3em; text-indent: -1.3em; }
  a { color: var(--accent); }
  .user-message a { color: inherit; }
  .deep-chat-outer-container-role-error .avatar-container { display: none !important; }
  .offer { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; margin: 2px 0 4px; }
  .hint, .source { font-size: 12.5px; color: var(--soft); }
  .rating { border: 0; padding: 0 4px; background: none; font: inherit; color: var(--soft); cursor: pointer; }
  .rating:hover, .rating[aria-pressed="true"] { color: var(--accent); text-decoration: underline; }
  .source { display: flex; align-items: center; gap: 5px; margin: 0 0 2px 4px; }
  .source::before {
    content: ""; width: 13px; height: 13px; background: currentColor; opacity: .85;
    mask: url('data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M12 2 4 5v6c0 5 3.4 9.3 8 11 4.6-1.7 8-6 8-11V5l-8-3Zm-1.2 14L7 12.2l1.5-1.5 2.3 2.3 4.7-4.8L17 9.7 10.8 16Z"/></svg>') center / contain no-repeat;
  }
  button.question {
    margin: 0; padding: 9px 15px; font: inherit; font-size: 14.5px; line-height: 1.4; text-align: start;
    color: var(--accent); background: var(--tint); border: 1px solid var(--tint-strong); border-radius: 14px;
    cursor: pointer; transition: background .15s, transform .1s;
  }
  button.question:hover { background: var(--tint-strong); }
  button.question:active { transform: scale(.985); }
  button.question:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
