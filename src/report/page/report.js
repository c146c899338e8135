(function () {
  "use strict";
  var form = document.getElementById("filter");
  if (!form) return;
  var shown = document.getElementById("shown");
  var none = document.getElementById("none");
  var entries = Array.from(document.querySelectorAll("[data-verdict]"));
  var groups = Array.from(document.querySelectorAll("[data-group]"));
  var boxes = Array.from(form.querySelectorAll("input[name=verdict]"));

  function chosen() {
    return {
      path: form.elements.path.value,
      policy: form.elements.policy.value,
      verdict: boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; })
    };
  }

  function hide(element, hidden) {
    element.toggleAttribute("data-hidden", hidden);
  }

  function apply() {
    var by = chosen();
    var visible = 0;
    entries.forEach(function (entry) {
      var data = entry.dataset;
      var fits = (!by.path || data.path.split(" ").includes(by.path))
        && (!by.policy || data.policy === by.policy)
        && (!by.verdict.length || by.verdict.includes(data.verdict));
      hide(entry, !fits);
      if (fits) visible += 1;
    });
    groups.forEach(function (group) {
      hide(group, !group.querySelector("[data-verdict]:not([data-hidden])"));
    });
    none.hidden = visible > 0;
    shown.textContent = visible === entries.length ? "all " + visible + " shown" : visible + " of " + entries.length + " shown";
    var words = new URLSearchParams();
    if (by.path) words.set("path", by.path);
    if (by.policy) words.set("policy", by.policy);
    by.verdict.forEach(function (verdict) { words.append("verdict", verdict); });
    var hash = words.toString();
    try {
      history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    } catch (error) {
      // A page that may not rewrite its address still filters.
    }
  }

  function restore() {
    var words = new URLSearchParams(location.hash.slice(1));
    if (words.has("path")) form.elements.path.value = words.get("path");
    if (words.has("policy")) form.elements.policy.value = words.get("policy");
    boxes.forEach(function (box) { box.checked = words.getAll("verdict").includes(box.value); });
  }

  form.hidden = false;
  form.addEventListener("change", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  // A form is reset after it was asked to be.
  form.addEventListener("reset", function () { setTimeout(apply); });
  restore();
  apply();

  // Paper cannot be unfolded.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (details) { details.open = false; });
  });
})();
