// A mug in plain WebGL, from measures and colours (web/drawing/solid.py). Seen as the drawing sees it: without
// perspective, a little from above, so that at rest it lies exactly over the drawing.
const WIDE = 600;
const TALL = 560;
const FOOT = 460;
const LOOKING_DOWN = 0.237;
const AROUND = 96;

const VERTEX = `
attribute vec3 place; attribute vec3 normal; attribute vec2 at;
uniform float yaw; uniform float sine; uniform float middle;
varying vec3 n; varying vec2 uv;
void main() {
  float c = cos(yaw), s = sin(yaw), cosine = sqrt(1.0 - sine * sine);
  vec3 p = vec3(place.x * c + place.z * s, place.y, place.z * c - place.x * s);
  vec3 m = vec3(normal.x * c + normal.z * s, normal.y, normal.z * c - normal.x * s);
  n = vec3(m.x, m.y * cosine - m.z * sine, m.y * sine + m.z * cosine);
  uv = at;
  float up = p.y * cosine / ${Math.sqrt(1 - LOOKING_DOWN ** 2)} - p.z * sine;
  float near = p.y * sine + p.z * cosine;
  gl_Position = vec4((p.x + middle) / ${WIDE / 2}.0 - 1.0, 1.0 - (${FOOT}.0 - up) / ${TALL / 2}.0, -near / 900.0, 1.0);
}`;

const FRAGMENT = `
precision mediump float;
varying vec3 n; varying vec2 uv;
uniform vec3 base; uniform vec3 thin; uniform vec3 dark;
uniform float shine; uniform float speckled; uniform float breaking; uniform float printed; uniform float metal; uniform float joined;
uniform sampler2D print;
float noise(vec2 p) { return fract(sin(dot(floor(p), vec2(12.9898, 78.233))) * 43758.5453); }
void main() {
  if (joined > 0.5 && uv.x < -0.004) discard; // what of the handle lies in the wall
  vec3 m = normalize(n);
  vec3 colour = base;
  float ragged = 0.13 + 0.035 * sin(uv.x * 58.0) + 0.025 * sin(uv.x * 160.0 + 1.0);
  colour = mix(colour, thin, breaking * 0.5 * (1.0 - smoothstep(ragged - 0.03, ragged + 0.03, uv.y)));
  colour = mix(colour, dark, speckled * 0.4 * step(0.965, noise(uv * vec2(300.0, 130.0))));
  if (printed > 0.5) { vec4 ink = texture2D(print, uv); colour = mix(colour, ink.rgb, ink.a); }
  float light = dot(m, normalize(vec3(-0.45, 0.55, 0.7)));
  float edge = pow(1.0 - max(m.z, 0.0), 2.2);
  colour = mix(colour, dark, 0.62 * smoothstep(0.55, -0.75, light) + 0.22 * edge);
  colour = mix(colour, thin, 0.3 * smoothstep(0.55, 1.0, light));
  vec3 r = reflect(vec3(0.0, 0.0, -1.0), m);
  float window = smoothstep(-0.86, -0.93, r.x) * smoothstep(0.8, 0.6, abs(r.y + 0.1));
  float lamp = smoothstep(0.955, 0.985, r.x) * smoothstep(0.8, 0.6, abs(r.y));
  colour += shine * (0.3 * window + 0.24 * lamp + 0.25 * pow(max(dot(r, normalize(vec3(-0.4, 0.75, 0.55))), 0.0), 40.0));
  colour = mix(colour, vec3(1.0, 0.93, 0.7), metal * 0.55 * pow(max(light, 0.0), 3.0));
  gl_FragColor = vec4(colour, 1.0);
}`;

const SHADOW = `
precision mediump float; varying vec2 uv;
void main() { float a = 0.34 * pow(max(1.0 - length(uv), 0.0), 1.6); gl_FragColor = vec4(vec3(0.067, 0.09, 0.1) * a, a); }`;

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);

// a grid of points as triangles; point(i, j) gives [place, normal, uv]
function grid(rows, columns, point) {
  const data = [];
  const all = [];
  for (let i = 0; i <= rows; i++) for (let j = 0; j <= columns; j++) data.push(...point(i / rows, j / columns).flat());
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const a = i * (columns + 1) + j;
      all.push(a, a + 1, a + columns + 1, a + 1, a + columns + 2, a + columns + 1);
    }
  return { data: new Float32Array(data), all: new Uint16Array(all) };
}

// the wall's radius at a height, 0 the rim and 1 the foot
function radiusAt({ radii }, t) {
  const last = radii.length - 1;
  const k = Math.min(Math.max(t, 0) * last, last - 1e-6);
  return radii[Math.floor(k)] + (radii[Math.floor(k) + 1] - radii[Math.floor(k)]) * (k % 1);
}

