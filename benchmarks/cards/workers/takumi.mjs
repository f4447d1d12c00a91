// Takumi (Rust). With --ground, all but the text is one picture made beforehand, as ours keeps its grounds.
import { design, fonts, logo, QUALITY, require, serve } from './protocol.mjs';
import { pathToFileURL } from 'node:url';

const { Renderer } = await import(pathToFileURL(require.resolve('@takumi-rs/core')));
const { w, h, panel, number, statement, source, footer } = design;
const renderer = new Renderer();
for (const font of fonts) await renderer.registerFont(font);

const images = [{ src: 'logo', data: logo }];
const at = (left, top, more) => ({ position: 'absolute', left, top, ...more });
const box = (left, top, more) => ({ type: 'container', style: at(left, top, more), children: [] });
const type = (text, slot, top, size, more) => ({
  type: 'text',
  text,
  style: at(slot.x, top, {
    fontFamily: 'Inter',
    fontWeight: slot.weight,
    fontSize: size,
    lineHeight: slot.lh,
    color: slot.color,
    ...more,
  }),
});
const line = (text, slot, top = slot.y) => type(text, slot, top, slot.size, { whiteSpace: 'nowrap' });
const whole = (children, more) => ({
  type: 'container',
  style: { width: w, height: h, display: 'flex', position: 'relative', ...more },
  children,
});

const gradient = { backgroundImage: `linear-gradient(135deg, ${design.bg0}, ${design.bg1})` };
const still = [
  box(panel.x, panel.y, {
    width: panel.w,
    height: panel.h,
    borderRadius: panel.r,
    backgroundColor: `rgba(255, 255, 255, ${panel.alpha})`,
  }),
  {
    type: 'image',
    src: 'logo',
    style: at(design.logo.x, design.logo.y, { width: design.logo.size, height: design.logo.size }),
  },
  box(0, footer.y, { width: w, height: footer.h, backgroundColor: footer.bg }),
];
const texts = (draft) => [
  line(draft.number, number),
  type(draft.statement, statement, statement.y, draft.size, { width: statement.w }),
  line(draft.source, source),
  line(draft.footer, footer, footer.y + (footer.h - footer.size * footer.lh) / 2),
];

let tree = (draft) => whole([...still, ...texts(draft)], gradient);
if (process.argv.includes('--ground')) {
  const ground = await renderer.render(whole(still, gradient), { width: w, height: h, format: 'png', images });
  images.push({ src: 'ground', data: ground });
  const kept = { type: 'image', src: 'ground', style: at(0, 0, { width: w, height: h }) };
  tree = (draft) => whole([kept, ...texts(draft)], {});
}

const FORMATS = { raster: 'raw', png: 'png', jpeg: 'jpeg' };
await serve((draft, format) => {
  const options = { width: w, height: h, format: FORMATS[format], images };
  return renderer.render(tree(draft), format === 'jpeg' ? { ...options, quality: QUALITY } : options);
});
