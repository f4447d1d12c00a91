// satori (layout, text to paths) and resvg-js (pixels, PNG): what @vercel/og does. JPEG by sharp, as resvg writes none.
import { design, fonts, logo, QUALITY, require, serve } from './protocol.mjs';
import { pathToFileURL } from 'node:url';

const { default: satori } = await import(pathToFileURL(require.resolve('satori').replace(/index\.cjs$/, 'index.js')));
const { Resvg } = require('@resvg/resvg-js');
const { w, h, panel, number, statement, source, footer } = design;

const src = `data:image/png;base64,${logo.toString('base64')}`;
const box = (left, top, more, children) => ({
  type: 'div',
  props: { style: { position: 'absolute', display: 'flex', left, top, ...more }, children },
});
const type = (text, slot, top, size, more) =>
  box(slot.x, top, { fontWeight: slot.weight, fontSize: size, lineHeight: slot.lh, color: slot.color, ...more }, text);
const line = (text, slot, top = slot.y) => type(text, slot, top, slot.size, { whiteSpace: 'nowrap' });

const tree = (draft) => ({
  type: 'div',
  props: {
    style: {
      width: w,
      height: h,
      display: 'flex',
      position: 'relative',
      fontFamily: 'Inter',
      backgroundImage: `linear-gradient(135deg, ${design.bg0}, ${design.bg1})`,
    },
    children: [
      box(panel.x, panel.y, {
        width: panel.w,
        height: panel.h,
        borderRadius: panel.r,
        backgroundColor: `rgba(255, 255, 255, ${panel.alpha})`,
      }),
      {
        type: 'img',
        props: {
          src,
          width: design.logo.size,
          height: design.logo.size,
          style: { position: 'absolute', left: design.logo.x, top: design.logo.y },
        },
      },
      line(draft.number, number),
      type(draft.statement, statement, statement.y, draft.size, { width: statement.w }),
      line(draft.source, source),
      box(0, footer.y, { width: w, height: footer.h, backgroundColor: footer.bg }),
      line(draft.footer, footer, footer.y + (footer.h - footer.size * footer.lh) / 2),
    ],
  },
});

let sharp;
await serve(async (draft, format) => {
  const svg = await satori(tree(draft), { width: w, height: h, fonts });
  const drawn = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  if (format === 'png') return drawn.asPng();
  const { pixels } = drawn;
  if (format === 'raster') return pixels;
  sharp ??= require('sharp');
  const picture = sharp(pixels, { raw: { width: w, height: h, channels: 4 } }).removeAlpha();
  return picture.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' }).toBuffer();
});
