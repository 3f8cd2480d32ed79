using Clouds.Cli.Settings;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options that every verb has.</summary>
internal class CommonOptions
{
    [Option("json", HelpText = "Write results as JSON lines on standard output, progress and errors as JSON lines on standard error.")]
    public bool Json { get; set; }

    [Option("verbose", HelpText = "Say more; show stack traces of failures.")]
    public bool Verbose { get; set; }

    [Option("device", MetaValue = "auto|cpu|cuda|cuda:N", HelpText =
        "Where to compute; auto: the first GPU where it works, the processor otherwise; cuda:N: GPU N, from 0. "
        + "Default: execution.device of the configuration.")]
    public virtual string? Device { get; set; }

    [Option("config", MetaValue = "FILE", HelpText = "Configuration: one JSON file; settings that it leaves out keep their defaults.")]
    public string? Config { get; set; }

    [Option("set", MetaValue = "KEY=VALUE", HelpText = "Override one setting, for instance execution.device=cpu; may be given several times.")]
    public IEnumerable<string> Set { get; set; } = [];

    /// <summary>Reads the configuration that these options name.</summary>
    public LoadedSettings<CloudsSettings> LoadSettings(Preset? preset = null) =>
        LoadSettings(preset is Preset chosen ? CloudsSettings.Of(chosen) : null, preset is null ? null : SettingShape.CamelCase(preset.Value.ToString()));

    /// <summary>Reads the configuration that these options name, on top of other start values than the defaults.</summary>
    /// <param name="start">Start values; null: the defaults.</param>
    /// <param name="startName">What `config show` calls them.</param>
    public LoadedSettings<CloudsSettings> LoadSettings(CloudsSettings? start, string? startName) =>
        SettingsReader.Load(
            Config,
            [.. Set, .. Shorthands],
            start,
            startName);

    /// <summary>Settings that have an option of their own here, as --set writes them.</summary>
    protected virtual IEnumerable<string> Shorthands => Device is null ? [] : [$"execution.device={Device}"];
}

/// <summary>Common options of a verb that can also run the CUDA kernels in the emulator.</summary>
internal class EmulatedDeviceOptions : CommonOptions
{
    [Option("device", MetaValue = "auto|cpu|cuda|cuda:N|emulated", HelpText =
        "Where to compute; auto: the first GPU where it works, the processor otherwise; cuda:N: GPU N, from 0; emulated: the processor, but our CUDA kernels "
        + "in the emulator. Default: execution.device of the configuration.")]
    public override string? Device { get; set; }
}
