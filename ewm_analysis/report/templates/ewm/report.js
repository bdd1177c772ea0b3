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
