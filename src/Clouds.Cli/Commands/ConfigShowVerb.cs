using Clouds.Cli.Console;
using Clouds.Cli.Settings;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds config show`.</summary>
internal sealed class ConfigShowVerb : Verb<ConfigShowVerb.Options>
{
    public override string Name => "config show";

    public override string Summary => "print every setting with its origin";

    public override string Description =>
        "Reads the configuration as any other verb would and prints every setting: its key, its value, where the value comes from "
        + "(default, preset, file and line, or --set), its unit, and the source of the default.\n\n"
        + "A configuration is one JSON file. Comments and trailing commas are allowed; unknown keys are refused with the nearest "
        + "name. Its member \"base\" names what it stands on: another file, from its own folder, or a preset; what the file says itself goes before. "
        + "Overrides with --set come last and win.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds config show", "The defaults and where they come from."),
        new("clouds config show --config run.json --set execution.device=cpu", "What a run with this file and this override would use."),
        new("clouds config show --preset small", "The settings of a small network, for `clouds train --preset small`."),
        new("clouds config show --preset mini", "The same, but for an encoder that is built in."),
        new("clouds config show --json", "The same for scripts."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        IReadOnlyList<SettingLeaf> leaves = options.LoadSettings(options.Preset).Provenance.Leaves;
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(leaves));
        }
        else
        {
            TextTable.Write(context.Console, ["key", "value", "origin", "unit", "source"], leaves.Select(Row));
        }

        return ExitCodes.Success;
    }

    private static IReadOnlyList<string> Row(SettingLeaf leaf) =>
        [leaf.Key, SettingConversion.Show(leaf.Value), leaf.Origin, leaf.Unit ?? "", leaf.Source ?? ""];

    /// <summary>What to show.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("preset", MetaValue = Presets.Names, HelpText = "Settings to start from, as in `clouds train`. Default: gta, which is also called paper.")]
        public Preset? Preset { get; set; }
    }
}