function round(solid) {
  const { radii, height, wall } = solid;
  const last = radii.length - 1;
  const radius = (t) => radiusAt(solid, t);
  const turned = (rows, from, to, less, side) =>
    grid(rows, AROUND, (i, j) => {
      const t = from + (to - from) * i;
      const a = (j - 0.5) * 2 * Math.PI;
      const slope = ((radius(t + 0.01) - radius(t - 0.01)) / 0.02 / height) * (t > 0.01 && t < 0.99 ? 1 : 2);
      const long = Math.hypot(1, slope) * side;
      const r = Math.max(radius(t) - less, 2);
      const normal = [Math.sin(a) / long, slope / long, Math.cos(a) / long];
      return [[r * Math.sin(a), (1 - t) * height, r * Math.cos(a)], normal, [j, t]];
    });
  const disc = (r, y, up) =>
    grid(1, AROUND, (i, j) => {
      const a = (j - 0.5) * 2 * Math.PI;
      return [[r * i * Math.sin(a), y, r * i * Math.cos(a)], [0, up, 0], [j, i]];
    });
  const rim = grid(12, AROUND, (i, j) => {
    const a = (j - 0.5) * 2 * Math.PI;
    const b = Math.PI * i;
    const r = radii[0] - wall / 2 + (wall / 2 + 0.6) * Math.cos(b);
    const out = Math.cos(b);
    return [[r * Math.sin(a), height + (wall / 2) * Math.sin(b) - 1, r * Math.cos(a)], [out * Math.sin(a), Math.sin(b), out * Math.cos(a)], [j, 0]];
  });
  const foot = grid(1, AROUND, (i, j) => {
    const a = (j - 0.5) * 2 * Math.PI;
    const r = radii[last] * (1 - 0.015 * i);
    return [[r * Math.sin(a), -6 * i, r * Math.cos(a)], [Math.sin(a), 0, Math.cos(a)], [j, 1]];
  });
  return { wall: turned(64, 0, 1, 0, 1), inner: turned(40, 0, 0.96, wall, -1), ground: disc(radius(0.96) - wall, 0.04 * height, 1), under: disc(radii[last] * 0.985, -6, -1), rim, foot };
}

// a tube along the handle's line, wider where it is pressed onto the wall; uv.x: thousandths outside the wall
function handle(solid) {
  const line = solid.handle;
  const last = line.length - 1;
  const out = (x, y, z) => (Math.hypot(x, z) - radiusAt(solid, 1 - y / solid.height)) / 1000;
  return grid(last, 24, (i, j) => {
    const k = Math.round(i * last);
    const [ax, ay] = line[Math.max(k - 1, 0)];
    const [bx, by] = line[Math.min(k + 1, last)];
    const long = Math.hypot(bx - ax, by - ay) || 1;
    const side = [-(by - ay) / long, (bx - ax) / long];
    const flare = 1 + Math.exp(-(((i - 0.05) / 0.06) ** 2)) + Math.exp(-(((i - 0.95) / 0.06) ** 2));
    const b = j * 2 * Math.PI;
    const [c, s] = [Math.cos(b), Math.sin(b)];
    const [x, y] = line[k];
    const place = [x + side[0] * 17.5 * flare * c, y + side[1] * 17.5 * flare * c, 21 * Math.sqrt(flare) * s];
    return [place, [side[0] * c, side[1] * c, s], [out(...place), i]];
  });
}

// what is printed, laid flat: the whole way round is the width, rim to foot the height
function flat(solid, done) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [2048, 1024];
  const pen = sheet.getContext("2d");
  const x = (angle) => (angle / (2 * Math.PI) + 0.5) * sheet.width;
  const stretch = (sheet.width / (2 * Math.PI * Math.max(...solid.radii))) / (sheet.height / solid.height);
  if (solid.zone) {
    const { from, to, top, low, ink } = solid.zone;
    pen.strokeStyle = ink;
    pen.lineWidth = 5;
    pen.setLineDash([18, 16]);
    pen.strokeRect(x(from), top * sheet.height, x(to) - x(from), (low - top) * sheet.height);
  }
  if (solid.name) {
    pen.fillStyle = solid.name.ink;
    pen.textAlign = "center";
    const size = Math.min(76, 1500 / Math.max(solid.name.text.length, 4));
    pen.font = `500 ${size}px "Instrument Sans", system-ui, sans-serif`;
    pen.save();
    pen.translate(x(0), solid.name.t * sheet.height);
    pen.scale(stretch, 1);
    pen.fillText(solid.name.text, 0, 0);
    pen.restore();
  }
  done(sheet);
  if (!solid.art) return;
  const picture = new Image();
  picture.addEventListener("load", () => {
    pen.globalAlpha = solid.art.opacity;
    for (const { from, to, top, low } of solid.art.places)
      for (const round of [-1, 0, 1]) {
        const left = x(from + round * 2 * Math.PI);
        const wide = x(to) - x(from);
        if (left > sheet.width || left + wide < 0) continue;
        pen.save();
        pen.translate(solid.art.inside ? left + wide : left, top * sheet.height);
        pen.scale(solid.art.inside ? -1 : 1, 1);
        pen.drawImage(picture, 0, 0, wide, (low - top) * sheet.height);
        pen.restore();
      }
    done(sheet);
  });
  picture.src = solid.art.href;
}

