(() => {
  // Rows and columns of the tables by choice, kept in the address. Without this all are shown.
  const form = document.querySelector(".filters");
  if (!form) return;
  const isOfClusters = (table) => table.tHead.rows[0].cells[0].textContent === form.dataset.stub;
  const tables = [...document.querySelectorAll(".table table")].filter(
    (table) => table.tHead?.rows.length === 1 && (isOfClusters(table) || table.closest(".matrix")),
  );
  const sections = [...document.querySelectorAll("section.set")];
  const said = (cell) => cell.textContent.trim();
  const isListed = (table) => isOfClusters(table) && table.closest(".values, .matrix");  // here all rows are
  const clusters = tables.filter(isListed).flatMap((table) => [...table.tBodies[0].rows].map((row) => said(row.cells[0])));
  const columns = tables.filter((table) => !table.closest(".values")).flatMap((table) => [...table.tHead.rows[0].cells].slice(1).map(said));
  const names = { set: sections.map((each) => said(each.querySelector("h2"))), cluster: clusters, column: columns };
  const choices = [...form.querySelectorAll("select")];
  for (const choice of choices) {
    const own = [...new Set(names[choice.name])];
    choice.append(...own.map((name) => new Option(name)));
    choice.closest("label").hidden = own.length < 2;
  }
  const ring = (table, cluster) => {
    const figure = [...document.querySelectorAll(".figure")].find((each) => each.nextElementSibling?.contains(table));
    for (const svg of figure?.querySelectorAll("svg[data-marks]") ?? []) {
      svg.querySelectorAll(".chosen").forEach((each) => each.remove());
      for (const each of cluster ? svg.dataset.marks.split(" ") : []) {
        const [line, x, y] = each.split(",");
        if (said(table.tBodies[0].rows[line].cells[0]) !== cluster) continue;
        const circle = svg.appendChild(document.createElementNS(svg.namespaceURI, "circle"));
        for (const [name, value] of Object.entries({ class: "chosen", cx: x, cy: y, r: 8 })) circle.setAttribute(name, value);
      }
    }
  };
  const apply = () => {
    const { set, cluster, column } = Object.fromEntries(choices.map((choice) => [choice.name, choice.value]));
    for (const section of sections) section.hidden = set && said(section.querySelector("h2")) !== set;
    for (const table of tables) {
      const heads = [...table.tHead.rows[0].cells].map(said);
      const shown = heads.map((head, at) => !at || !column || head === column || !columns.includes(head));
      for (const row of table.rows) {
        const name = said(row.cells[0]);
        row.hidden = row.parentElement === table.tBodies[0] && cluster && clusters.includes(name) && name !== cluster;
        if (row.cells.length === heads.length) [...row.cells].forEach((cell, at) => { cell.hidden = !shown[at]; });
      }
      const box = table.closest(".matrix");
      if (box) box.hidden = [...table.tBodies[0].rows].every((row) => row.hidden) || (column && !heads.includes(column));
      ring(table, cluster);
    }
  };
  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const choice of choices) {
      const value = asked.get(choice.name) ?? "";
      choice.value = [...choice.options].some((option) => option.value === value) ? value : "";
    }
    apply();
  };
  form.hidden = choices.every((choice) => choice.name === "column" || choice.closest("label").hidden);
  form.addEventListener("change", () => {
    const asked = new URLSearchParams(choices.filter((choice) => choice.value).map((choice) => [choice.name, choice.value]));
    history.replaceState(null, "", `#${asked}`);
    apply();
  });
  addEventListener("hashchange", () => { if (location.hash.includes("=")) read(); });
  if (location.hash.includes("=")) read();
})();
