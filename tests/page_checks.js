// What is wrong with a page, as lists of complaints; `page_checks.py` runs it in a browser.

const named = (one) => `<${one.tagName.toLowerCase()}> "${(one.textContent || '').trim().slice(0, 60)}"`;

const clipped = new Map();
const isClipped = (one) => {  // or within something that is
  if (!one || one === document.body || one.tagName === 'svg') return false;
  if (!clipped.has(one)) clipped.set(one, getComputedStyle(one).clipPath !== 'none' || isClipped(one.parentElement));
  return clipped.get(one);
};

const isHidden = (one) => {
  const box = one.getBoundingClientRect();
  return box.width === 0 || box.height === 0 || (!one.ownerSVGElement && isClipped(one));
};

// A person who cannot see the end of it may move it alone.
const isScrolled = (one) => {
  for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return true;
  return false;
};

const shown = (selector) => [...document.body.querySelectorAll(selector)].filter((one) => !isHidden(one));

const withLetters = () => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim()) found.add(walker.currentNode.parentElement);
  return [...found].filter((one) => !isHidden(one));
};

const tooWide = () => {
  const room = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  const found = whole > room ? [`the page is ${whole} wide where there is room for ${room}`] : [];
  for (const one of shown(':not(svg *)').filter((any) => !isScrolled(any))) {
    const box = one.getBoundingClientRect();
    if (box.right > room + 1 || box.left < -1) found.push(`${named(one)} reaches from ${box.left} to ${box.right}`);
  }
  return found;
};

const cutOff = () => {
  const found = [];
  for (const one of shown('svg text')) {
    const box = one.getBoundingClientRect();
    const chart = one.ownerSVGElement.getBoundingClientRect();
    const isWithin = box.left > chart.left - 1 && box.right < chart.right + 1
      && box.top > chart.top - 1 && box.bottom < chart.bottom + 1;
    if (!isWithin) found.push(`${named(one)} leaves its chart`);
  }
  for (const one of shown(':not(svg, svg *)'))
    if (['hidden', 'clip'].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
      found.push(`${named(one)} holds more than it shows`);
  return found;
};

const onEachOther = () => {
  const found = [];
  for (const chart of document.querySelectorAll('svg')) {
    const texts = [...chart.querySelectorAll('text')].map((one) => [one, one.getBoundingClientRect()]);
    texts.forEach(([one, box], place) => {
      for (const [other, its] of texts.slice(place + 1)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 1 && down > 3 && one.textContent !== other.textContent)
          found.push(`${named(one)} lies on ${named(other)}`);
      }
    });
  }
  return found;
};

const tooSmall = (least) => withLetters()
  .map((one) => [parseFloat(getComputedStyle(one).fontSize) * (one.ownerSVGElement ? one.getScreenCTM().a : 1), one])
  .filter(([size]) => size < least)
  .map(([size, one]) => `${named(one)} is ${size.toFixed(1)} px`);

// Colours are [red, green, blue, opacity].
const parsed = (words) => {
  const [red, green, blue, opacity = 1] = (words.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  return [red, green, blue, opacity];
};

const laid = (top, below) => [0, 1, 2].map((part) => top[3] * top[part] + (1 - top[3]) * below[part]);

const luminance = (colour) => {
  const [red, green, blue] = colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one, other) => {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
};

const groundOf = (one) => {
  const grounds = [];
  for (let up = one; up; up = up.parentElement) grounds.push(parsed(getComputedStyle(up).backgroundColor));
  return grounds.reduceRight((below, top) => laid(top, below), [255, 255, 255]);
};

const painted = (shape, kind) => {
  const style = getComputedStyle(shape);
  const [red, green, blue, opacity] = parsed(style[kind]);
  return [red, green, blue, opacity * style[`${kind}Opacity`] * style.opacity];
};

const doMeet = (box, its) =>
  box.left < its.right && box.right > its.left && box.top < its.bottom && box.bottom > its.top;

// What lies below a text of a chart, at so many points of it: the shapes that were drawn before it, and its own halo.
const groundsInChart = (text) => {
  const box = text.getBoundingClientRect();
  const points = [0.05, 0.25, 0.5, 0.75, 0.95].flatMap((across) => [0.3, 0.5, 0.7].map(
    (down) => [box.left + across * box.width, box.top + down * box.height]));
  const drawnBefore = [...text.ownerSVGElement.querySelectorAll('path, rect, line, circle, text')]
    .filter((one) => one.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)
    .filter((one) => doMeet(box, one.getBoundingClientRect()));
  const at = ([x, y]) => drawnBefore.reduce((below, one) => {
    if (one.tagName === 'text') return one.textContent === text.textContent ? laid(painted(one, 'stroke'), below) : below;
    const place = new DOMPoint(x, y).matrixTransform(one.getScreenCTM().inverse());
    const filled = one.isPointInFill(place) ? laid(painted(one, 'fill'), below) : below;
    return one.isPointInStroke(place) ? laid(painted(one, 'stroke'), filled) : filled;
  }, groundOf(text.ownerSVGElement));
  return points.map(at);
};

const tooFaint = (least) => {
  const found = [];
  const judge = (one, ink, grounds) => {
    const worst = Math.min(...grounds.map((ground) => contrast(laid(ink, ground), ground)));
    if (worst < least) found.push(`${named(one)} has a contrast of ${worst.toFixed(2)}`);
  };
  for (const one of withLetters()) {
    const isHalo = one.ownerSVGElement && getComputedStyle(one).stroke !== 'none';
    if (!one.ownerSVGElement) judge(one, parsed(getComputedStyle(one).color), [groundOf(one)]);
    else if (!isHalo) judge(one, painted(one, 'fill'), groundsInChart(one));
  }
  for (const one of shown('td')) {
    const label = getComputedStyle(one, '::before');
    if (label.content !== 'none') judge(one, parsed(label.color), [groundOf(one)]);
  }
  return found;
};

const leadingNowhere = () => [...document.querySelectorAll('a[href^="#"]')]
  .filter((one) => !document.getElementById(decodeURIComponent(one.hash.slice(1))))
  .map((one) => `${named(one)} leads to ${one.hash}`);
