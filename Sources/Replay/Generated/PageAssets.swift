// Generated from Sources/Replay/Page by scripts/embed-page.py. Do not edit.
// swift-format-ignore-file

/// The parts of the page that plays a replay.
enum PageAssets {
  /// The markup, with places such as `{{title}}` for what is different in each page.
  static let markup = ##"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{{program-hash}}'; style-src '{{style-hash}}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="RL Arena">
<meta name="description" content="{{sentence}}">
<meta property="og:title" content="{{title}} · {{environment}}">
<meta property="og:description" content="{{sentence}}">
<title>{{title}} · {{environment}} · RL Arena</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%2314171c'/%3E%3Crect x='3' y='3' width='2' height='7' rx='1' fill='%237aa5ff'/%3E%3Crect x='11' y='6' width='2' height='7' rx='1' fill='%23ff9a5c'/%3E%3Ccircle cx='8' cy='8' r='1.4' fill='%23fff'/%3E%3C/svg%3E">
<style>{{style}}</style>
</head>
<body>
<header class="top">
  <div class="headline">
    <h1><bdi>{{title}}</bdi> <span class="environment"><bdi>{{environment}}</bdi></span></h1>
    <p class="sentence"><bdi>{{sentence}}</bdi></p>
    <noscript><p class="sentence">JavaScript is switched off, so the steps of this replay cannot be shown.</p></noscript>
    <p id="page-cut" class="warning" hidden>This page itself was cut off on its way here: what follows the cut is missing.</p>
  </div>
  <div class="tools">
    <button type="button" id="theme" class="icon" aria-label="Dark theme" title="Dark or light (t)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 2v12a6 6 0 0 1 0-12Z"/></svg></button>
    <button type="button" id="help" class="icon" aria-label="Keys and help" title="Keys and help (?)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 1.8a8.2 8.2 0 1 0 0 16.4 8.2 8.2 0 0 0 0-16.4Zm0 1.8a6.4 6.4 0 1 1 0 12.8 6.4 6.4 0 0 1 0-12.8Zm-.9 9.6h1.8V15H9.1v-1.8ZM10 5c-1.8 0-3 1.1-3.1 2.8h1.7c.1-.8.6-1.3 1.4-1.3s1.3.5 1.3 1.2c0 .6-.3.9-1 1.4-.9.6-1.3 1.2-1.2 2.3v.5h1.7v-.4c0-.7.2-1 1-1.5.8-.6 1.3-1.2 1.3-2.3C13.1 6.1 11.8 5 10 5Z"/></svg></button>
  </div>
</header>
<main>
  <section id="arena" aria-label="Match" data-seats="two">
    <div id="stage">
      <canvas id="canvas" role="img" aria-label="The game"></canvas>
      <p id="problem" hidden></p>
      <div id="values-box" hidden tabindex="0" role="region" aria-label="Observation"><table id="values"></table></div>
      <label id="viewer-box" hidden>Seen from <select id="viewer"></select></label>
      <p id="stage-note" hidden></p>
    </div>
    <section id="controls" aria-label="Playback">
      <div class="timeline">
        <canvas id="marks" aria-hidden="true" hidden></canvas>
        <input type="range" id="position" min="0" max="0" value="0" step="1" aria-label="Position in the match">
      </div>
      <div class="buttons">
        <div class="group">
          <button type="button" id="first" class="icon" aria-label="Start" title="Start (Home)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 4h2v12H4zM16 4v12l-8-6z"/></svg></button>
          <button type="button" id="back" class="icon" aria-label="One step back" title="One step back (←)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M13 4v12l-8-6z"/></svg></button>
          <button type="button" id="play" class="icon primary" aria-label="Play" title="Play (space)" data-state="paused"><svg viewBox="0 0 20 20" aria-hidden="true"><path class="when-paused" d="M6 3.5v13l10.5-6.5z"/><path class="when-playing" d="M5 4h3.5v12H5zM11.5 4H15v12h-3.5z"/></svg></button>
          <button type="button" id="forward" class="icon" aria-label="One step on" title="One step on (→)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M7 4l8 6-8 6z"/></svg></button>
          <button type="button" id="last" class="icon" aria-label="End" title="End (End)"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M4 4l8 6-8 6zM14 4h2v12h-2z"/></svg></button>
        </div>
        <output id="place" for="position">–</output>
        <div class="group" id="faults-box" hidden>
          <button type="button" id="previous-fault" aria-label="Previous fault" title="Previous fault (F)">‹ <span aria-hidden="true">fault</span></button>
          <button type="button" id="next-fault" aria-label="Next fault" title="Next fault (f)"><span aria-hidden="true">fault</span> ›</button>
          <ul id="fault-legend" aria-label="Faults in this match"></ul>
        </div>
        <div class="group menus">
          <label id="game-box" hidden><span class="visually-hidden">Game</span><select id="game"></select></label>
          <label><span>Speed</span> <select id="speed"></select></label>
        </div>
      </div>
      <p id="announcement" class="visually-hidden" role="status"></p>
    </section>
    <div id="seats"></div>
  </section>
  <div class="charts" id="charts">
    <figure id="score-chart">
      <figcaption><h2>Score</h2><span class="sub">sum of rewards</span><ul class="legend"></ul></figcaption>
      <div class="plot"><canvas role="img" aria-label="Scores over the steps"></canvas><div class="cursor"></div></div>
    </figure>
    <figure id="think-chart">
      <figcaption><h2>Think time</h2><span class="sub">mean, and faintly the longest</span><ul class="legend"></ul></figcaption>
      <div class="plot"><canvas role="img" aria-label="Think times over the steps"></canvas><div class="cursor"></div></div>
    </figure>
  </div>
  <div class="more">
    <section class="panel" id="agents-box" hidden aria-label="Agents">
      <h2>Agents</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Agents, as a table"><table><thead><tr><th scope="col">Agent</th><th scope="col">Score</th><th scope="col">Faults</th><th scope="col">Think p50</th><th scope="col">p99</th></tr></thead><tbody id="agents"></tbody></table></div>
    </section>
    <section class="panel" id="games-box" hidden aria-label="Games">
      <h2>Games</h2>
      <div class="scroll" tabindex="0" role="region" aria-label="Games, as a table"><table><thead><tr><th scope="col">Game</th><th scope="col">Seats</th><th scope="col">Scores</th><th scope="col">Winner</th><th scope="col">Steps</th></tr></thead><tbody id="games"></tbody></table></div>
    </section>
    <section class="panel" aria-label="About the match">
      <h2>About</h2>
      <dl id="facts"></dl>
    </section>
    <details class="panel" id="raw">
      <summary><h2>Raw frame</h2></summary>
      <pre id="raw-text" tabindex="0" role="region" aria-label="The frame as JSON"></pre>
    </details>
  </div>
</main>
<footer>Recorded and played by RL Arena. This page is complete in itself and asks nothing of a network.</footer>
<dialog id="help-dialog" aria-labelledby="help-title">
  <h2 id="help-title">Keys</h2>
  <table>
    <tbody>
      <tr><th scope="row"><kbd>Space</kbd></th><td>play, pause</td></tr>
      <tr><th scope="row"><kbd>←</kbd> <kbd>→</kbd></th><td>a step back, a step on; ten with <kbd>Shift</kbd></td></tr>
      <tr><th scope="row"><kbd>Page up</kbd> <kbd>Page down</kbd></th><td>a tenth back, a tenth on</td></tr>
      <tr><th scope="row"><kbd>Home</kbd> <kbd>End</kbd></th><td>start, end</td></tr>
      <tr><th scope="row"><kbd>f</kbd> <kbd>Shift</kbd> <kbd>f</kbd></th><td>next fault, previous fault</td></tr>
      <tr><th scope="row"><kbd>+</kbd> <kbd>−</kbd></th><td>faster, slower</td></tr>
      <tr><th scope="row"><kbd>[</kbd> <kbd>]</kbd></th><td>previous game, next game</td></tr>
      <tr><th scope="row"><kbd>t</kbd></th><td>dark, light</td></tr>
      <tr><th scope="row"><kbd>?</kbd></th><td>this help</td></tr>
    </tbody>
  </table>
  <p>Click into a chart or a mark to go there. At speed 1× a game is played as fast as it is meant to be watched; at “max” all of it in ten seconds. A position shows the state <em>after</em> its step: what was played, and what came of it.</p>
  <button type="button" id="close-help">Close</button>
</dialog>
<script type="module">{{program}}</script>

"""##

  /// The style sheet.
  static let style = ##"""
:root {
  color-scheme: light dark;
  --background: light-dark(#f6f6f4, #101215);
  --panel: light-dark(#fff, #181b20);
  --text: light-dark(#1b1e23, #e8eaed);
  --muted: light-dark(#5c626c, #9aa1ac);
  --line: light-dark(#e3e3df, #2a2e35);
  --line-strong: light-dark(#a9aca9, #565d68);
  --accent: light-dark(#2b5fd0, #7aa5ff);
  --on-accent: light-dark(#fff, #0d1b3a);
  --fault: light-dark(#b3261e, #ff8d82);
  --fault-background: light-dark(#fdf0ee, #2c1a19);
  --good: light-dark(#16703c, #6fd49a);
  --warning: light-dark(#7a5200, #f0c060);
  --highlight: light-dark(#fdf3d0, #3a3420);
  --stage: light-dark(#fff, #181b20);
  --court: light-dark(#eef0f2, #14171b);
  --court-line: light-dark(#d2d6db, #2d323a);
  --court-text: light-dark(#c3c8cf, #3b424c);
  --ball: light-dark(#1b1e23, #f4f5f6);
  --rack: light-dark(#d9dde3, #2b313a);
  --on-seat: light-dark(#fff, #101215);
  --seat-0: light-dark(#2b5fd0, #7aa5ff);
  --seat-1: light-dark(#bf4a17, #ff9a5c);
  --seat-2: light-dark(#0c7466, #4fd0b8);
  --seat-3: light-dark(#8539ab, #cf95f0);
  --seat-4: light-dark(#7d6200, #e0c050);
  --seat-5: light-dark(#a92466, #ff86b8);
  /* How tall the stage may be, so that everything needed to play stays in sight. */
  --height: clamp(190px, calc(100dvh - 236px), 600px);
  --radius: 10px;
  font: 15px/1.45 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums;
  background: var(--background);
  color: var(--text);
}

:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }

* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; max-width: 1280px; padding: 0 16px 24px; }
h1, h2, p, dl, dd, figure, ul { margin: 0; padding: 0; }
h2 { font-size: 0.9rem; font-weight: 600; letter-spacing: 0.01em; }
ul { list-style: none; }

.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}

:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

/* Headline */

.top { display: flex; gap: 16px; align-items: flex-start; padding: 12px 0 10px; }
.headline { flex: 1; min-width: 0; }
h1 { font-size: 1.15rem; line-height: 1.3; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h1, .sentence { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.environment {
  display: inline-block;
  margin-left: 4px;
  padding: 0 8px;
  border: 1px solid var(--line-strong);
  border-radius: 99px;
  font-size: 0.75rem;
  font-weight: 500;
  line-height: 1.5;
  letter-spacing: 0;
  max-width: min(100%, 24em);
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  color: var(--muted);
  vertical-align: middle;
}
.sentence { color: var(--muted); font-size: 0.875rem; overflow-wrap: anywhere; }
.warning { color: var(--warning); font-size: 0.875rem; }
.tools { display: flex; gap: 4px; }

/* Buttons and menus */

button, select {
  font: inherit;
  font-size: 0.8125rem;
  color: inherit;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: 8px;
  min-height: 34px;
  padding: 0 10px;
}
button { cursor: pointer; }
select { padding: 0 4px 0 8px; max-width: 11em; }
button:hover:not(:disabled), select:hover:not(:disabled) { border-color: var(--line-strong); }
button:disabled, select:disabled { opacity: 0.45; cursor: default; }
.icon { width: 34px; padding: 0; display: inline-grid; place-items: center; }
.icon svg { width: 18px; height: 18px; fill: currentColor; }
.icon.primary { width: 46px; background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.tools .icon { border-color: transparent; background: none; color: var(--muted); }
[data-state="paused"] .when-playing, [data-state="playing"] .when-paused { display: none; }
button.link { border: 0; background: none; padding: 0 2px; min-height: 26px; color: var(--accent); text-decoration: underline; text-underline-offset: 3px; }

/* The arena: the stage between its seats, the controls below */

#arena { display: grid; gap: 10px; grid-template: "stage" auto "controls" auto "seats" auto / minmax(0, 1fr); }
#stage {
  grid-area: stage;
  position: relative;
  display: flex;
  flex-direction: column;
  justify-content: center;
  align-items: center;
  min-width: 0;
  min-height: 0;
  background: var(--stage);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  overflow: hidden;
}
#canvas { display: block; width: 100%; height: var(--height); cursor: pointer; }
#stage[data-shape="court"] { background: var(--court); }
#stage[data-shape="court"] #canvas { width: min(100%, calc(var(--height) * 1.5)); height: auto; aspect-ratio: 3 / 2; }
#stage[data-shape="mixed"] #canvas { height: calc(var(--height) * 0.62); }
#stage[data-shape="mixed"] #values-box { max-height: calc(var(--height) * 0.38); border-top: 1px solid var(--line); }
#stage[data-shape="empty"] { min-height: var(--height); }
#problem { padding: 24px; color: var(--muted); text-align: center; max-width: 36em; }
#stage-note {
  position: absolute;
  bottom: 12px;
  max-width: calc(100% - 24px);
  padding: 3px 12px;
  border-radius: 99px;
  background: var(--text);
  color: var(--background);
  font-size: 0.8125rem;
  font-weight: 550;
  text-align: center;
  overflow-wrap: anywhere;
  pointer-events: none;
}
#viewer-box { order: -1; align-self: flex-end; padding: 6px 6px 0; font-size: 0.75rem; color: var(--muted); }
#viewer-box select { min-height: 28px; }

#values-box { width: 100%; max-height: var(--height); overflow: auto; padding: 8px 14px; }
#stage:has(#viewer-box:not([hidden])) { --height: calc(clamp(190px, 100dvh - 236px, 600px) - 34px); }
#stage[data-shape="table"] #values-box { min-height: min(var(--height), 320px); }
#values { width: 100%; border-collapse: collapse; font-size: 0.8125rem; }
#values th { text-align: left; font-weight: 500; color: var(--muted); padding: 2px 12px 2px 0; white-space: nowrap; max-width: 14em; overflow: hidden; text-overflow: ellipsis; }
#values .value { text-align: right; padding: 2px 12px 2px 0; width: 7em; white-space: nowrap; max-width: 16em; overflow: hidden; text-overflow: ellipsis; }
#values .bar { width: 55%; }
#values .track { display: block; position: relative; height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; }
#values .fill { position: absolute; inset-block: 0; border-radius: 4px; background: var(--accent); }
#values .fill.negative { background: var(--seat-1); }
#values .more { color: var(--muted); padding: 6px 0; }

/* Seats */

#seats { grid-area: seats; display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.seat {
  min-width: 0;
  padding: 10px 12px 12px;
  background: var(--panel);
  border: 1px solid var(--line);
  border-top: 3px solid var(--seat);
  border-radius: var(--radius);
  overflow: auto;
  scrollbar-width: thin;
}
[data-seat="0"] { --seat: var(--seat-0); }
[data-seat="1"] { --seat: var(--seat-1); }
[data-seat="2"] { --seat: var(--seat-2); }
[data-seat="3"] { --seat: var(--seat-3); }
[data-seat="4"] { --seat: var(--seat-4); }
[data-seat="5"] { --seat: var(--seat-5); }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; background: var(--seat); }
.place { white-space: nowrap; }
.seat header .swatch { flex: none; }
.seat header { display: flex; align-items: center; gap: 6px; font-size: 0.75rem; color: var(--muted); }
.seat h2 { font-size: 1rem; font-weight: 620; line-height: 1.25; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.score { font-size: 1.9rem; font-weight: 600; line-height: 1.25; letter-spacing: -0.02em; overflow-wrap: anywhere; }
.seat.idle .score { color: var(--muted); }
.badge { margin-left: auto; padding: 0 7px; border-radius: 99px; background: var(--fault-background); color: var(--fault); font-size: 0.6875rem; font-weight: 600; }
.seat dl > div { display: flex; flex-wrap: wrap; gap: 0 8px; padding: 3px 0; border-top: 1px solid var(--line); font-size: 0.8125rem; }
.seat dt { color: var(--muted); }
.seat dd { margin-left: auto; max-width: 100%; max-height: 4.35em; overflow: hidden; font-weight: 550; text-align: right; overflow-wrap: anywhere; }
.seat dd[data-sign="1"] { color: var(--good); }
.seat dd[data-sign="-1"] { color: var(--fault); }
.fault { margin-top: 6px; padding: 6px 8px; border-radius: 7px; border: 1px solid var(--line); font-size: 0.75rem; color: var(--muted); }
.fault.now { background: var(--fault-background); border-color: var(--fault); color: var(--fault); }
.fault p { display: flex; gap: 6px; align-items: center; overflow-wrap: anywhere; }
.fault p.message { display: block; }
.fault strong { font-weight: 620; }
.mark { width: 14px; height: 14px; flex: none; }
.note { margin-top: 6px; padding-left: 8px; border-left: 2px solid var(--line-strong); font-size: 0.8125rem; white-space: pre-wrap; overflow-wrap: anywhere; }

/* Controls */

#controls { grid-area: controls; display: grid; gap: 6px; padding: 8px 12px 10px; background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); }
.timeline { display: grid; }
#marks { width: 100%; height: 22px; cursor: pointer; }
#marks.tall { height: 34px; }
#position { appearance: none; width: 100%; height: 22px; margin: 0; background: none; cursor: pointer; --progress: 0; border-radius: 6px; }
#position::-webkit-slider-runnable-track {
  height: 6px;
  border-radius: 3px;
  background: linear-gradient(to right, var(--accent) calc(8px + var(--progress) * (100% - 16px)), var(--line) 0);
}
#position::-moz-range-track { height: 6px; border-radius: 3px; background: var(--line); }
#position::-moz-range-progress { height: 6px; border-radius: 3px; background: var(--accent); }
#position::-webkit-slider-thumb { appearance: none; width: 16px; height: 16px; margin-top: -5px; border-radius: 50%; background: var(--panel); border: 4px solid var(--accent); }
#position::-moz-range-thumb { width: 8px; height: 8px; border-radius: 50%; background: var(--panel); border: 4px solid var(--accent); }
#position:disabled { opacity: 0.4; }
.buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; }
.group { display: flex; align-items: center; gap: 4px; }
.menus { margin-left: auto; order: 1; gap: 8px; }
.menus label, #fault-legend { font-size: 0.8125rem; color: var(--muted); }
.menus select { color: var(--text); }
#place { font-size: 0.875rem; font-weight: 550; white-space: nowrap; }
#fault-legend { display: flex; flex-wrap: wrap; gap: 0 12px; margin-left: 6px; }
#fault-legend li { display: flex; align-items: center; gap: 4px; }

/* Charts and tables */

.more { align-items: start; }
.charts, .more { display: grid; gap: 10px; margin-top: 10px; grid-template-columns: minmax(0, 1fr); }
figure, .panel { min-width: 0; padding: 10px 12px 12px; background: var(--panel); border: 1px solid var(--line); border-radius: var(--radius); }
figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; margin-bottom: 6px; }
.sub { font-size: 0.75rem; color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 12px; margin-left: auto; font-size: 0.75rem; color: var(--muted); min-width: 0; }
.legend li { max-width: 14em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.legend .swatch { width: 14px; height: 3px; margin-right: 5px; vertical-align: middle; }
.plot { position: relative; }
.plot canvas { display: block; width: 100%; height: 150px; cursor: crosshair; touch-action: pan-y; }
.cursor { position: absolute; top: 8px; bottom: 6px; width: 1.5px; margin-left: -0.75px; background: var(--text); opacity: 0.65; pointer-events: none; }
.scroll { overflow-x: auto; max-height: 320px; }
.panel table { width: 100%; border-collapse: collapse; font-size: 0.8125rem; margin-top: 4px; }
.panel th, .panel td { padding: 4px 12px 4px 0; text-align: left; border-top: 1px solid var(--line); }
.panel thead th { border: 0; font-weight: 500; color: var(--muted); }
.panel tbody th { font-weight: 550; overflow-wrap: anywhere; }
#facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 0 20px; font-size: 0.8125rem; margin-top: 4px; }
#facts .long { grid-column: 1 / -1; }
#facts div { display: flex; gap: 10px; padding: 4px 0; border-top: 1px solid var(--line); }
#facts dt { color: var(--muted); flex: 0 0 6.5em; }
#facts dd { overflow-wrap: anywhere; min-width: 0; }
summary { cursor: pointer; }
summary h2 { display: inline; }
#raw-text { margin: 8px 0 0; font: 0.75rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 480px; overflow: auto; }
footer { margin-top: 16px; font-size: 0.75rem; color: var(--muted); text-align: center; }

dialog { border: 1px solid var(--line); border-radius: 14px; background: var(--panel); color: var(--text); padding: 18px 22px; max-width: min(30rem, calc(100vw - 24px)); }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
dialog h2 { font-size: 1rem; margin-bottom: 6px; }
dialog table { border-collapse: collapse; font-size: 0.875rem; }
dialog th { text-align: left; padding: 3px 16px 3px 0; white-space: nowrap; font-weight: 400; }
dialog p { margin: 10px 0 14px; font-size: 0.8125rem; color: var(--muted); }
kbd { font: 0.75rem ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; padding: 1px 6px; border: 1px solid var(--line-strong); border-radius: 5px; }

@media (min-width: 680px) {
  #arena[data-seats="two"] { grid-template: "left stage right" auto "controls controls controls" auto / minmax(148px, 0.26fr) minmax(0, 1fr) minmax(148px, 0.26fr); }
  #arena[data-seats="one"] { grid-template: "stage left" auto "controls controls" auto / minmax(0, 1fr) minmax(150px, 0.3fr); }
  #arena:is([data-seats="two"], [data-seats="one"]) #seats { display: contents; }
  #arena:is([data-seats="two"], [data-seats="one"]) .seat { grid-area: left; contain: size; }
  #arena[data-seats="two"] .seat[data-side="right"] { grid-area: right; }
}

/* What there is of faults goes below the rest where it does not fit beside it. */
@media (max-width: 1099px) {
  #faults-box { order: 2; flex-basis: 100%; }
}

@media (min-width: 900px) {
  .charts, .more { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  #raw { grid-column: 1 / -1; }
}

/* A phone: the stage as wide as the screen, the seats beside each other. */
@media (max-width: 679px) {
  :root { --height: clamp(190px, 62dvw, 420px); }
  body { padding: 0 10px 20px; }
  #seats { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .buttons { justify-content: space-between; gap: 8px; }
  #fault-legend { display: none; }
  .score { font-size: 1.5rem; }
}

/* A low frame, such as a player in another page. */
@media (max-height: 640px) and (min-width: 680px) {
  .top { padding: 6px 0; }
  h1, .sentence { -webkit-line-clamp: 1; }
  #arena { gap: 8px; }
  .score { font-size: 1.5rem; }
}

@media (prefers-reduced-motion: no-preference) {
  button, select { transition: border-color 0.12s; }
}

"""##

  /// The program.
  static let program = ##"""

// format.js

/** A whole or fractional number for people. */
function number(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "bigint" || !Number.isFinite(value)) return String(value).replace("Infinity", "∞").replace("-", "−");
  if (Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 10 ** -digits)) return value.toPrecision(digits + 1).replace(/-/g, "−");
  // Adding 0 takes the sign off -0. A true minus is as wide as a digit.
  return (value + 0).toLocaleString("en", { maximumFractionDigits: digits }).replace("-", "−");
}

/** A number with its sign, as rewards have one. */
function signed(value) {
  return (value > 0 ? "+" : "") + number(value);
}

/** Microseconds in the unit that suits them. */
function duration(microseconds) {
  if (microseconds === null || !Number.isFinite(microseconds)) return "–";
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${Number((microseconds / 1e3).toPrecision(3))} ms`;
  if (microseconds < 60e6) return `${Number((microseconds / 1e6).toPrecision(3))} s`;
  const seconds = Math.round(microseconds / 1e6);
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

/** `3 steps`, `1 step`. */
function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A text cut to a length, with a mark that it was. */
function clipped(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Any value as indented JSON: short arrays on one line, NaN and the infinities as the protocol writes them, integers in full. */
function json(value, indent = "") {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"inf"' : '"-inf"';
  if (typeof value === "number" && Object.is(value, -0)) return "-0.0";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const parts = value.map((part) => json(part, inner));
    if (!value.some((part) => part !== null && typeof part === "object")) return wrapped(parts, indent);
    return `[\n${parts.map((part) => inner + part).join(",\n")}\n${indent}]`;
  }
  const members = value instanceof Map ? [...value] : Object.entries(value);
  if (members.length === 0) return "{}";
  return `{\n${members.map(([key, part]) => `${inner}${JSON.stringify(key)}: ${json(part, inner)}`).join(",\n")}\n${indent}}`;
}

/** An array of simple values, in lines of about 80 characters. */
function wrapped(parts, indent) {
  const lines = [""];
  for (const [i, part] of parts.entries()) {
    const text = i < parts.length - 1 ? `${part}, ` : part;
    if (lines.at(-1).length + text.length > 80) lines.push("");
    lines[lines.length - 1] += text;
  }
  if (lines.length === 1) return `[${lines[0]}]`;
  return `[\n${lines.map((line) => `${indent}  ${line.trimEnd()}`).join("\n")}\n${indent}]`;
}

// actions.js

/** What actions are called in games that are known. */
const WORDS = {
  pong: ["up", "stay", "down"],
  rock_paper_scissors: ["rock", "paper", "scissors"],
  rps: ["rock", "paper", "scissors"],
};
const ARROWS = { up: "↑", stay: "·", down: "↓" };

/** A game's name without where it comes from and its version: `pettingzoo:classic/connect_four_v3` is `connect_four`. */
function gameName(environment) {
  return environment
    .split(/[:/]/)
    .at(-1)
    .replace(/_v\d+$/, "");
}

/** What a seat played, in words. */
function actionWords(seat, replay) {
  if (!seat.acted && !seat.action) return "–";
  if (seat.oddAction) return "bytes that are no action";
  if (!seat.action) return "nothing";
  const value = replay.action.value(seat.action);
  const game = gameName(replay.match.environment);
  const word = typeof value === "number" ? WORDS[game]?.[value] : null;
  if (word) return ARROWS[word] ? `${ARROWS[word]} ${word}` : word;
  if (game === "connect_four" && typeof value === "number") return `column ${value + 1}`;
  if (game === "tictactoe" && typeof value === "number") return `row ${(value % 3) + 1}, column ${Math.floor(value / 3) + 1}`;
  return typeof value === "string" ? value : json(value).replace(/\s+/g, " ").replaceAll("[ ", "[").replaceAll(" ]", "]");
}

// colours.js

/** The colours of the style sheet, for canvases. */
class Colours {
  constructor() {
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    document.body.append(this.probe);
    this.known = new Map();
  }

  /** They may have changed. */
  forget() {
    this.known.clear();
  }

  /** The colour of a custom property, resolved for the theme in force. */
  get(name) {
    if (!this.known.has(name)) {
      this.probe.style.color = `var(--${name})`;
      this.known.set(name, getComputedStyle(this.probe).color);
    }
    return this.known.get(name);
  }

  /** The colour of a seat. */
  seat(index) {
    return this.get(`seat-${index % 6}`);
  }
}

/** Lines of seats differ by their dashes too. */
function dashes(seat) {
  return [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]][seat % 6];
}

// dom.js

/** The element of the page with this id. */
function byID(id) {
  return document.getElementById(id);
}

/** A new element. What it is given is text or elements, never markup. */
function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) created.setAttribute(key, value);
  }
  created.append(...children);
  return created;
}

/** Writes text where it differs: what does not change is not laid out again. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Fits a canvas to its place on the screen and returns its context, in CSS pixels. */
function prepareCanvas(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const [pixelWidth, pixelHeight] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// chart.js

const LEFT = 52;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 6;
/** Points closer than this, in pixels, are drawn as one. */
const SPACING = 4;

/** A line chart over the positions of a match, one line per seat; a click seeks. */
class Chart {
  /**
   * `lines` is a list of `{seat, values, faint}` over `positions`; `label` writes a value; `isSteps` keeps a value until the next one;
   * `mayBeLogarithmic` where values differ by orders of magnitude.
   */
  constructor(figure, colours, { positions, lines, label, isSteps = false, mayBeLogarithmic = false, unit = 1 }, seek) {
    Object.assign(this, { colours, positions, lines, label, isSteps, mayBeLogarithmic, unit });
    this.canvas = figure.querySelector("canvas");
    this.cursor = figure.querySelector(".cursor");
    const toPosition = (event) => {
      const { width } = this.canvas.getBoundingClientRect();
      const part = (event.offsetX - LEFT) / Math.max(1, width - LEFT - RIGHT);
      seek(Math.round(this.range[0] + Math.min(1, Math.max(0, part)) * (this.range[1] - this.range[0])));
    };
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      toPosition(event);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (event.buttons & 1) toPosition(event);
    });
  }

  setRange(range) {
    this.range = range;
    this.draw();
  }

  /** Indices of the points within the range. */
  visible() {
    const [from, to] = this.range;
    const first = this.positions.findIndex((position) => position >= from);
    if (first < 0) return [];
    const indices = [];
    for (let i = first; i < this.positions.length && this.positions[i] <= to; i++) indices.push(i);
    return indices;
  }

  draw() {
    const { context, width, height } = prepareCanvas(this.canvas);
    const indices = this.visible();
    const values = this.lines.flatMap((line) => indices.map((i) => line.values[i]).filter((v) => v !== null && Number.isFinite(v)));
    const scale = this.scale(values);
    const x = (position) => LEFT + ((position - this.range[0]) / Math.max(1, this.range[1] - this.range[0])) * (width - LEFT - RIGHT);
    const y = (value) => TOP + (1 - scale.at(value)) * (height - TOP - BOTTOM);
    context.font = "11px ui-sans-serif, system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const tick of scale.ticks) {
      context.fillStyle = this.colours.get("line");
      context.fillRect(LEFT, Math.round(y(tick)), width - LEFT - RIGHT, 1);
      context.fillStyle = this.colours.get("muted");
      context.fillText(this.label(tick), LEFT - 6, Math.min(height - 7, Math.max(7, y(tick))));
    }
    for (const line of this.lines) this.drawLine(context, line, this.drawn(line, indices, x), x, y);
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  /** The points of a line as they are drawn: of those that lie too close, the highest on a faint line, and the mean on others. */
  drawn(line, indices, x) {
    const points = indices.map((i) => [this.positions[i], line.values[i]]);
    if (this.isSteps || indices.length < 2) return points;
    const groups = Map.groupBy(points, ([position]) => Math.floor(x(position) / SPACING));
    return [...groups.values()].map((group) => {
      const values = group.map(([, value]) => value).filter((value) => value !== null && Number.isFinite(value));
      const sum = values.reduce((all, value) => all + value, 0);
      return [group.at(-1)[0], values.length === 0 ? null : line.faint ? Math.max(...values) : sum / values.length];
    });
  }

  drawLine(context, line, points, x, y) {
    context.strokeStyle = this.colours.seat(line.seat);
    context.lineWidth = line.faint ? 1 : 1.75;
    context.globalAlpha = line.faint ? 0.4 : 1;
    context.setLineDash(dashes(line.seat));
    context.lineJoin = "round";
    context.beginPath();
    let last = null;
    for (const [position, value] of points) {
      if (value === null || !Number.isFinite(value)) {
        last = null;
        continue;
      }
      const [px, py] = [x(position), y(value)];
      if (last === null) context.moveTo(px, py);
      else if (this.isSteps) {
        context.lineTo(px, last);
        context.lineTo(px, py);
      } else context.lineTo(px, py);
      if (last === null && points.length === 1) context.lineTo(px + 2, py);
      last = py;
    }
    context.stroke();
  }

  scale(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const [low, high] = [Math.min(0, sorted[0] ?? 0), Math.max(sorted.at(-1) ?? 1, 0)];
    const middle = sorted[sorted.length >> 1] ?? 0;
    if (this.mayBeLogarithmic && middle > 0 && high / middle > 20) return logarithmic(Math.max(this.unit, sorted.find((v) => v > 0) ?? 1), high);
    return linear(low, high, values.every(Number.isInteger) ? this.unit : 0);
  }

  show(position) {
    const part = (position - this.range[0]) / Math.max(1, this.range[1] - this.range[0]);
    this.cursor.style.left = `calc(${LEFT}px + ${part} * (100% - ${LEFT + RIGHT}px))`;
    this.cursor.hidden = part < 0 || part > 1;
  }
}

/** A scale with about four round ticks, at least `unit` apart where there is one. */
function linear(low, high, unit) {
  if (high === low) high = low + 1;
  const raw = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= raw) * power, unit);
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
  return { ticks, at: (value) => (value - from) / (to - from) };
}

/** A scale in powers of ten. */
function logarithmic(low, high) {
  const from = Math.floor(Math.log10(low));
  const to = Math.max(from + 1, Math.ceil(Math.log10(high)));
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  return { ticks, at: (value) => Math.max(0, (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from)) };
}

// charts.js

/** The charts of scores and of think times, from what the page holds beside its blocks. */
class Charts {
  constructor(replay, colours, seek) {
    this.replay = replay;
    const points = this.points();
    const lines = (column, faint) => points.seats.map((seat, i) => ({ seat: i, values: seat[column], faint }));
    this.score = new Chart(
      byID("score-chart"),
      colours,
      { positions: points.positions, lines: lines("score"), label: (value) => number(value, 2), isSteps: true },
      seek,
    );
    this.think = new Chart(
      byID("think-chart"),
      colours,
      {
        positions: points.positions,
        lines: [...lines("longest", true), ...lines("mean")],
        label: duration,
        mayBeLogarithmic: true,
      },
      seek,
    );
    this.all = [this.score, this.think];
  }

  /** All points of all games. */
  points() {
    const { blocks, games, seats, match } = this.replay;
    const positions = [];
    const columns = Array.from({ length: seats }, () => ({ score: [], mean: [], longest: [] }));
    const add = (position, values) => {
      positions.push(position);
      for (const [seat, { score, mean, longest }] of columns.entries()) {
        const [s = null, m = null, l = null] = values(seat);
        score.push(s);
        mean.push(m);
        longest.push(l);
      }
    };
    let game = null;
    for (const block of blocks) {
      if (block.game !== game) {
        game = block.game;
        add(game.first, () => [0]);
      }
      for (let first = 0, point = 0; first < block.frames; first += match.frames_per_point, point++) {
        const last = Math.min(first + match.frames_per_point, block.frames) - 1;
        const at = 3 * point * block.seats;
        add(block.first + last, (seat) => (seat < block.seats ? block.chart.slice(at + 3 * seat, at + 3 * seat + 3) : []));
      }
    }
    return { positions, seats: columns };
  }

  setRange(range) {
    for (const chart of this.all) chart.setRange(range);
    this.writeLegend(range);
  }

  /** Whose line is whose: agents, unless they change seats within the range. */
  writeLegend([from, to]) {
    const games = this.replay.games.filter((game) => game.first <= to && game.last >= from);
    const names = Array.from({ length: this.replay.seats }, (_, seat) => {
      const agents = new Set(games.map((game) => this.replay.agent(game, seat)));
      return agents.size === 1 ? [...agents][0] : `seat ${seat + 1}`;
    });
    for (const legend of document.querySelectorAll(".legend")) {
      legend.replaceChildren(
        ...names.map((name, seat) =>
          element("li", {}, element("span", { class: "swatch", "data-seat": seat % 6 }), element("bdi", {}, name)),
        ),
      );
    }
    this.describe(names, games.length);
  }

  describe(names, games) {
    const ends = names.map((name, seat) => {
      const values = this.score.visible().map((i) => this.score.lines[seat].values[i]);
      return `${name} ${number(values.at(-1) ?? 0)}`;
    });
    const means = names.map((name, seat) => {
      const line = this.think.lines[this.replay.seats + seat];
      const values = this.think.visible().map((i) => line.values[i]).filter((value) => value !== null);
      return `${name} ${values.length ? duration(values.reduce((sum, value) => sum + value, 0) / values.length) : "no answers"}`;
    });
    const at = games > 1 ? "at the end of the last game" : "at the end";
    this.score.canvas.setAttribute("aria-label", `Scores over the steps; ${at}: ${ends.join(", ")}.`);
    this.think.canvas.setAttribute("aria-label", `Think times over the steps; on average: ${means.join(", ")}.`);
  }

  draw() {
    for (const chart of this.all) chart.draw();
  }

  show(position) {
    for (const chart of this.all) chart.show(position);
  }
}

// facts.js

/** Games listed at most; the menu has all of them. */
const MOST_GAMES = 200;

/** What is known about the match beside its frames. */
function writeFacts(replay, watch) {
  const { match } = replay;
  writeMatch(match, replay);
  writeAgents(match);
  if (replay.games.length > 1) writeGames(replay, watch);
}

function writeMatch(match, replay) {
  const result = match.result ?? {};
  const seconds = result.execution_time_sec ?? Math.max(0, match.end_time - match.start_time);
  const settings = Object.entries(match.configuration).map(([key, value]) => `${key} ${typeof value === "object" ? json(value) : value}`);
  const facts = [
    ["Match", match.match_id],
    ["Environment", match.environment],
    ["Agents", match.agents.join(", ")],
    ["Result", document.querySelector(".sentence").textContent],
    ["Status", result.status ?? "without its end"],
    ["Games", number(replay.games.length)],
    ["Steps", number(replay.games.reduce((sum, game) => sum + game.steps, 0))],
    ["Started", match.start_time > 0 ? `${new Date(match.start_time * 1000).toISOString().replace("T", " ").slice(0, 19)} UTC` : "–"],
    ["Duration", duration(seconds * 1e6)],
    ["Seed", match.seed ?? "unknown"],
    ["Settings", settings.join(", ")],
    ["Played by", match.version ? `RL Arena ${match.version}` : "an unknown version"],
  ];
  if (result.recording?.ended_because) facts.push(["Recording", result.recording.ended_because]);
  byID("facts").replaceChildren(
    ...facts
      .filter(([, value]) => value !== "")
      .map(([name, value]) => element("div", { class: value.length > 60 ? "long" : null }, element("dt", {}, name), element("dd", {}, element("bdi", {}, value)))),
  );
}

function writeAgents(match) {
  const agents = match.result?.agent_results ?? [];
  byID("agents-box").hidden = agents.length === 0;
  const time = (agent, key) => (agent.think_time?.count > 0 ? duration((agent.think_time[key] ?? NaN) * 1e6) : "–");
  byID("agents").replaceChildren(
    ...agents.map((agent) => {
      const faults = Object.entries(agent.faults ?? {}).map(([kind, count]) => `${number(count)} ${kind}`);
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, element("bdi", {}, agent.agent_id)),
        element("td", {}, number(agent.score)),
        element("td", {}, (faults.join(", ") || "none") + (agent.forfeited ? "; forfeited" : "")),
        element("td", {}, time(agent, "p50_sec")),
        element("td", {}, time(agent, "p99_sec")),
      );
    }),
  );
}

function writeGames(replay, watch) {
  byID("games-box").hidden = false;
  const shown = replay.games.slice(0, MOST_GAMES);
  byID("games").replaceChildren(
    ...shown.map((game) => {
      const winner = game.end?.outcomes.indexOf("win") ?? -1;
      const button = element("button", { type: "button", class: "link" }, `Game ${game.index + 1}`);
      button.addEventListener("click", () => watch(game));
      const agents = Array.from({ length: game.seats }, (_, seat) => replay.agent(game, seat));
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, button),
        element("td", {}, element("bdi", {}, agents.join(" – "))),
        element("td", {}, game.end ? game.end.scores.map((score) => number(Number(score))).join(" – ") : "–"),
        element("td", {}, winner >= 0 ? element("bdi", {}, replay.agent(game, winner)) : game.end ? "nobody" : "the recording ends"),
        element("td", {}, number(game.steps)),
      );
    }),
  );
  if (shown.length < replay.games.length) {
    byID("games").append(element("tr", {}, element("td", { colspan: 5 }, `and ${counted(replay.games.length - shown.length, "more game")}`)));
  }
}

// faults.js

/** What an agent can do wrong, by its number in a replay: its name, a word for it, and the mark that it has on the timeline. */
const FAULTS = {
  1: { name: "timeout", words: "no answer in time", shape: "triangle" },
  2: { name: "invalid_action", words: "invalid action", shape: "cross" },
  3: { name: "exception", words: "exception", shape: "diamond" },
  4: { name: "protocol", words: "broke the protocol", shape: "square" },
  5: { name: "disconnected", words: "disconnected", shape: "ring" },
  6: { name: "startup", words: "did not start", shape: "bar" },
};

/** Draws the mark of a fault around a point. Kinds differ by shape; colour only helps. */
function drawMark(context, shape, x, y, size, colour) {
  const r = size / 2;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1.5, size / 5);
  context.beginPath();
  if (shape === "triangle") {
    context.moveTo(x, y - r);
    context.lineTo(x + r, y + r * 0.8);
    context.lineTo(x - r, y + r * 0.8);
  } else if (shape === "diamond") {
    context.moveTo(x, y - r * 1.1);
    context.lineTo(x + r * 0.9, y);
    context.lineTo(x, y + r * 1.1);
    context.lineTo(x - r * 0.9, y);
  } else if (shape === "square") {
    context.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
  } else if (shape === "bar") {
    context.rect(x - r * 0.35, y - r, r * 0.7, r * 2);
  } else if (shape === "cross") {
    context.moveTo(x - r * 0.8, y - r * 0.8);
    context.lineTo(x + r * 0.8, y + r * 0.8);
    context.moveTo(x + r * 0.8, y - r * 0.8);
    context.lineTo(x - r * 0.8, y + r * 0.8);
    return context.stroke();
  } else {
    context.arc(x, y, r * 0.75, 0, 2 * Math.PI);
    return context.stroke();
  }
  context.closePath();
  context.fill();
}

// keyboard.js

/** Calls what a key stands for, wherever the focus is, unless the key means something to the element that has it. */
function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const isSlider = target.id === "position";
    if (!isSlider && target.closest("select, input, textarea")) return;
    // Space and Enter press the button that has the focus.
    if ((event.key === " " || event.key === "Enter") && target.closest("button, summary, a")) return;
    const action = actions[(event.shiftKey && event.key.startsWith("Arrow") ? "Shift+" : "") + event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

// player.js

/** What can be chosen as speed. */
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, Infinity];

/** Decides which position is shown when. Knows nothing of how. */
class Player {
  /** `show` is given a frame; `changed` is called when playing starts or stops, `failed` where a frame cannot be had. */
  constructor(replay, stepsPerSecond, { show, changed, failed }) {
    this.replay = replay;
    this.stepsPerSecond = stepsPerSecond;
    this.showFrame = show;
    this.changed = changed;
    this.failed = failed;
    this.range = [0, Math.max(0, replay.length - 1)];
    this.position = 0;
    this.speed = 1;
    this.isPlaying = false;
    this.request = 0;
    this.run = 0;
  }

  get atEnd() {
    return this.position >= this.range[1];
  }

  /** Steps per second at the speed that was chosen: at the highest, the whole range in ten seconds. */
  get rate() {
    const length = this.range[1] - this.range[0];
    return this.speed === Infinity ? Math.max(32 * this.stepsPerSecond, length / 10) : this.speed * this.stepsPerSecond;
  }

  setRange(range) {
    this.range = range;
    return this.seek(this.position);
  }

  /** Goes to a position, the nearest one within the range. Of several requests at a time the last one wins. */
  async seek(position) {
    this.position = Math.min(this.range[1], Math.max(this.range[0], position));
    this.due = 0;
    await this.show();
  }

  async show() {
    const request = ++this.request;
    const { position } = this;
    try {
      await this.replay.prepare(position);
    } catch {
      this.pause();
      return this.failed();
    }
    if (request === this.request) this.showFrame(this.replay.frame(position));
  }

  play() {
    if (this.isPlaying || this.replay.length === 0) return;
    if (this.atEnd) this.position = this.range[0];
    this.isPlaying = true;
    this.due = 0;
    this.last = null;
    this.changed();
    // Whoever pauses and plays on before the next tick gets no second clock.
    const run = ++this.run;
    requestAnimationFrame((time) => this.tick(time, run));
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.changed();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  async tick(time, run) {
    if (!this.isPlaying || run !== this.run) return;
    // A tab that was hidden does not catch up.
    const passed = Math.min(250, time - (this.last ?? time));
    this.last = time;
    this.due += (passed / 1000) * this.rate;
    const steps = Math.floor(this.due);
    if (steps > 0) {
      this.due -= steps;
      this.position = Math.min(this.range[1], this.position + steps);
      await this.show();
      // What comes next is decoded before it is needed.
      this.replay.prepare(Math.min(this.range[1], this.position + Math.ceil(this.rate / 2))).catch(() => {});
    }
    if (this.atEnd) this.pause();
    else requestAnimationFrame((next) => this.tick(next, run));
  }
}

// raw-frame.js

/** Observations longer than this are left out of the text. */
const MOST_NUMBERS = 4096;
/** While playing, the text changes no more often than this, in milliseconds. */
const INTERVAL = 250;

/** The frame as JSON, with the members that `arena replay cat` prints. */
class RawFrame {
  constructor(replay) {
    this.replay = replay;
    this.details = byID("raw");
    this.text = byID("raw-text");
    this.last = 0;
    this.details.addEventListener("toggle", () => this.write());
  }

  show(frame, isPlaying) {
    this.frame = frame;
    if (!isPlaying || performance.now() - this.last > INTERVAL) this.write();
  }

  write() {
    if (!this.details.open || !this.frame) return;
    this.last = performance.now();
    setText(this.text, json(this.value(this.frame)));
  }

  value(frame) {
    const value = { event: frame.isStart ? "game_start" : "frame", game: frame.game.number, time: frame.time / 1e6 };
    if (frame.isStart) {
      value.environment_seed = BigInt(frame.game.start.seed);
      value.agents = frame.game.start.agents;
      value.observations = frame.seats.map((seat) => this.bytes(seat.observation, seat.oddObservation, this.replay.observation));
      return value;
    }
    Object.assign(value, { step: frame.step, terminated: frame.terminated, truncated: frame.truncated });
    value.seats = frame.seats.map((seat, i) => this.seat(seat, this.replay.agent(frame.game, i)));
    if (frame.lateAnswers.length) value.late_answers = frame.lateAnswers;
    if (frame.info) value.info = parsed(frame.info);
    return value;
  }

  seat(seat, agent) {
    const value = {
      agent_id: agent,
      observation: this.bytes(seat.observation, seat.oddObservation, this.replay.observation),
      action: this.bytes(seat.action, seat.oddAction, this.replay.action),
      reward: seat.reward,
      think_time_us: seat.thinkTime,
    };
    if (!seat.acted) value.idle = true;
    if (seat.fault) value.fault = seat.fault.name;
    if (seat.faultMessage) value.fault_message = seat.faultMessage;
    if (seat.platformStall) value.platform_stall = true;
    if (seat.forfeited) value.forfeited = true;
    if (seat.mask) value.action_mask = [...seat.mask];
    if (seat.note) value.note = seat.note;
    return value;
  }

  bytes(bytes, odd, layout) {
    if (odd) return { bytes: Array.from(odd, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    if (!bytes) return null;
    const count = layout.leaves.reduce((sum, leaf) => sum + leaf.count, 0);
    return count > MOST_NUMBERS ? `${count} numbers, which arena replay cat prints` : layout.value(bytes);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// bytes.js

/** The bytes of base64 text. */
function fromBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Decompresses zlib's format. Works without an origin, as in a sandboxed frame. */
async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Bytes of hexadecimal digits. */
function fromHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

// columns.js

/** Arrays longer than this lie frame after frame: `PageColumns.longArray`. */
const LONG_ARRAY = 32;

/** Takes columns back to rows, one per frame, in the order in which `PageColumns` wrote them. */
class Columns {
  constructor(bytes, offset, frames) {
    this.bytes = bytes;
    this.offset = offset;
    this.frames = frames;
  }

  /** The next `count` numbers of each frame, into `rows` from `start` of each row on. */
  read(rows, rowSize, start, itemSize, count, areDifferences) {
    const { bytes, frames } = this;
    const plane = frames * count;
    const [itemStride, frameStride] = count > LONG_ARRAY ? [1, count] : [frames, 1];
    for (let item = 0; item < count; item++) {
      let from = this.offset + item * itemStride;
      let to = start + item * itemSize;
      for (let frame = 0; frame < frames; frame++) {
        if (areDifferences && frame > 0) {
          // Little-endian numbers are added from their first byte on.
          let carry = 0;
          for (let byte = 0; byte < itemSize; byte++) {
            const sum = rows[to - rowSize + byte] + bytes[from + byte * plane] + carry;
            rows[to + byte] = sum;
            carry = sum >> 8;
          }
        } else {
          for (let byte = 0; byte < itemSize; byte++) rows[to + byte] = bytes[from + byte * plane];
        }
        from += frameStride;
        to += rowSize;
      }
    }
    this.offset += plane * itemSize;
  }

  /** The next column of numbers of so many bytes, as bytes. */
  column(itemSize, areDifferences = false) {
    const rows = new Uint8Array(this.frames * itemSize);
    this.read(rows, itemSize, 0, itemSize, 1, areDifferences);
    return rows;
  }

  /** The next value of a space per frame, as rows. */
  rows(layout, areDifferences) {
    const rows = new Uint8Array(this.frames * layout.size);
    for (const leaf of layout.leaves) {
      const count = leaf.isText ? leaf.size : leaf.count;
      this.read(rows, layout.size, leaf.offset, leaf.isText ? 1 : leaf.itemSize, count, areDifferences);
    }
    return rows;
  }

  /** The next column of 64-bit integers, as numbers: exact up to 2⁵³. */
  integers(areDifferences = false) {
    const words = new Uint32Array(this.column(8, areDifferences).buffer);
    return Float64Array.from({ length: this.frames }, (_, i) => words[2 * i] + words[2 * i + 1] * 2 ** 32);
  }
}

// block.js

const ACTED = 1;
const FORFEITED = 2;
const STALL = 4;
const HAS_ACTION = 8;
const HAS_OBSERVATION = 16;
const HAS_MASK = 32;

/** Frames that were decoded together. `PageBlock` describes the bytes. */
class FrameBlock {
  /** Decodes the text of a page's part. */
  static async decode(text, observation, action) {
    return new FrameBlock(await inflate(fromBase64(text)), observation, action);
  }

  constructor(bytes, observation, action) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.observation = observation;
    this.action = action;
    this.frames = view.getUint32(0, true);
    const seats = view.getUint32(4, true);
    const columns = new Columns(bytes, 8 + 8 * seats, this.frames);
    this.steps = new Uint32Array(columns.column(4, true).buffer);
    this.times = columns.integers(true);
    this.flags = columns.column(1);
    this.seats = Array.from({ length: seats }, (_, i) => {
      const isOwn = view.getUint32(8 + 8 * i, true) > 0;
      const maskSize = view.getUint32(12 + 8 * i, true);
      const seat = {
        flags: columns.column(1),
        faults: columns.column(1),
        rewards: new Float64Array(columns.column(8).buffer),
        thinkTimes: columns.integers(),
        actions: columns.rows(action, false),
        observations: isOwn ? columns.rows(observation, true) : null,
        maskSize,
      };
      seat.masks = new Uint8Array(this.frames * maskSize);
      columns.read(seat.masks, maskSize, 0, 1, maskSize, false);
      // Sums in the order of the steps, so that they are those of the match.
      let sum = 0;
      seat.returns = seat.rewards.map((reward) => (sum += reward));
      return seat;
    });
    this.rarities = new Map(JSON.parse(new TextDecoder().decode(bytes.subarray(columns.offset))));
  }

  /** Frame `i` as values; `scores` are those before the block. */
  frame(i, scores) {
    const rare = this.rarities.get(i) ?? {};
    return {
      step: this.steps[i],
      time: this.times[i],
      terminated: (this.flags[i] & 1) > 0,
      truncated: (this.flags[i] & 2) > 0,
      lateAnswers: rare.late_answers ?? [],
      info: rare.info ?? "",
      seats: this.seats.map((seat, number) => this.seat(seat, i, rare[number] ?? {}, scores?.[number] ?? 0)),
    };
  }

  seat(seat, i, rare, score) {
    const has = (flag) => (seat.flags[i] & flag) > 0;
    const row = (rows, size) => rows.subarray(i * size, (i + 1) * size);
    return {
      acted: has(ACTED),
      forfeited: has(FORFEITED),
      platformStall: has(STALL),
      fault: FAULTS[seat.faults[i]] ?? null,
      faultMessage: rare.fault_message ?? "",
      note: rare.note ?? "",
      reward: seat.rewards[i],
      score: score + seat.returns[i],
      thinkTime: seat.thinkTimes[i],
      action: has(HAS_ACTION) ? row(seat.actions, this.action.size) : null,
      observation: has(HAS_OBSERVATION)
        ? row(seat.observations ?? this.seats[0].observations ?? new Uint8Array(0), this.observation.size)
        : null,
      mask: has(HAS_MASK) ? row(seat.masks, seat.maskSize) : null,
      // Bytes that do not fit their space.
      oddAction: rare.action ? fromHex(rare.action) : null,
      oddObservation: rare.observation ? fromHex(rare.observation) : null,
    };
  }
}

// space.js

/** The number that a float16's bits stand for. */
function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** The shortest decimal that `round` takes back to `value`, from so many digits on: 0.1, not 0.10000000149. */
function shortest(value, round, digits) {
  if (!Number.isFinite(value)) return value;
  for (let precision = 1; precision < digits; precision++) {
    const short = Number(value.toPrecision(precision));
    if (round(short) === value) return short;
  }
  return value;
}

/** Integers that a number cannot hold stay BigInts. */
function integer(big) {
  return big >= Number.MIN_SAFE_INTEGER && big <= Number.MAX_SAFE_INTEGER ? Number(big) : big;
}

const READERS = {
  bool: [1, (view, at) => view.getUint8(at)],
  int8: [1, (view, at) => view.getInt8(at)],
  uint8: [1, (view, at) => view.getUint8(at)],
  int16: [2, (view, at) => view.getInt16(at, true)],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  uint32: [4, (view, at) => view.getUint32(at, true)],
  int64: [8, (view, at) => integer(view.getBigInt64(at, true))],
  uint64: [8, (view, at) => integer(view.getBigUint64(at, true))],
  float16: [2, (view, at) => float16(view.getUint16(at, true))],
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
};

/** One array, number or text of a space. */
class Leaf {
  constructor(space, path) {
    this.space = space;
    this.path = path;
    this.offset = space.offset;
    this.size = space.size;
    this.isText = space.type === "Text";
    [this.itemSize, this.read] = READERS[this.isText ? "uint8" : space.dtype];
    this.shape = space.shape ?? [];
    this.count = this.isText ? 1 : this.size / this.itemSize;
    this.isFloat = /^float/.test(space.dtype);
  }

  /** The elements, or so many of them, flat in C order; or the text. */
  values(bytes, most = Infinity) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.isText) {
      const length = Math.min(view.getUint32(this.offset, true), this.size - 4);
      return [new TextDecoder().decode(bytes.subarray(this.offset + 4, this.offset + 4 + length))];
    }
    return Array.from({ length: Math.min(most, this.count) }, (_, i) => this.read(view, this.offset + i * this.itemSize));
  }

  /** The leaf as people and JSON have it: a number, a text, or a flat array. */
  value(bytes) {
    const values = this.values(bytes).map((value) => this.displayed(value));
    const isScalar = this.isText || this.space.type === "Discrete" || (this.space.type === "Box" && !this.shape.length);
    return isScalar ? values[0] : values;
  }

  /** A number with no more digits than its dtype holds. */
  displayed(value) {
    if (this.space.dtype === "float32") return shortest(value, Math.fround, 10);
    if (this.space.dtype === "float16") return shortest(value, (x) => nearestFloat16(x), 6);
    return value;
  }

  /** The bounds of element `i`; null where there is none. */
  bounds(i) {
    const { type, n, start, nvec, low, high } = this.space;
    if (type === "Discrete") return [start, start + n - 1];
    if (type === "MultiDiscrete") return [start[i], start[i] + nvec[i] - 1];
    if (type === "MultiBinary" || this.space.dtype === "bool") return [0, 1];
    const side = (bound) => (Array.isArray(bound) ? bound[i] : bound) ?? null;
    return [side(low), side(high)];
  }
}

/** The float16 next to `value`, as a number. */
function nearestFloat16(value) {
  const magnitude = Math.abs(value);
  if (magnitude === 0 || !Number.isFinite(magnitude)) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const unit = 2 ** (exponent - 10);
  return Math.sign(value) * Math.round(magnitude / unit) * unit;
}

/** Reads values out of bytes by the layout of their space: section 8 of the protocol. */
class Layout {
  constructor({ size, space }) {
    this.size = size;
    this.space = space;
    this.leaves = [];
    this.collect(space, []);
  }

  collect(space, path) {
    if (space.type === "Dict") for (const [key, part] of space.spaces) this.collect(part, [...path, key]);
    else if (space.type === "Tuple") space.spaces.forEach((part, i) => this.collect(part, [...path, String(i)]));
    else this.leaves.push(new Leaf(space, path));
  }

  /** The whole value: objects for Dicts, arrays for Tuples. */
  value(bytes) {
    let next = 0;
    const build = (space) => {
      // A map keeps keys like "__proto__" what they are.
      if (space.type === "Dict") return new Map(space.spaces.map(([key, part]) => [key, build(part)]));
      if (space.type === "Tuple") return space.spaces.map(build);
      return this.leaves[next++].value(bytes);
    };
    return build(this.space);
  }
}

// replay.js

/** Decoded blocks that are kept. */
const KEPT = 8;

/**
 * The replay in this page.
 *
 * A position is a state that can be shown: of every game its start, where that was recorded, and what every step led to.
 */
class Replay {
  constructor(root) {
    this.match = null;
    this.games = [];
    this.blocks = [];
    /** Runs of one fault of one seat, in the order of their first position. */
    this.faults = [];
    this.length = 0;
    /** Blocks decoded so far, for whoever wants to know what a seek costs. */
    this.decodedBlocks = 0;
    this.kept = new Map();
    const parts = [...root.querySelectorAll("script[data-part]")];
    /** Whether the page itself is here to its end. */
    this.isWhole = parts.at(-1)?.dataset.part === "close";
    // Of a page that was cut off, the last part is not to be trusted.
    for (const part of this.isWhole ? parts : parts.slice(0, -1)) this.take(part);
    if (!this.match) throw new Error("the page was cut off before the match");
    this.faults.sort((a, b) => a.first - b.first || a.seat - b.seat);
    this.observation = new Layout(this.match.observation);
    this.action = new Layout(this.match.action);
    this.seats = Math.max(1, ...this.games.map((game) => game.seats));
  }

  take(part) {
    const kind = part.dataset.part;
    if (kind === "frames") return this.takeBlock(part);
    const value = JSON.parse(part.textContent);
    if (kind === "match") this.match = value;
    else if (kind === "start") this.beginGame(value.game, value);
    else if (kind === "end") this.endGame(value);
  }

  get game() {
    return this.games.at(-1);
  }

  beginGame(number, start) {
    const agents = start?.agents.map((agent) => this.match.agents[agent] ?? `agent ${agent}`);
    this.games.push({
      index: this.games.length,
      number,
      start,
      end: null,
      first: this.length,
      last: this.length - 1,
      steps: 0,
      seats: start?.observations.length ?? 0,
      agents: agents ?? [],
      scores: [],
      /** Runs of faults by seat. */
      faults: [],
    });
    if (start) this.extend(1);
  }

  endGame(end) {
    if (this.game?.number !== end.game || this.game.end) this.beginGame(end.game, null);
    this.game.end = end;
  }

  extend(count) {
    this.length += count;
    this.game.last = this.length - 1;
  }

  takeBlock(part) {
    const { game, step, frames, faults, chart } = part.dataset;
    if (this.game?.number !== Number(game) || this.game.end) this.beginGame(Number(game), null);
    const block = {
      part,
      game: this.game,
      index: this.blocks.length,
      first: this.length,
      frames: Number(frames),
      step: Number(step),
      scores: this.game.scores,
      chart: chart === "" ? [] : chart.split(",").map((text) => (text === "" ? null : Number(text))),
      decoded: null,
    };
    const points = Math.ceil(block.frames / this.match.frames_per_point);
    const seats = block.chart.length / points / 3;
    block.seats = seats;
    // Where the scores stand after the block, those of the next one begin.
    this.game.scores = Array.from({ length: seats }, (_, seat) => block.chart[(points - 1) * 3 * seats + 3 * seat]);
    this.game.seats = Math.max(this.game.seats, seats);
    this.game.steps += block.frames;
    for (const text of faults ? faults.split(" ") : []) {
      const [frames, seat, kind] = text.split(".");
      const [first, last] = frames.split("-").map(Number);
      const runs = (this.game.faults[seat] ??= []);
      const before = runs.at(-1);
      const run = {
        first: block.first + first,
        last: block.first + last,
        seat: Number(seat),
        kind: FAULTS[kind],
        before: before ? before.before + before.last - before.first + 1 : 0,
      };
      runs.push(run);
      this.faults.push(run);
    }
    this.extend(block.frames);
    this.blocks.push(block);
  }

  /** The name of the agent in a seat of a game. */
  agent(game, seat) {
    return game.agents[seat] ?? this.match.agents[seat] ?? `seat ${seat + 1}`;
  }

  /** The game that a position belongs to. */
  gameAt(position) {
    return this.games[lastAtMost(this.games, position)] ?? this.games[0];
  }

  blockAt(position) {
    const block = this.blocks[lastAtMost(this.blocks, position)];
    return block && position < block.first + block.frames ? block : null;
  }

  /** Whether a position can be shown at once. */
  isReady(position) {
    const block = this.blockAt(position);
    return !block || this.kept.has(block.index);
  }

  /** Decodes what a position needs, unless that is there already. */
  async prepare(position) {
    const block = this.blockAt(position);
    if (!block) return;
    const { index } = block;
    if (this.kept.has(index)) {
      // The ones used last are kept.
      const decoded = this.kept.get(index);
      this.kept.delete(index);
      this.kept.set(index, decoded);
      return;
    }
    block.decoding ??= FrameBlock.decode(block.part.textContent, this.observation, this.action)
      .then((decoded) => {
        this.decodedBlocks += 1;
        this.kept.set(index, decoded);
        if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
      })
      .finally(() => (block.decoding = null));
    await block.decoding;
  }

  /** The frame at a position that is ready: what every seat sees there, and how it came to that. */
  frame(position) {
    const game = this.gameAt(position);
    const block = this.blockAt(position);
    if (!block) return this.startFrame(game, position);
    const frame = this.kept.get(block.index).frame(position - block.first, block.scores);
    return { ...frame, position, game, isStart: false };
  }

  startFrame(game, position) {
    const observations = game.start.observations.map((text) => (text === null ? null : fromBase64(text)));
    return {
      position,
      game,
      isStart: true,
      step: 0,
      time: game.start.time,
      terminated: false,
      truncated: false,
      lateAnswers: [],
      info: "",
      seats: observations.map((bytes) => {
        const observation = bytes ?? observations[0];
        return {
          acted: false,
          forfeited: false,
          platformStall: false,
          fault: null,
          faultMessage: "",
          note: "",
          reward: 0,
          score: 0,
          thinkTime: 0,
          action: null,
          mask: null,
          oddAction: null,
          observation: observation.length === this.observation.size ? observation : null,
          oddObservation: observation.length === this.observation.size ? null : observation,
        };
      }),
    };
  }

  /** The fault nearest behind (`direction` 1) or before (-1) a position: its run and the position to go to. Null where there is none. */
  faultFrom(position, direction, [from, to]) {
    let best = null;
    for (const run of this.faults) {
      const first = Math.max(run.first, from);
      const last = Math.min(run.last, to);
      if (first > last) continue;
      // Within a run every frame is a fault.
      const next = direction > 0 ? Math.max(first, position + 1) : Math.min(last, position - 1);
      if (next < first || next > last) continue;
      if (!best || (direction > 0 ? next < best.position : next > best.position)) best = { run, position: next };
    }
    return best;
  }

  /** Faults of a seat in a game up to a position: how many, the last of them, and where that was. */
  faultsUntil(position, game, seat) {
    const runs = game.faults[seat] ?? [];
    const run = runs[lastAtMost(runs, position)];
    if (!run) return { count: 0, kind: null, position: null };
    const last = Math.min(run.last, position);
    return { count: run.before + last - run.first + 1, kind: run.kind, position: last };
  }

  /** The step at a position, without its being decoded: exact where no frames are missing. */
  stepAt(position) {
    const block = this.blockAt(position);
    return block ? block.step + position - block.first : 0;
  }
}

/** The index of the last entry whose first position is not behind `position`; -1 if there is none. */
function lastAtMost(entries, position) {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].first <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// seats.js

/** The panel of one seat. */
class SeatPanel {
  constructor(seat, total) {
    this.seat = seat;
    this.name = element("bdi", { class: "agent" });
    this.score = element("p", { class: "score" });
    this.values = {};
    const list = element("dl");
    for (const [key, label] of [
      ["action", "Action"],
      ["reward", "Reward"],
      ["think", "Think"],
      ["faults", "Faults"],
    ]) {
      this.values[key] = element("dd");
      list.append(element("div", {}, element("dt", {}, label), this.values[key]));
    }
    this.mark = element("canvas", { class: "mark", "aria-hidden": "true" });
    this.faultName = element("strong");
    this.faultText = element("p", { class: "message" });
    this.fault = element("div", { class: "fault", hidden: "" }, element("p", {}, this.mark, this.faultName), this.faultText);
    this.noteText = element("bdi");
    this.note = element("p", { class: "note", hidden: "" }, element("span", { class: "visually-hidden" }, "Note: "), this.noteText);
    this.badge = element("span", { class: "badge", hidden: "" }, "forfeited");
    const side = total === 2 ? ["left", "right"][seat] : null;
    this.root = element(
      "section",
      { class: "seat", "data-seat": seat % 6, "data-side": side, "aria-label": `Seat ${seat + 1}`, tabindex: "0" },
      element(
        "header",
        {},
        element("span", { class: "swatch", "data-seat": seat % 6, "aria-hidden": "true" }),
        element("span", { class: "place" }, `Seat ${seat + 1}`),
        this.badge,
      ),
      element("h2", {}, this.name),
      this.score,
      list,
      this.fault,
      this.note,
    );
  }

  show(frame, replay, colours) {
    const seat = frame.seats[this.seat];
    this.root.hidden = !seat;
    if (!seat) return;
    setText(this.name, replay.agent(frame.game, this.seat));
    setText(this.score, number(seat.score));
    setText(this.values.action, frame.isStart ? "–" : actionWords(seat, replay));
    setText(this.values.reward, frame.isStart ? "–" : signed(seat.reward));
    setText(this.values.think, seat.acted ? duration(seat.thinkTime) : "–");
    this.values.reward.dataset.sign = Math.sign(seat.reward) || 0;
    this.root.classList.toggle("idle", !seat.acted && !frame.isStart);
    this.badge.hidden = !seat.forfeited;
    this.note.hidden = seat.note === "";
    setText(this.noteText, seat.note);
    this.showFault(frame, seat, replay, colours);
  }

  /** The fault of this frame, or else the last one before it, so that one which passed by can still be read. */
  showFault(frame, seat, replay, colours) {
    const { count, kind, position } = replay.faultsUntil(frame.position, frame.game, this.seat);
    setText(this.values.faults, number(count));
    this.fault.hidden = !kind;
    if (!kind) return;
    const isNow = position === frame.position;
    this.fault.classList.toggle("now", isNow);
    setText(this.faultName, isNow ? kind.words : `${kind.words}, step ${number(replay.stepAt(position))}`);
    const from = isNow ? seat : replay.isReady(position) ? replay.frame(position).seats[this.seat] : null;
    const stall = from?.platformStall ? "The platform itself had stalled. " : "";
    setText(this.faultText, stall + (from?.faultMessage ?? ""));
    const { context } = prepareCanvas(this.mark);
    drawMark(context, kind.shape, 7, 7, 11, colours.get(isNow ? "fault" : "muted"));
  }
}

/** The panels of all seats. */
class Seats {
  constructor(replay, colours) {
    this.replay = replay;
    this.colours = colours;
    this.panels = Array.from({ length: replay.seats }, (_, seat) => new SeatPanel(seat, replay.seats));
    byID("arena").dataset.seats = replay.seats === 2 ? "two" : replay.seats === 1 ? "one" : "many";
    byID("seats").replaceChildren(...this.panels.map((panel) => panel.root));
  }

  show(frame) {
    for (const panel of this.panels) panel.show(frame, this.replay, this.colours);
  }

  /** Who did what, in a sentence. */
  describe(frame) {
    if (frame.isStart) return "The game begins.";
    return frame.seats
      .map((seat, i) => {
        const name = this.replay.agent(frame.game, i);
        const fault = seat.fault ? `, fault: ${seat.fault.words}${seat.faultMessage ? ` (${seat.faultMessage})` : ""}` : "";
        return `${name}: ${seat.acted ? actionWords(seat, this.replay) : "not asked"}, score ${number(seat.score)}${fault}.`;
      })
      .join(" ");
  }
}

// board-stage.js

/** Games whose boards are two planes, one for the pieces of the seat that looks and one for those of the other, by the board's shape. */
const GAMES = {
  tictactoe: { shape: "3,3,2", falls: false },
  connect_four: { shape: "6,7,2", falls: true },
};

/** Around a board, in pixels. */
const BOARD_MARGIN = 14;
/** Below it, where the result comes to stand. */
const NOTE = 44;

/** The leaf that holds the board, where the game is known; else null. */
function boardLeaf(replay) {
  const game = GAMES[gameName(replay.match.environment)];
  const leaves = replay.observation.leaves.filter((leaf) => leaf.path.length === 0 || leaf.path.at(-1) === "observation");
  return game && leaves.length === 1 && leaves[0].shape.join() === game.shape ? leaves[0] : null;
}

/** Draws the boards of tic-tac-toe and connect four. */
class BoardStage {
  constructor(replay, colours, leaf) {
    this.replay = replay;
    this.colours = colours;
    this.leaf = leaf;
    this.game = gameName(replay.match.environment);
    // PettingZoo numbers the squares of tic-tac-toe column by column.
    this.isTransposed = this.game === "tictactoe";
    [this.rows, this.columns] = leaf.shape;
  }

  /** The seat whose piece lies on each square, row by row; null where there is none. */
  squares(frame) {
    // A seat's own pieces come first: any seat's view gives the same board.
    const viewer = frame.seats.findIndex((seat) => seat.observation);
    if (viewer < 0) return null;
    const values = this.leaf.values(frame.seats[viewer].observation);
    return Array.from({ length: this.rows * this.columns }, (_, square) => {
      const [row, column] = [Math.floor(square / this.columns), square % this.columns];
      const at = 2 * (this.isTransposed ? column * this.rows + row : square);
      if (values[at]) return viewer;
      return values[at + 1] ? 1 - viewer : null;
    });
  }

  /** The square of the last move; -1 where there is none. */
  lastSquare(frame, squares) {
    const mover = frame.seats.findIndex((seat) => seat.acted && seat.action);
    if (mover < 0) return -1;
    const action = Number(this.replay.action.value(frame.seats[mover].action));
    if (this.isTransposed) return (action % 3) * 3 + Math.floor(action / 3);
    for (let row = 0; row < this.rows; row++) {
      if (squares[row * this.columns + action] !== null) return row * this.columns + action;
    }
    return -1;
  }

  draw({ context, width, height }, frame) {
    const { colours, rows, columns } = this;
    const squares = this.squares(frame);
    const size = Math.min((width - 2 * BOARD_MARGIN) / columns, (height - BOARD_MARGIN - NOTE) / rows);
    const left = (width - size * columns) / 2;
    const top = BOARD_MARGIN + (height - BOARD_MARGIN - NOTE - size * rows) / 2;
    if (this.isTransposed) this.drawGrid(context, left, top, size);
    else this.drawRack(context, left, top, size);
    if (!squares) return;
    const last = this.lastSquare(frame, squares);
    for (const [square, seat] of squares.entries()) {
      const x = left + ((square % columns) + 0.5) * size;
      const y = top + (Math.floor(square / columns) + 0.5) * size;
      if (this.isTransposed) {
        if (square === last) {
          context.fillStyle = colours.get("highlight");
          context.beginPath();
          context.roundRect(x - size * 0.44, y - size * 0.44, size * 0.88, size * 0.88, 8);
          context.fill();
        }
        if (seat !== null) this.drawSign(context, seat, x, y, size);
      } else {
        this.drawDisc(context, seat, x, y, size, square === last);
      }
    }
  }

  drawGrid(context, left, top, size) {
    context.strokeStyle = this.colours.get("line-strong");
    context.lineWidth = 3;
    context.lineCap = "round";
    context.beginPath();
    for (let i = 1; i < 3; i++) {
      context.moveTo(left + i * size, top + 6);
      context.lineTo(left + i * size, top + 3 * size - 6);
      context.moveTo(left + 6, top + i * size);
      context.lineTo(left + 3 * size - 6, top + i * size);
    }
    context.stroke();
  }

  drawSign(context, seat, x, y, size) {
    const r = size * 0.27;
    context.strokeStyle = this.colours.seat(seat);
    context.lineWidth = size * 0.09;
    context.lineCap = "round";
    context.beginPath();
    if (seat === 0) {
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x + r, y - r);
      context.lineTo(x - r, y + r);
    } else {
      context.arc(x, y, r * 1.08, 0, 2 * Math.PI);
    }
    context.stroke();
  }

  drawRack(context, left, top, size) {
    context.fillStyle = this.colours.get("rack");
    context.beginPath();
    context.roundRect(left - 7, top - 7, size * this.columns + 14, size * this.rows + 14, 12);
    context.fill();
  }

  drawDisc(context, seat, x, y, size, isLast) {
    const r = size * 0.4;
    context.fillStyle = seat === null ? this.colours.get("stage") : this.colours.seat(seat);
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
    if (seat === null) return;
    // Seats differ by more than their colour.
    context.strokeStyle = this.colours.get("on-seat");
    context.lineWidth = Math.max(1.5, size * 0.035);
    context.beginPath();
    if (seat === 0) context.arc(x, y, r * 0.62, 0, 2 * Math.PI);
    else {
      context.moveTo(x - r * 0.36, y - r * 0.36);
      context.lineTo(x + r * 0.36, y + r * 0.36);
      context.moveTo(x + r * 0.36, y - r * 0.36);
      context.lineTo(x - r * 0.36, y + r * 0.36);
    }
    context.stroke();
    if (isLast) {
      context.strokeStyle = this.colours.get("text");
      context.lineWidth = 3;
      context.beginPath();
      context.arc(x, y, r + 2, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  describe(frame) {
    const squares = this.squares(frame);
    if (!squares) return "The board is not known here.";
    const rows = Array.from({ length: this.rows }, (_, row) =>
      squares
        .slice(row * this.columns, (row + 1) * this.columns)
        .map((seat) => (seat === null ? "empty" : `seat ${seat + 1}`))
        .join(", "),
    );
    return `Board, row by row: ${rows.join("; ")}.`;
  }
}

// grid-stage.js

/** The largest board that is drawn square by square. */
const LARGEST_BOARD = 32;
/** The largest image that is drawn. */
const LARGEST_IMAGE = 2048;
/** Planes shown at most. */
const MOST_PLANES = 24;

/** The leaf of an observation that is best looked at as a picture; null if there is none. */
function gridLeaf(layout) {
  return layout.leaves.find((leaf) => {
    const [height, width, planes = 1] = leaf.shape;
    if (leaf.isText || leaf.shape.length < 2 || leaf.shape.length > 3) return false;
    if (height < 2 || width < 2) return false;
    if (Math.max(height, width) <= LARGEST_BOARD) return true;
    return isImage(leaf) && Math.max(height, width) <= LARGEST_IMAGE && [1, 3, 4].includes(planes);
  });
}

function isImage(leaf) {
  return leaf.space.dtype === "uint8" && [1, 3, 4].includes(leaf.shape[2] ?? 1) && leaf.shape[0] > LARGEST_BOARD;
}

/** Draws arrays of two or three dimensions: images as images, anything else plane by plane, as fields of colour. */
class GridStage {
  constructor(colours, leaf) {
    this.colours = colours;
    this.leaf = leaf;
    [this.rows, this.columns, this.planes = 1] = leaf.shape;
    this.shown = Math.min(this.planes, MOST_PLANES);
    this.image = isImage(leaf) ? document.createElement("canvas") : null;
  }

  draw({ context, width, height }, bytes) {
    if (!bytes) return;
    if (this.image) return this.drawImage(context, width, height, bytes);
    const values = this.leaf.values(bytes).map(Number);
    const [low, high] = this.range(values);
    const { across, size } = this.arrangement(width, height);
    const label = this.planes > 1 ? 14 : 0;
    const gap = 10;
    const planeWidth = size * this.columns;
    const planeHeight = size * this.rows + label;
    const down = Math.ceil(this.shown / across);
    const left = (width - across * planeWidth - (across - 1) * gap) / 2;
    const top = (height - down * planeHeight - (down - 1) * gap) / 2;
    for (let plane = 0; plane < this.shown; plane++) {
      const x = left + (plane % across) * (planeWidth + gap);
      const y = top + Math.floor(plane / across) * (planeHeight + gap);
      if (label) {
        context.fillStyle = this.colours.get("muted");
        context.font = "11px ui-sans-serif, system-ui, sans-serif";
        context.textBaseline = "top";
        context.textAlign = "left";
        const isLast = plane === this.shown - 1 && this.shown < this.planes;
        context.fillText(isLast ? `plane ${plane} of ${this.planes}` : `plane ${plane}`, x, y, planeWidth);
      }
      this.drawPlane(context, values, plane, x, y + label, size, low, high);
    }
  }

  /** How many planes beside each other make the largest squares. */
  arrangement(width, height) {
    const label = this.planes > 1 ? 14 : 0;
    let best = { across: 1, size: 0 };
    for (let across = 1; across <= this.shown; across++) {
      const down = Math.ceil(this.shown / across);
      const size = Math.min(
        (width - 20 - (across - 1) * 10) / (across * this.columns),
        (height - 20 - (down - 1) * 10 - down * label) / (down * this.rows),
      );
      if (size > best.size) best = { across, size };
    }
    return best;
  }

  drawPlane(context, values, plane, x, y, size, low, high) {
    const line = size > 6 ? 1 : 0;
    context.fillStyle = this.colours.get("line");
    context.fillRect(x, y, size * this.columns, size * this.rows);
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        const value = values[(row * this.columns + column) * this.planes + plane];
        context.fillStyle = this.colours.get("stage");
        context.fillRect(x + column * size + line, y + row * size + line, size - line, size - line);
        context.globalAlpha = Number.isFinite(value) && high > low ? (value - low) / (high - low) : value > low ? 1 : 0;
        context.fillStyle = this.colours.get("accent");
        context.fillRect(x + column * size + line, y + row * size + line, size - line, size - line);
        context.globalAlpha = 1;
      }
    }
  }

  /** What is drawn lightest and darkest: the space's bounds where they are near, else the values there are. */
  range(values) {
    const [low, high] = this.leaf.bounds(0).map((bound) => (bound === null ? null : Number(bound)));
    if (low !== null && high !== null && high - low <= 1024) return [low, high];
    const finite = values.filter(Number.isFinite);
    return [Math.min(...finite), Math.max(...finite)];
  }

  drawImage(context, width, height, bytes) {
    const { rows, columns, planes, leaf, image } = this;
    [image.width, image.height] = [columns, rows];
    const inner = image.getContext("2d");
    const data = inner.createImageData(columns, rows);
    for (let pixel = 0; pixel < rows * columns; pixel++) {
      const from = leaf.offset + pixel * planes;
      for (let channel = 0; channel < 3; channel++) data.data[4 * pixel + channel] = bytes[from + (planes > 1 ? channel : 0)];
      data.data[4 * pixel + 3] = planes === 4 ? bytes[from + 3] : 255;
    }
    inner.putImageData(data, 0, 0);
    const scale = Math.min(width / columns, height / rows);
    context.imageSmoothingEnabled = scale < 1;
    const [w, h] = [columns * scale, rows * scale];
    context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  }

  describe() {
    const kind = this.image ? "an image" : this.planes > 1 ? `${this.planes} planes` : "a grid";
    return `The observation, drawn as ${kind} of ${this.rows} by ${this.columns}.`;
  }
}

// pong-stage.js

/** Frames of the ball's trail. */
const TRAIL = 14;
/** Where the paddles stand, from the game's rules. */
const LEFT_FACE = 0.05;
const RIGHT_FACE = 0.95;
/** The part of the canvas above the upper wall, and below the lower one. */
const WALL_MARGIN = 0.035;
/** A ball that moved further than this in one frame was served anew. */
const SERVE = 0.2;

/** Whether a replay is one of pong: by name, and by what its observations look like. */
function isPong(replay) {
  const [leaf] = replay.observation.leaves;
  return /(^|:)pong$/.test(replay.match.environment) && leaf?.space.type === "Box" && leaf.count === 8;
}

/** Draws pong from the eight numbers that both players see. */
class PongStage {
  static aspect = 3 / 2;

  constructor(replay, colours) {
    this.replay = replay;
    this.colours = colours;
    const settings = replay.match.configuration;
    this.paddleHeight = Number(settings.paddle_height ?? 0.2);
    this.ballRadius = Number(settings.ball_radius ?? 0.02);
  }

  numbers(frame) {
    const bytes = frame.seats.find((seat) => seat.observation)?.observation;
    return bytes ? this.replay.observation.leaves[0].values(bytes) : null;
  }

  /** Where the ball was before, newest first, as far as that is decoded. */
  trail(frame) {
    const points = [];
    for (let position = frame.position; position > frame.position - TRAIL && position >= frame.game.first; position--) {
      if (!this.replay.isReady(position)) break;
      const state = this.numbers(this.replay.frame(position));
      if (!state) break;
      const last = points.at(-1);
      if (last && Math.hypot(last[0] - state[0], last[1] - state[1]) > SERVE) break;
      points.push([state[0], state[1]]);
    }
    return points;
  }

  draw({ context, width, height }, frame) {
    const { colours } = this;
    // The walls stand back a little, so that a ball which touches them is seen whole.
    const margin = height * WALL_MARGIN;
    const court = { width, top: margin, height: height - 2 * margin };
    this.drawCourt(context, court);
    const state = this.numbers(frame);
    if (!state) return;
    const [x, y, , , left, right, leftPoints, rightPoints] = state;
    this.drawPoints(context, court, leftPoints, rightPoints);
    this.drawPaddle(context, court, left, LEFT_FACE, -1, colours.seat(0));
    this.drawPaddle(context, court, right, RIGHT_FACE, 0, colours.seat(1));

    const radius = Math.max(3.5, this.ballRadius * height * 0.8);
    const ball = (at, size) => {
      context.beginPath();
      context.arc(at[0] * width, court.top + at[1] * court.height, size, 0, 2 * Math.PI);
      context.fill();
    };
    context.fillStyle = colours.get("ball");
    const trail = matchMedia("(prefers-reduced-motion: reduce)").matches ? [] : this.trail(frame);
    for (let i = trail.length - 1; i > 0; i--) {
      context.globalAlpha = 0.22 * (1 - i / TRAIL);
      ball(trail[i], radius * (1 - (0.55 * i) / TRAIL));
    }
    context.globalAlpha = 1;
    ball([x, y], radius);
  }

  drawPaddle(context, court, centre, face, side, colour) {
    const width = Math.max(5, court.width * 0.014);
    const length = this.paddleHeight * court.height;
    context.save();
    context.beginPath();
    context.rect(0, court.top, court.width, court.height);
    context.clip();
    context.fillStyle = colour;
    context.beginPath();
    // Its face is where the ball turns back.
    context.roundRect(face * court.width + side * width, court.top + centre * court.height - length / 2, width, length, width / 2);
    context.fill();
    context.restore();
  }

  drawCourt(context, { width, top, height }) {
    context.strokeStyle = this.colours.get("court-line");
    context.lineWidth = 2;
    context.beginPath();
    for (const wall of [top - 1, top + height + 1]) {
      context.moveTo(0, wall);
      context.lineTo(width, wall);
    }
    context.stroke();
    context.setLineDash([height / 41, height / 41]);
    context.beginPath();
    context.moveTo(width / 2, top);
    context.lineTo(width / 2, top + height);
    context.stroke();
    context.setLineDash([]);
  }

  drawPoints(context, { width, top, height }, left, right) {
    context.fillStyle = this.colours.get("court-text");
    context.font = `600 ${Math.round(height * 0.15)}px ui-sans-serif, system-ui, sans-serif`;
    context.textBaseline = "top";
    context.textAlign = "right";
    context.fillText(number(left), width / 2 - width * 0.05, top + height * 0.05);
    context.textAlign = "left";
    context.fillText(number(right), width / 2 + width * 0.05, top + height * 0.05);
  }

  describe(frame) {
    const state = this.numbers(frame);
    if (!state) return "The state of the game is not known here.";
    const [x, y, vx, , left, right, leftPoints, rightPoints] = state;
    const percent = (value) => `${Math.round(value * 100)} %`;
    return (
      `Points ${leftPoints} to ${rightPoints}. Ball ${percent(x)} from the left and ${percent(y)} from the top, moving ` +
      `${vx < 0 ? "left" : "right"}. Paddles ${percent(left)} and ${percent(right)} from the top.`
    );
  }
}

// values-stage.js

/** Numbers of one array that get a row of their own. */
const MOST_ROWS = 64;

/** Shows an observation as a table with a bar for each number, between its bounds or those seen so far. */
class ValuesStage {
  constructor(table, leaves) {
    this.rows = [];
    const body = element("tbody");
    for (const leaf of leaves) {
      const count = Math.min(leaf.count, MOST_ROWS);
      for (let i = 0; i < count; i++) body.append(this.makeRow(leaf, i));
      if (count < leaf.count) {
        const rest = `${leaf.path.join(".") || "observation"}: ${number(leaf.count - count)} more in the raw frame`;
        body.append(element("tr", {}, element("td", { colspan: 3, class: "more" }, rest)));
      }
    }
    table.replaceChildren(element("caption", { class: "visually-hidden" }, "Observation"), body);
  }

  makeRow(leaf, i) {
    const name = leaf.path.join(".");
    const place = leaf.count > 1 || leaf.shape.length ? `[${index(leaf.shape, i)}]` : "";
    const value = element("td", { class: "value" });
    const fill = element("span", { class: "fill" });
    const bar = element("td", { class: "bar" }, element("span", { class: "track" }, fill));
    this.rows.push({ leaf, i, value, fill, low: Infinity, high: -Infinity });
    return element("tr", {}, element("th", { scope: "row" }, name + place || "value"), value, bar);
  }

  draw(bytes) {
    const read = new Map();
    for (const row of this.rows) {
      if (!bytes) {
        setText(row.value, "–");
        continue;
      }
      if (!read.has(row.leaf)) read.set(row.leaf, row.leaf.values(bytes, MOST_ROWS));
      const value = row.leaf.displayed(read.get(row.leaf)[row.i]);
      setText(row.value, typeof value === "string" ? clipped(value, 200) || "(empty)" : number(value, 5));
      this.drawBar(row, Number(value));
    }
  }

  drawBar(row, value) {
    if (row.leaf.isText || !Number.isFinite(value)) {
      row.fill.style.width = "0";
      return;
    }
    row.low = Math.min(row.low, value, 0);
    row.high = Math.max(row.high, value, 0);
    let [low, high] = row.leaf.bounds(row.i).map((bound, side) => (bound === null ? [row.low, row.high][side] : Number(bound)));
    if (!(high - low > 0) || high - low > 1e6) [low, high] = [row.low, row.high];
    const at = (x) => (high > low ? Math.min(1, Math.max(0, (x - low) / (high - low))) : 0);
    // Bars grow from zero where zero is within the bounds.
    const [from, to] = [at(Math.min(0, value)), at(Math.max(0, value))];
    row.fill.style.left = `${100 * from}%`;
    row.fill.style.width = `${Math.max(0.5, 100 * (to - from))}%`;
    row.fill.classList.toggle("negative", value < 0);
  }
}

/** The place of a flat index in an array: `1, 2`. */
function index(shape, i) {
  const places = [];
  for (const extent of [...shape].reverse()) {
    places.unshift(i % extent);
    i = Math.floor(i / extent);
  }
  return places.join(", ");
}

// stage.js

/** The place where the game is seen: drawn where it is known, as what a seat observes otherwise. */
class Stage {
  constructor(replay, colours) {
    this.replay = replay;
    this.box = byID("stage");
    this.canvas = byID("canvas");
    this.note = byID("stage-note");
    this.viewer = 0;
    const board = boardLeaf(replay);
    if (isPong(replay)) {
      this.game = new PongStage(replay, colours);
      this.box.dataset.shape = "court";
    } else if (board) {
      this.game = new BoardStage(replay, colours, board);
      this.box.dataset.shape = "board";
    } else {
      this.chooseView(colours);
    }
  }

  /** Any other game: a picture where an array looks like one, and the rest in a table. */
  chooseView(colours) {
    const leaf = gridLeaf(this.replay.observation);
    const rest = this.replay.observation.leaves.filter((other) => other !== leaf);
    if (leaf) this.grid = new GridStage(colours, leaf);
    this.box.dataset.shape = leaf ? (rest.length ? "mixed" : "board") : "table";
    this.canvas.hidden = !leaf;
    const table = byID("values");
    if (rest.length) {
      this.values = new ValuesStage(table, rest);
      byID("values-box").hidden = false;
    }
    const select = byID("viewer");
    for (let seat = 0; seat < this.replay.seats; seat++) select.append(element("option", { value: seat }, `seat ${seat + 1}`));
    select.addEventListener("change", () => {
      this.viewer = Number(select.value);
      if (this.shown) this.draw(this.shown);
    });
  }

  draw(frame) {
    this.shown = frame;
    this.game?.draw(prepareCanvas(this.canvas), frame);
    if (!this.game) this.offerViewers(frame);
    const bytes = frame.seats[this.viewer]?.observation ?? null;
    this.grid?.draw(prepareCanvas(this.canvas), bytes);
    this.values?.draw(bytes);
    this.say(this.noteFor(frame));
  }

  /** Lets people choose whose observation they look at, from the first frame on in which they differ. */
  offerViewers({ seats }) {
    const box = byID("viewer-box");
    if (!box.hidden || !seats.some((seat) => seat.observation && differ(seat.observation, seats[0].observation))) return;
    box.hidden = false;
  }

  /** Writes a line over the picture; an empty one takes it away. */
  say(text) {
    this.note.hidden = text === "";
    setText(this.note, text);
  }

  /** Where a game begins, and how it ended. */
  noteFor({ game, position, isStart, seats }) {
    if (isStart && game.steps > 0) return this.replay.games.length > 1 ? `Game ${game.index + 1}` : "";
    if (position < game.last) return "";
    if (!game.end) return "The recording ends here";
    const winner = game.end.outcomes.indexOf("win");
    const result = winner >= 0 ? `${this.replay.agent(game, winner)} wins` : game.end.outcomes.includes("draw") ? "A draw" : "No winner";
    // The fault that ended a game came after its last frame.
    const faults = game.end.faults.filter(({ message }) => message).map(({ seat, message }) => `${this.replay.agent(game, seat)} ${message}`);
    if (faults.length) return `${result}: ${faults.join("; ")}`;
    const forfeits = seats.flatMap((seat, i) => (seat.forfeited ? [this.replay.agent(game, i)] : []));
    if (game.end.reason === "forfeit" || forfeits.length) return `${result}${forfeits.length ? `: ${forfeits.join(", ")} forfeited` : " by forfeit"}`;
    const reasons = { terminated: "", truncated: `, cut off after ${counted(game.end.steps, "step")}`, aborted: ", the game was broken off" };
    return result + (reasons[game.end.reason] ?? "");
  }

  /** What is to be seen, for those who cannot see it. */
  describe(frame) {
    if (this.game) return this.game.describe(frame);
    return this.grid ? this.grid.describe() : "The observation is in the table.";
  }
}

/** Whether two observations are different ones: those that are stored once are the same. */
function differ(first, second) {
  if (!second) return true;
  if (first.buffer === second.buffer && first.byteOffset === second.byteOffset) return false;
  return first.some((byte, i) => byte !== second[i]);
}

// theme.js

/** Dark or light: as the system has it, until somebody presses the button. Nothing is stored. */
class Theme {
  constructor(button, changed) {
    this.button = button;
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.chosen = null;
    this.changed = changed;
    button.addEventListener("click", () => this.toggle());
    this.system.addEventListener("change", () => this.apply());
    this.apply();
  }

  get isDark() {
    return this.chosen === null ? this.system.matches : this.chosen === "dark";
  }

  toggle() {
    this.chosen = this.isDark ? "light" : "dark";
    this.apply();
  }

  apply() {
    if (this.chosen) document.documentElement.dataset.theme = this.chosen;
    this.button.setAttribute("aria-label", this.isDark ? "Light theme" : "Dark theme");
    this.changed();
  }
}

// timeline.js

/** Half the width of the slider's thumb: where its track begins. */
const INSET = 8;
/** What the name of a game takes. */
const LABEL = 46;
/** Marks closer than this are drawn as one. */
const MARK = 11;

/** The slider, and above it the marks of faults and games. */
class Timeline {
  constructor(replay, colours, seek) {
    this.replay = replay;
    this.colours = colours;
    this.slider = byID("position");
    this.marks = byID("marks");
    this.slider.addEventListener("input", () => seek(Number(this.slider.value)));
    this.marks.addEventListener("pointerdown", (event) => {
      const { width } = this.marks.getBoundingClientRect();
      const part = (event.offsetX - INSET) / Math.max(1, width - 2 * INSET);
      const [from, to] = this.range;
      const position = Math.round(from + Math.min(1, Math.max(0, part)) * (to - from));
      seek(this.nearMark(event.offsetX) ?? position);
    });
    this.setRange([0, Math.max(0, replay.length - 1)]);
  }

  setRange(range) {
    this.range = range;
    [this.slider.min, this.slider.max] = range;
    const [faults, games] = [this.visibleFaults().length, this.boundaries().length];
    this.marks.hidden = faults + games === 0;
    // The names of games stand above the marks of faults.
    this.marks.classList.toggle("tall", faults > 0 && games > 0);
    this.draw();
  }

  visibleFaults() {
    const [from, to] = this.range;
    return this.replay.faults.filter((run) => run.first <= to && run.last >= from);
  }

  /** First positions of games after the first one that can be seen. */
  boundaries() {
    const [from, to] = this.range;
    return this.replay.games.filter((game) => game.first > from && game.first <= to && game.last >= game.first);
  }

  x(position, width) {
    const [from, to] = this.range;
    return INSET + ((position - from) / Math.max(1, to - from)) * (width - 2 * INSET);
  }

  draw() {
    if (this.marks.hidden) return;
    const { context, width, height } = prepareCanvas(this.marks);
    const boundaries = this.boundaries();
    context.fillStyle = this.colours.get("muted");
    context.font = "10px ui-sans-serif, system-ui, sans-serif";
    context.textBaseline = "top";
    let labelled = -Infinity;
    for (const game of boundaries) {
      const x = Math.round(this.x(game.first, width));
      context.fillRect(x, 0, 1, height);
      if (x - labelled < LABEL || width - x < LABEL) continue;
      context.fillText(`game ${number(game.index + 1)}`, x + 3, 0);
      labelled = x;
    }
    this.placed = [];
    for (const run of this.visibleFaults()) {
      const x = this.x(Math.max(run.first, this.range[0]), width);
      const end = this.x(Math.min(run.last, this.range[1]), width);
      const lane = height - 7 - (run.seat % 2 ? 0 : 8) + (this.replay.seats > 1 ? 0 : 8);
      if (end - x > MARK) {
        context.fillStyle = this.colours.seat(run.seat);
        context.globalAlpha = 0.35;
        context.fillRect(x, lane - 1.5, end - x, 3);
        context.globalAlpha = 1;
      }
      const last = this.placed.findLast((mark) => mark.seat === run.seat);
      if (last && x - last.x < MARK && last.kind === run.kind) continue;
      this.placed.push({ x, seat: run.seat, kind: run.kind, position: run.first });
      drawMark(context, run.kind.shape, x, lane, 9, this.colours.seat(run.seat));
    }
  }

  /** The fault whose mark is under the pointer. */
  nearMark(x) {
    const near = (this.placed ?? []).filter((mark) => Math.abs(mark.x - x) < MARK / 2);
    near.sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x));
    return near[0]?.position;
  }

  show(position, text) {
    this.slider.value = position;
    const [from, to] = this.range;
    this.slider.style.setProperty("--progress", String((position - from) / Math.max(1, to - from)));
    if (text !== null) this.slider.setAttribute("aria-valuetext", text);
  }
}

// main.js

/** Steps that Shift and an arrow go. */
const STRIDE = 10;

/** Steps per second at speed 1: as the game is meant to be drawn; slower where every step is a move to think about. */
function stepsPerSecond(replay) {
  const { render_fps: fps } = replay.match.configuration;
  if (Number(fps) > 0) return Math.min(240, Number(fps));
  return ["tictactoe", "connect_four", "rock_paper_scissors"].includes(gameName(replay.match.environment)) ? 2 : 15;
}

/** Ties the parts of the page together. */
class Page {
  constructor(replay) {
    this.replay = replay;
    this.colours = new Colours();
    this.stage = new Stage(replay, this.colours);
    this.seats = new Seats(replay, this.colours);
    this.raw = new RawFrame(replay);
    this.player = new Player(replay, stepsPerSecond(replay), {
      show: (frame) => this.show(frame),
      changed: () => this.showState(),
      failed: () => this.stage.say("The frames here are damaged"),
    });
    const seek = (position) => this.seek(position);
    this.timeline = new Timeline(replay, this.colours, seek);
    this.charts = new Charts(replay, this.colours, seek);
    this.theme = new Theme(byID("theme"), () => this.redraw());
    writeFacts(replay, (game) => this.watch(game));
    this.writeGameMenu();
    this.writeSpeeds();
    this.writeFaultLegend();
    this.listen();
    this.setRange(this.player.range);
    new ResizeObserver(() => this.redraw()).observe(byID("stage"));
  }

  // What is shown

  show(frame) {
    this.frame = frame;
    this.stage.draw(frame);
    this.seats.show(frame);
    this.charts.show(frame.position);
    this.raw.show(frame, this.player.isPlaying);
    const place = this.place(frame);
    setText(byID("place"), place.short);
    this.timeline.show(frame.position, this.player.isPlaying ? null : place.long);
    const [from, to] = this.player.range;
    byID("first").disabled = byID("back").disabled = frame.position <= from;
    byID("last").disabled = byID("forward").disabled = frame.position >= to;
    if (!this.player.isPlaying) this.announce();
  }

  place({ game, isStart, step }) {
    const last = game.end?.steps || game.steps;
    const short = isStart ? `Start / ${number(last)}` : `${number(step)} / ${number(last)}`;
    const series = this.replay.games.length > 1 ? `, game ${game.index + 1} of ${this.replay.games.length}` : "";
    return { short: series ? `Game ${game.index + 1} · ${short}` : short, long: (isStart ? "Start" : `Step ${step} of ${last}`) + series };
  }

  /** Tells screen readers what is to be seen, once it stands still. */
  announce() {
    clearTimeout(this.announcement);
    this.announcement = setTimeout(() => {
      if (this.player.isPlaying || !this.frame) return;
      const text = `${this.place(this.frame).long}. ${this.seats.describe(this.frame)} ${this.stage.describe(this.frame)}`;
      setText(byID("announcement"), text);
      this.stage.canvas.setAttribute("aria-label", this.stage.describe(this.frame));
    }, 300);
  }

  showState() {
    const { isPlaying, atEnd } = this.player;
    const button = byID("play");
    button.dataset.state = isPlaying ? "playing" : "paused";
    button.setAttribute("aria-label", isPlaying ? "Pause" : "Play");
    button.title = isPlaying ? "Pause (space)" : atEnd ? "Play again (space)" : "Play (space)";
    if (isPlaying || !this.frame) return;
    this.timeline.show(this.frame.position, this.place(this.frame).long);
    this.raw.show(this.frame, false);
    this.announce();
  }

  /** Draws everything again that depends on sizes and colours. */
  redraw() {
    this.colours.forget();
    this.timeline?.draw();
    if (this.charts?.score.range) this.charts.draw();
    this.drawFaultLegend();
    if (this.frame) {
      this.stage.draw(this.frame);
      this.seats.show(this.frame);
    }
  }

  // What can be done

  seek(position) {
    return this.player.seek(position);
  }

  /** One step or more, which ends playing. */
  step(count) {
    this.player.pause();
    return this.seek(this.player.position + count);
  }

  fault(direction) {
    const found = this.replay.faultFrom(this.player.position, direction, this.player.range);
    this.player.pause();
    if (found) this.seek(found.position);
    else setText(byID("announcement"), direction > 0 ? "No further fault." : "No earlier fault.");
  }

  setSpeed(speed) {
    this.player.speed = speed;
    byID("speed").value = String(SPEEDS.indexOf(speed));
  }

  changeSpeed(by) {
    const index = SPEEDS.indexOf(this.player.speed) + by;
    if (SPEEDS[index]) this.setSpeed(SPEEDS[index]);
  }

  /** Looks at one game alone; null for the whole match. */
  watch(game) {
    byID("game").value = game ? String(game.index) : "all";
    this.setRange(game ? [game.first, Math.max(game.first, game.last)] : [0, this.replay.length - 1]);
    if (game) {
      this.seek(game.first);
      byID("arena").scrollIntoView({ block: "nearest" });
    }
  }

  changeGame(by) {
    const game = this.replay.games[this.replay.gameAt(this.player.position).index + by];
    if (!game) return;
    if (byID("game").value === "all") this.seek(game.first);
    else this.watch(game);
  }

  setRange(range) {
    this.timeline.setRange(range);
    this.charts.setRange(range);
    this.player.setRange(range);
    const hasFaults = this.replay.faults.some((run) => run.first <= range[1] && run.last >= range[0]);
    byID("next-fault").disabled = byID("previous-fault").disabled = !hasFaults;
  }

  // How it is written

  writeGameMenu() {
    const { games } = this.replay;
    if (games.length < 2) return;
    byID("game-box").hidden = false;
    const select = byID("game");
    select.append(element("option", { value: "all" }, `All ${games.length} games`));
    for (const game of games) select.append(element("option", { value: game.index }, `Game ${game.index + 1}`));
    select.addEventListener("change", () => this.watch(select.value === "all" ? null : games[Number(select.value)]));
  }

  writeSpeeds() {
    const select = byID("speed");
    for (const [i, speed] of SPEEDS.entries()) {
      select.append(element("option", { value: i }, speed === Infinity ? "max" : `${speed}×`));
    }
    select.addEventListener("change", () => this.setSpeed(SPEEDS[Number(select.value)]));
    this.setSpeed(1);
  }

  /** Which mark stands for which fault, of those that there are. */
  writeFaultLegend() {
    const counts = new Map();
    for (const run of this.replay.faults) counts.set(run.kind, (counts.get(run.kind) ?? 0) + run.last - run.first + 1);
    const kinds = Object.values(FAULTS).filter((kind) => counts.has(kind));
    this.faultMarks = kinds.map((kind) => [kind, element("canvas", { class: "mark", "aria-hidden": "true" })]);
    byID("fault-legend").replaceChildren(
      ...this.faultMarks.map(([kind, mark]) => element("li", {}, mark, `${number(counts.get(kind))} × ${kind.words}`)),
    );
    byID("faults-box").hidden = kinds.length === 0;
    this.drawFaultLegend();
  }

  drawFaultLegend() {
    for (const [kind, mark] of this.faultMarks ?? []) {
      const context = mark.getContext("2d");
      const ratio = 2;
      mark.width = mark.height = 14 * ratio;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawMark(context, kind.shape, 7, 7, 10, this.colours.get("muted"));
    }
  }

  listen() {
    const click = (id, action) => byID(id).addEventListener("click", action);
    click("play", () => this.player.toggle());
    click("first", () => this.seek(this.player.range[0]));
    click("last", () => this.seek(this.player.range[1]));
    click("back", () => this.step(-1));
    click("forward", () => this.step(1));
    click("previous-fault", () => this.fault(-1));
    click("next-fault", () => this.fault(1));
    click("help", () => this.help());
    click("close-help", () => byID("help-dialog").close());
    this.stage.canvas.addEventListener("click", () => this.player.toggle());
    listenToKeys({
      " ": () => this.player.toggle(),
      k: () => this.player.toggle(),
      ArrowLeft: () => this.step(-1),
      ArrowRight: () => this.step(1),
      "Shift+ArrowLeft": () => this.step(-STRIDE),
      "Shift+ArrowRight": () => this.step(STRIDE),
      PageUp: () => this.page(-1),
      PageDown: () => this.page(1),
      Home: () => this.seek(this.player.range[0]),
      End: () => this.seek(this.player.range[1]),
      f: () => this.fault(1),
      F: () => this.fault(-1),
      "+": () => this.changeSpeed(1),
      "=": () => this.changeSpeed(1),
      "-": () => this.changeSpeed(-1),
      "]": () => this.changeGame(1),
      "[": () => this.changeGame(-1),
      t: () => this.theme.toggle(),
      "?": () => this.help(),
    });
  }

  /** A tenth of the range. */
  page(direction) {
    const [from, to] = this.player.range;
    this.step(direction * Math.max(1, Math.round((to - from) / 10)));
  }

  help() {
    this.player.pause();
    byID("help-dialog").showModal();
  }
}

/** Says in the middle of the page why there is nothing to play. */
function showProblem(text) {
  byID("arena").dataset.seats = "none";
  byID("stage").dataset.shape = "empty";
  byID("charts").hidden = true;
  byID("canvas").hidden = true;
  byID("problem").hidden = false;
  setText(byID("problem"), text);
  for (const control of byID("controls").querySelectorAll("button, input, select")) control.disabled = true;
}

async function start() {
  if (!globalThis.DecompressionStream) return showProblem("This browser is too old to play the replay: it cannot decompress it.");
  const replay = new Replay(document);
  if (replay.length === 0) {
    writeFacts(replay, () => {});
    showProblem("No step of this match was recorded.");
  } else {
    const page = new Page(replay);
    await page.seek(0);
    globalThis.arenaReplay = page;
  }
  byID("page-cut").hidden = replay.isWhole;
  document.documentElement.dataset.state = "ready";
}

start().catch((error) => {
  showProblem(`The replay cannot be played: ${error.message}`);
  document.documentElement.dataset.state = "failed";
  throw error;
});

"""##
}
