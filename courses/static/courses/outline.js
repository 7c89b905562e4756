// Moves a lesson by dragging it, also into another module. The buttons beside each do the same by keys and on phones.
"use strict";
(() => {
  const lists = [...document.querySelectorAll("[data-module]")];
  if (!lists.length) return;
  let dragged;

  const after = (list, y) => [...list.children].find((item) => {
    const box = item.getBoundingClientRect();
    return item !== dragged && y < box.top + box.height / 2;
  });

  // Order and version as the page has them: who moved something meanwhile is not overruled.
  const keep = async (form) => {
    const modules = lists.map((list) => ({ id: list.dataset.module, lessons: [...list.children].map((item) => item.dataset.lesson) }));
    const headers = { "Content-Type": "application/json", "If-Match": `"${form.version.value}"`, "X-CSRFToken": form.csrfmiddlewaretoken.value };
    await fetch(lists[0].dataset.order, { method: "POST", headers, body: JSON.stringify({ modules }) }).catch(() => undefined);
    location.reload();
  };

  document.querySelectorAll("[data-lesson]").forEach((item) => {
    item.draggable = true;
    item.addEventListener("dragstart", (event) => {
      dragged = item;
      event.dataTransfer.effectAllowed = "move";
      item.classList.add("dragged");
    });
    item.addEventListener("dragend", () => { item.classList.remove("dragged"); dragged = undefined; });
  });
  lists.forEach((list) => {
    list.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      list.insertBefore(dragged, after(list, event.clientY) ?? null);
    });
    list.addEventListener("drop", (event) => {
      event.preventDefault();
      if (dragged) keep(dragged.querySelector("form.moves"));
    });
  });
})();