function program(gl, fragment) {
  const made = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  ["place", "normal", "at"].forEach((name, i) => gl.bindAttribLocation(made, i, name));
  gl.linkProgram(made);
  return gl.getProgramParameter(made, gl.LINK_STATUS) ? made : null;
}

function mesh(gl, { data, all }) {
  const [points, order] = [gl.createBuffer(), gl.createBuffer()];
  gl.bindBuffer(gl.ARRAY_BUFFER, points);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, all, gl.STATIC_DRAW);
  return () => {
    gl.bindBuffer(gl.ARRAY_BUFFER, points);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, order);
    [3, 3, 2].forEach((size, i) => {
      gl.enableVertexAttribArray(i);
      gl.vertexAttribPointer(i, size, gl.FLOAT, false, 32, [0, 12, 24][i]);
    });
    gl.drawElements(gl.TRIANGLES, all.length, gl.UNSIGNED_SHORT, 0);
  };
}

function shapes(gl, solid) {
  const made = round(solid);
  const reach = solid.radii[0] * 1.7;
  made.shadow = grid(1, 1, (i, j) => [[(2 * j - 1) * reach + 20, -7, (2 * i - 1) * reach], [0, 1, 0], [2 * j - 1, 2 * i - 1]]);
  if (solid.handle.length) made.handle = handle(solid);
  return Object.fromEntries(Object.entries(made).map(([name, one]) => [name, mesh(gl, one)]));
}

// A view of the mug, or null where there is no WebGL. `lost` is called when it stops working.
export function mug(first, lost) {
  const canvas = document.createElement("canvas");
  const sharp = Math.min(window.devicePixelRatio || 1, 2) * 1.25;
  [canvas.width, canvas.height] = [WIDE * sharp, TALL * sharp];
  canvas.className = "mug solid";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const gl = canvas.getContext("webgl", { antialias: true, alpha: true });
  if (!gl) return null;
  const [clay, ground] = [program(gl, FRAGMENT), program(gl, SHADOW)];
  if (!clay || !ground) return null;
  canvas.addEventListener("webglcontextlost", lost);
  const texture = gl.createTexture();
  const state = { solid: null, said: "", parts: {}, yaw: 0, tilt: 0, stopped: false };

  function printed(sheet) {
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, sheet);
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR], [gl.TEXTURE_WRAP_S, gl.REPEAT], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]])
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    gl.generateMipmap(gl.TEXTURE_2D);
  }

  function look(used, yaw, tilt) {
    gl.useProgram(used);
    const set = (name, value) => gl.uniform1f(gl.getUniformLocation(used, name), value);
    set("yaw", yaw);
    set("sine", Math.min(Math.max(LOOKING_DOWN + tilt, 0.04), 0.75));
    set("middle", 300 - 48 * Math.cos(yaw)); // the handle stays in the picture
    return set;
  }

  function paint(set, name, tones, more = {}) {
    for (const tone of ["base", "thin", "dark"]) gl.uniform3fv(gl.getUniformLocation(clay, tone), rgb(tones[tone]));
    const values = { shine: 0, speckled: 0, breaking: 0, printed: 0, metal: 0, joined: 0, ...more };
    for (const [key, value] of Object.entries(values)) set(key, Number(value));
    state.parts[name]?.();
  }

  function draw(solid, yaw, tilt) {
    if (state.stopped) return;
    [state.yaw, state.tilt] = [yaw, tilt];
    const said = solid ? JSON.stringify(solid) : state.said;
    if (said !== state.said) {
      [state.solid, state.said, state.parts] = [solid, said, shapes(gl, solid)];
      flat(solid, (sheet) => {
        if (state.stopped || state.said !== said) return; // something else is chosen by now
        printed(sheet);
        if (sheet) frame();
      });
    }
    frame();
  }

  function frame() {
    const { solid, yaw, tilt } = state;
    const { outer, inner, shine, speckled, art } = solid;
    const plain = (colour) => ({ base: colour, thin: colour, dark: outer.dark });
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    look(ground, yaw * 0, tilt);
    state.parts.shadow();
    gl.disable(gl.BLEND);
    gl.enable(gl.DEPTH_TEST);
    const set = look(clay, yaw, tilt);
    const onWall = solid.zone || solid.name || (art && !art.inside);
    paint(set, "wall", outer, { shine, speckled, breaking: solid.reactive, printed: Boolean(onWall) });
    paint(set, "handle", outer, { shine, speckled, joined: 1 });
    paint(set, "inner", inner, { shine: shine / 3, printed: Boolean(art?.inside) });
    paint(set, "ground", inner, {});
    paint(set, "rim", plain(solid.rim), { shine, metal: solid.gold });
    paint(set, "foot", plain(solid.foot));
    paint(set, "under", plain(solid.foot));
  }

  function stop() {
    state.stopped = true;
    canvas.removeEventListener("webglcontextlost", lost);
    canvas.remove();
    gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  return { canvas, draw, stop };
}
