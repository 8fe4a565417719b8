// Elements of the page. What comes from a history becomes text or the value of an attribute, and never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return a new element with a class, attributes and children, of which texts are text nodes. */
function element(tag, className = "", attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  return filled(node, attributes, children);
}

/** Return a new element of SVG, as element() does. */
function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Return a button that calls `act`; its name is its text, unless `label` is another one. */
function button(text, className, act, label = "") {
  const node = element("button", className, { type: "button" }, text);
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", act);
  return node;
}

/** Make a drawn element act as a button does, by pointer and by keyboard. */
function actsAsButton(node, act) {
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.addEventListener("click", act);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
}

// A frame changes little: only what differs is written.

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node, className) {
  if (node.getAttribute("class") !== className) node.setAttribute("class", className);
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function setHidden(node, isHidden) {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}
