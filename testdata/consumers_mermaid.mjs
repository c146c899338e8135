// Gives flowcharts to the real parser of Mermaid, as GitHub and GitLab set it up. Not a test of its own: it needs npm.
//
//     npm install --prefix DIR mermaid jsdom
//     target/debug/plangate paths testdata/names -o mermaid=names.mmd
//     target/debug/plangate check testdata/names -o markdown=names.md
//     node testdata/consumers_mermaid.mjs DIR names.mmd names.md
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(resolve(folder, "node_modules/")) + "/");
const { JSDOM } = require("jsdom");
const { window } = new JSDOM("<!doctype html><body></body>");
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import(pathToFileURL(resolve(folder, "node_modules/mermaid/dist/mermaid.core.mjs")));
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

let seen = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const fences = [...text.matchAll(/^```mermaid\n([^]*?)^```$/gm)].map((match) => match[1]);
  for (const chart of /\.(md|markdown)$/.test(file) ? fences : [text]) {
    seen += 1;
    if (chart.length > 50_000) throw new Error(`${file}: ${chart.length} characters, more than Mermaid takes`);
    await mermaid.parse(chart);
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(chart);
    const nodes = diagram.db.getVertices();
    for (const [id, node] of nodes) {
      if (!/^(n\d+|rest|none)$/.test(id)) throw new Error(`${file}: a name became the node ${id}`);
      if (!node.text) throw new Error(`${file}: ${id} has no text`);
    }
    const drawn = chart.split("\n").filter((line) => /^  n\d+ -/.test(line)).length;
    if (diagram.db.getEdges().length !== drawn) throw new Error(`${file}: ${drawn} arrows written, others read`);
  }
}
if (seen === 0) throw new Error("nothing to parse");
console.log(`${seen} flowcharts parsed`);
