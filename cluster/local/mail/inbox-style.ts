/** The inbox's look: one column that suits a phone, light and dark. */
export const INBOX_STYLE = `
:root { color-scheme: light dark; --line: light-dark(#e5e3df, #33312e); --soft: light-dark(#6f6b64, #a39e95);
  --paper: light-dark(#fff, #201f1d); --accent: light-dark(#c2410c, #fb923c); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1.25rem 1rem 3rem; background: light-dark(#faf9f7, #171614);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0 0 1rem; }
a { color: var(--accent); }
ul { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
li + li { border-top: 1px solid var(--line); }
li a { display: grid; grid-template-columns: 1fr auto; gap: 0 .75rem; padding: .8rem 1rem; background: var(--paper);
  color: inherit; text-decoration: none; }
li a:hover, li a:focus-visible { background: light-dark(#fff7ed, #2b2622); }
li span { grid-column: 1 / -1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
li .to { grid-column: 1; } li .to, time, .preview, dt, .empty { color: var(--soft); font-size: .875rem; }
.subject { font-weight: 600; }
.empty { padding: 3rem 1rem; text-align: center; border: 1px dashed var(--line); border-radius: 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: 0 0 1rem; }
dd { margin: 0; }
iframe, pre { width: 100%; border: 1px solid var(--line); border-radius: 14px; background: #fff; }
iframe { height: 70vh; }
pre { background: var(--paper); padding: 1rem; margin: 0 0 1rem; white-space: pre-wrap; font: inherit; }
`;
