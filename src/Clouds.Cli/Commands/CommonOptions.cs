using Clouds.Cli.Settings;
using Clouds.Diagnostics;
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

    [Option("config", MetaValue = "FILE", HelpText =
        "Configuration: one JSON file; settings that it leaves out are those of its \"base\", another file beside it or a preset, or keep their defaults.")]
    public string? Config { get; set; }

    [Option("set", MetaValue = "KEY=VALUE", HelpText = "Override one setting, for instance execution.device=cpu; may be given several times.")]
    public IEnumerable<string> Set { get; set; } = [];

    /// <summary>Reads the configuration that these options name.</summary>
    public LoadedSettings<CloudsSettings> LoadSettings(Preset? preset = null) => PresetOr(preset) is Preset chosen
        ? LoadSettings(CloudsSettings.Of(chosen), SettingShape.CamelCase(chosen.ToString()))
        : LoadSettings(null, null);

    /// <summary>Reads the configuration that these options name, on top of other start values than the defaults.</summary>
    /// <param name="start">Start values; null: the defaults.</param>
    /// <param name="startName">What `config show` calls them.</param>
    public LoadedSettings<CloudsSettings> LoadSettings(CloudsSettings? start, string? startName) =>
        SettingsReader.Read(Files(), [.. Set, .. Shorthands], start, startName);

    /// <summary>The preset to start from: what the configuration file stands on, or what was asked for.</summary>
    /// <param name="asked">What was asked for; null: nothing.</param>
    /// <exception cref="CloudsException">Usage: there are two of them, or there is no such preset.</exception>
    public Preset? PresetOr(Preset? asked)
    {
        if (Files().Preset is not NamedPreset named)
        {
            return asked;
        }

        Preset preset = CloudsSettings.PresetOf(named);
        return asked is null || asked == preset ? preset : throw new CloudsException(Failure.Usage, "two presets are named", named.Origin,
            $"base '{named.Name}', and --preset {SettingShape.CamelCase(asked.Value.ToString())}", "one of them", "leave --preset out, or take the base out");
    }

    private ConfigurationChain Files() => Config is null ? ConfigurationChain.None : ConfigurationChain.Read(Config);

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
