// What a Node worker speaks: see protocol.py.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const CARDS = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const PEERS = path.join(CARDS, '..', '.peers');

export const require = createRequire(pathToFileURL(path.join(PEERS, 'package.json'))); // packages live there
export const design = JSON.parse(readFileSync(path.join(CARDS, 'design.json'), 'utf8'));
export const logo = readFileSync(path.join(PEERS, 'images', 'logo.png'));
export const fonts = [400, 600, 700].map((weight) => ({
  name: 'Inter',
  data: readFileSync(path.join(PEERS, `Inter-${weight}.ttf`)),
  weight,
  style: 'normal',
}));
export const QUALITY = 90; // of a JPEG

const drafts = JSON.parse(readFileSync(path.join(PEERS, 'drafts.json'), 'utf8'));

/** draw(draft, format) makes the pixels ("raster") or a file ("png", "jpeg"). */
export async function serve(draw) {
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    if (asked.op === 'quit') break;
    const answer = { ms: [], bytes: [] };
    if (asked.op === 'save') writeFileSync(asked.path, await draw(drafts[asked.id], asked.format));
    for (const id of asked.ids ?? []) {
      const began = performance.now();
      const made = await draw(drafts[id], asked.op);
      answer.ms.push(performance.now() - began);
      answer.bytes.push(asked.op === 'raster' ? 0 : made.length);
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
