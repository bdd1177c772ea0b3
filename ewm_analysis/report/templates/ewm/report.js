(() => {
  // A picture is made from the drawing on the page, on the reader's machine, when it is asked for.
  // In a document of an office caption and source stand beside it: sharper, opaque, with its mark only.
  const isOffice = location.hash === "#office";
  const DOTS_A_POINT = (isOffice ? 300 : 200) / 72;
  const buttons = [...document.querySelectorAll("[data-png]")];
  const LINE = 14;
  // As in the files beside the page: what it shows, of whom, from where, and whether it is invented.
  const standingAlone = (svg) => {
    const copy = svg.cloneNode(true);
    const { x, y, width, height } = svg.viewBox.baseVal;
    const figure = svg.closest("figure");
    const lines = [];
    const add = (words, font, colour, letters, isBelow) => {
      const found = words.replace(/\s+/g, " ").match(new RegExp(`.{1,${letters}}(?:\\s|$)`, "g")) ?? [];
      for (const line of found) lines.push({ line, font, colour, isBelow });
    };
    if (!isOffice) {
      const caption = figure.querySelector("figcaption");
      const headline = caption.querySelector(".ewm-headline");
      if (headline) add(headline.textContent, "bold 11px", "#26323d", 76);
      add(caption.lastChild.textContent.trim(), ...(headline ? ["8.5px", "#55606c", 104] : ["bold 11px", "#26323d", 76]));
      add(document.querySelector("h1").textContent, "8.5px", "#55606c", 104);
    }
    const above = lines.length;
    add(document.querySelector("[data-mark]")?.dataset.mark ?? "", "bold 8.5px", "#b4540a", 104, true);
    for (const each of isOffice ? [] : figure.querySelectorAll(".ewm-source")) add(each.textContent, "8.5px", "#55606c", 104, true);
    lines.forEach(({ line, font, colour, isBelow }, at) => {
      const text = document.createElementNS(svg.namespaceURI, "text");
      text.setAttribute("x", x);
      text.setAttribute("y", y + LINE * (at - above) + 10 + (isBelow ? height : 0));
      text.setAttribute("style", `font: ${font} DejaVu Sans, Verdana, sans-serif; fill: ${colour}`);
      text.textContent = line;
      copy.append(text);
    });
    const size = [width, height + LINE * lines.length];
    copy.style.fontFamily = "DejaVu Sans, Verdana, sans-serif";
    copy.setAttribute("viewBox", [x, y - LINE * above, ...size].join(" "));
    return [copy, ...size];
  };
  const toPng = async (svg) => {
    const [copy, width, height] = standingAlone(svg);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * DOTS_A_POINT);
    canvas.height = Math.round(height * DOTS_A_POINT);
    copy.setAttribute("width", canvas.width);
    copy.setAttribute("height", canvas.height);
    const image = new Image();
    const source = new XMLSerializer().serializeToString(copy);
    image.src = "data:image/svg+xml," + encodeURIComponent(source);
    await image.decode();
    const context = canvas.getContext("2d");
    context.fillStyle = isOffice ? "#fff" : "transparent";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
  };
  const makeLink = async (button) => {
    const link = document.createElement("a");
    link.href = await toPng(button.closest(".figure").querySelector(".ewm-picture svg"));
    link.download = button.dataset.png;
    return link;
  };
  for (const button of buttons) {
    if (!button.closest(".figure").querySelector(".ewm-picture svg")) continue;
    button.parentElement.hidden = false;
    button.addEventListener("click", async () => (await makeLink(button)).click());
  }
  // `ewm run --png` and its like open the page so, and take all its pictures.
  if (isOffice || location.hash === "#png") {
    for (const button of buttons) makeLink(button).then((link) => button.after(link));
  }
})();
(() => {
  // The list of contents marks the chapter that is being read. Without this nothing is missing.
  const list = document.querySelector(".contents");
  if (!list) return;
  const links = new Map();
  for (const link of list.querySelectorAll("a")) {
    const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (heading) links.set(heading, link);
  }
  let current = null;
  let waiting = false;
  const follow = () => {
    waiting = false;
    let here = null;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top < innerHeight * 0.2) here = heading;
    }
    if (here === current) return;
    if (current) links.get(current).removeAttribute("aria-current");
    current = here;
    if (!here) return;
    const link = links.get(here);
    link.setAttribute("aria-current", "true");
    const top = link.offsetTop - list.clientHeight / 2;
    if (list.scrollHeight > list.clientHeight) list.scrollTop = top;
  };
  const soon = () => {
    if (!waiting) requestAnimationFrame(follow);
    waiting = true;
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  follow();
})();
(() => {
  // The values of a figure where they are drawn: under the pointer, a finger, or with arrow keys.
  const REACH = 28;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("role", "status");
  const box = tip.appendChild(document.createElement("div"));
  box.className = "tip-box";
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  for (const picture of document.querySelectorAll(".ewm-picture")) {
    const figure = picture.closest(".figure");
    const table = figure?.nextElementSibling?.querySelector("table");
    const drawings = [...picture.querySelectorAll("svg[data-marks]")];
    if (!table || !drawings.length) continue;
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const marks = () => {
      const svg = drawings.find((each) => each.getClientRects().length);
      const { a, d, e, f } = svg.getScreenCTM();
      const found = svg.dataset.marks.split(" ").map((each) => each.split(",").map(Number));
      return found.map(([line, x, y]) => ({ line, x: x * a + e, y: y * d + f }));
    };
    const cells = ({ line }) => [...table.tBodies[0].rows[line].cells].map((cell) => cell.textContent);
    const told = (line, place, lines) => {  // of what lies at the same place, what differs
      const said = document.createElement("p");
      cells(line).forEach((value, at) => {
        if (!value || (place && cells(lines[place - 1])[at] === value)) return;
        said.append(`${heads[at]}: `, Object.assign(document.createElement("strong"), { textContent: value }), document.createElement("br"));
      });
      return said;
    };
    const show = ({ x, y }) => {
      box.replaceChildren(...marks().filter((each) => each.x === x && each.y === y).map(told));
      tip.classList.toggle("leftward", x > document.documentElement.clientWidth / 2);
      tip.style.left = `${x + scrollX}px`;
      tip.style.top = `${y + scrollY}px`;
      tip.hidden = false;
    };
    const near = ({ clientX, clientY }) => {
      const far = marks().map((each) => [Math.hypot(each.x - clientX, each.y - clientY), each]);
      const [distance, nearest] = far.reduce((best, each) => (each[0] < best[0] ? each : best));
      if (distance < REACH) show(nearest);
      else hide();
    };
    let at = 0;
    picture.addEventListener("pointermove", near);
    picture.addEventListener("pointerdown", near);
    picture.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
    figure.addEventListener("blur", hide);
    figure.addEventListener("focus", () => {
      at = 0;
      if (figure.matches(":focus-visible")) show(marks()[at]);
    });
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!step || event.target !== figure) return;
      event.preventDefault();
      const all = marks();
      at = (at + step + all.length) % all.length;
      show(all[at]);
    });
  }
})();
