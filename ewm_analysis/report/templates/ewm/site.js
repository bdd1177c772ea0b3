(() => {
  // Search over titles, figures and tables. Without this the pages are found in the tables below.
  const form = document.querySelector(".search");
  const store = document.getElementById("search-index");
  if (!form || !store) return;
  const { captions, pages } = JSON.parse(store.textContent);
  const field = form.querySelector("input");
  const list = form.querySelector("ol");
  const status = form.querySelector("[role=status]");
  const plain = (text) =>
    text.toLowerCase().replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");
  const words = captions.map(plain);
  const titles = pages.map((page) => plain(`${page.title} ${page.set}`));
  const item = (address, text, where) => {
    const line = document.createElement("li");
    const link = line.appendChild(document.createElement("a"));
    link.href = address;
    link.textContent = text;
    if (where) {
      const place = line.appendChild(document.createElement("span"));
      place.textContent = where;
    }
    return line;
  };
  const LIMIT = 12;
  const search = () => {
    const asked = plain(field.value).split(/\s+/).filter(Boolean);
    const found = [];
    if (asked.join("").length > 1) {
      pages.forEach((page, at) => {
        if (asked.every((word) => titles[at].includes(word))) {
          found.push([0, page.address, page.title, page.set]);
          return;
        }
        for (const [anchor, caption] of page.shows) {
          const both = `${words[caption]} ${titles[at]}`;
          if (asked.some((word) => words[caption].includes(word)) && asked.every((word) => both.includes(word))) {
            found.push([1, `${page.address}#${anchor}`, captions[caption], `${page.title}, ${page.set}`]);
          }
        }
      });
    }
    found.sort((a, b) => a[0] - b[0]);
    list.replaceChildren(...found.slice(0, LIMIT).map(([, ...hit]) => item(...hit)));
    const { none, one, many } = form.dataset;
    const said = found.length === 1 ? one : found.length ? many : none;
    status.textContent = asked.length ? said.replace("{count}", found.length).replace("{shown}", Math.min(found.length, LIMIT)) : "";
  };
  form.hidden = false;
  field.addEventListener("input", search);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
