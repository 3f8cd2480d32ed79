namespace Clouds.Cli.Reports;

/// <summary>How an x-ray looks: the whole on one wide screen, a column on a phone, light or dark as the reader has it.</summary>
internal static class XrayStyle
{
    /// <summary>The style sheet.</summary>
    public const string Sheet = """
        * { box-sizing: border-box; } html { scroll-padding-top: 1rem; }
        body { font: 13px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 0; padding: 0.6rem; }
        h1 { font-size: 1.05rem; margin: 0 0 0.5rem; } h1 small { font-weight: normal; color: var(--soft); }
        h2 { font-size: 0.9rem; margin: 0.8rem 0 0.35rem; } a { color: inherit; }
        figure { margin: 0; } figcaption { color: var(--soft); padding-top: 0.15rem; }
        .frame { position: relative; line-height: 0; background: #000; } .frame img { width: 100%; height: auto; display: block; }
        .frame svg { position: absolute; inset: 0; width: 100%; height: 100%; }
        .steps { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.5rem; }
        .classes { display: grid; grid-template-columns: repeat(auto-fill, minmax(122px, 1fr)); gap: 0.4rem; }
        .classes figcaption { font-size: 0.85em; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(264px, 1fr)); gap: 0.4rem; font-size: 0.92em; }
        .card { background: var(--even); border: 1px solid var(--rule); border-radius: 4px; padding: 0.3rem; overflow: hidden; }
        .card:target { outline: 3px solid var(--mark); } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0.25rem; align-items: start; }
        .card .pair { grid-template-columns: repeat(4, 1fr); text-decoration: none; }
        .pair i { position: absolute; right: 0; bottom: 0; padding: 0 0.2em; line-height: 1.25; font-style: normal; background: #000c; color: #fff; }
        .pair i.chosen { background: #ffe600; color: #000; font-weight: bold; }
        .pair .frame { display: flex; align-items: center; justify-content: center; } .pair img { max-height: 72px; width: auto; max-width: 100%; }
        .pair .fit { position: relative; display: inline-block; line-height: 0; }
        .card p { margin: 0.2rem 0 0; } .card b { white-space: nowrap; }
        .swatch { display: inline-block; width: 0.8em; height: 0.8em; border: 1px solid var(--rule); }
        .lost { color: var(--mark); } .soft { color: var(--soft); }
        .box { fill: transparent; stroke: none; } .number { fill: #fff; stroke: #000; stroke-opacity: 0.8; paint-order: stroke; }
        .point { fill: #ffe600; stroke: #000; } a:target .box, a:hover .box, a:focus .box { stroke: #ff0046; }
        table { border-collapse: collapse; } td, th { padding: 0.1rem 0.6rem 0.1rem 0; text-align: right; } td:first-child, th:first-child { text-align: left; }
        @media (max-width: 1000px) { .steps { grid-template-columns: repeat(3, 1fr); } }
        @media (max-width: 600px) { body { font-size: 15px; } .steps { grid-template-columns: 1fr; } .classes { grid-template-columns: 1fr 1fr; }
          .cards { grid-template-columns: 1fr; } .pair img { max-height: 150px; } .cards, .classes figcaption { font-size: 1em; } }
        """;
}
