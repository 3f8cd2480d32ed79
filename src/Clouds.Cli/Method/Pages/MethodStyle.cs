namespace Clouds.Cli.Method.Pages;

/// <summary>What the page of the whole method adds to the style sheet: wide on a screen, a column on a phone, light on paper.</summary>
internal static class MethodStyle
{
    /// <summary>The style sheet.</summary>
    public static string Sheet { get; } = Rules + string.Concat(Enumerable.Range(0, 8).Select(i =>
        $"\n.m{i} {{ --mine: var(--c{i}); }} path.m{i} {{ fill: var(--c{i}); stroke: var(--c{i}); }}"));

    private const string Rules = """
        body { max-width: 1180px; } html { scroll-padding-top: 1rem; } h1 { line-height: 1.2; } h2 { border-top: 1px solid var(--rule); padding-top: 1.2rem; }
        p, li { max-width: 52rem; } a { color: var(--c0); } p.soft { color: var(--soft); font-size: 0.9rem; margin-top: 0.3rem; }
        .story { display: grid; grid-template-columns: 1fr 1fr; gap: 1.6rem; align-items: start; } .story ol { padding-left: 1.3rem; margin: 0; }
        .story li { margin-bottom: 0.5rem; }
        .pipeline { max-width: 600px; } .pipeline a { text-decoration: none; } .pipeline rect { stroke: var(--soft); fill: var(--page); stroke-width: 1.2; }
        .pipeline rect.foundation { fill: var(--even); stroke: var(--c0); stroke-width: 2; }
        .pipeline a:hover rect, .pipeline a:focus rect { stroke: var(--mark); }
        .pipeline text { text-anchor: middle; } .pipeline text.name { font-size: 15px; font-weight: 600; fill: var(--ink); }
        .pipeline text.soft { font-size: 13px; } .arrow { fill: none; stroke: var(--soft); stroke-width: 1.5; } .slow { stroke-dasharray: 4 3; }
        .point { fill: var(--soft); }
        nav { margin: 1.2rem 0 0; } nav a { display: inline-block; margin: 0 0.5rem 0.4rem 0; padding: 0.15rem 0.7rem; border: 1px solid var(--rule);
          border-radius: 1rem; text-decoration: none; }
        .verdict { font-size: 1.15rem; line-height: 1.45; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 0.8rem; max-width: 52rem; }
        .cards div { border: 1px solid var(--rule); border-top: 4px solid var(--mine, var(--c2)); border-radius: 6px; padding: 0.5rem 0.8rem; }
        .cards b { display: block; font-size: 1.8rem; line-height: 1.2; font-variant-numeric: tabular-nums; } .cards span { color: var(--soft); }
        .cards .gain { background: var(--even); }
        .chart { max-width: 620px; } .mark { stroke-width: 1.6; } path.mark.hollow { fill: var(--page); stroke-width: 2; }
        .span { stroke: var(--rule); stroke-width: 3; } svg .strong { font-weight: 700; }
        .grid caption { text-align: left; color: var(--soft); font-size: 0.85rem; padding-bottom: 0.4rem; }
        table.grid { font-size: 0.9rem; } table.grid td, table.grid th { padding: 0.25rem 0.4rem; text-align: right; font-variant-numeric: tabular-nums; }
        table.grid th { font-weight: 600; vertical-align: bottom; } table.grid th.group { text-align: center; font-weight: 400; color: var(--soft); }
        table.grid .group, table.grid .group + .group { border-left: 1px solid var(--rule); } table.grid .mean { background: var(--even); }
        table.grid tbody th { text-align: left; position: sticky; left: 0; background: var(--page); min-width: 8.5rem; vertical-align: middle; }
        table.grid tbody tr:nth-child(even) { background: none; } table.grid small { display: block; font-weight: 400; color: var(--soft); font-size: 0.83em; }
        table.grid td small { white-space: nowrap; }
        table.grid .marked th, table.grid .marked td { color: var(--mark); }
        .row { grid-template-columns: repeat(4, 1fr); gap: 0.5rem; }
        .row img, .steps img { image-rendering: pixelated; border-radius: 3px; } .row img[src^="data:image/jpeg"] { image-rendering: auto; }
        .gallery { grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); } .gallery img { border-radius: 3px; }
        .steps { display: grid; grid-template-columns: repeat(5, 1fr); gap: 0.5rem; margin-top: 1rem; } .frame { position: relative; line-height: 0; }
        .frame img { width: 100%; height: auto; } .frame svg { position: absolute; inset: 0; width: 100%; height: 100%; }
        .asked { fill: #ffe600; stroke: #000; stroke-width: 0.5; }
        @media (max-width: 800px) { .story { grid-template-columns: 1fr; } .steps { grid-template-columns: repeat(3, 1fr); } }
        @media (max-width: 600px) { .row, .steps { grid-template-columns: 1fr 1fr; } .gallery { grid-template-columns: 1fr 1fr; } .bars { font-size: 1rem; }
          table.grid tbody th { min-width: 7rem; } }
        @media print { html, body { font-size: 11px; } body { margin: 0; max-width: none; } nav { display: none; } h2, h3 { break-after: avoid; }
          .story { grid-template-columns: 1fr 1fr; } .row, .steps, figure, tr, .cards { break-inside: avoid; } .scroll { overflow: visible; }
          .row { grid-template-columns: repeat(4, 1fr); } .steps { grid-template-columns: repeat(5, 1fr); }
          .gallery { grid-template-columns: repeat(6, 1fr); } .chart { max-width: 420px; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          table.grid { font-size: 8.5px; } table.grid td, table.grid th { padding: 1px 3px; } table.grid tbody th { min-width: 6rem; } }
        """;
}
